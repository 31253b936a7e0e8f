#include "mailer/store/audit.h"

#include <cstdint>
#include <utility>

#include "mailer/store/session.h"

namespace sealpost::store {

namespace {

base::Result<std::vector<AuditEntry>> ToEntries(base::Result<Rows> rows) {
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<AuditEntry> entries;
  for (std::size_t row = 0; row < rows->Size(); ++row) {
    entries.push_back({base::FromMillis(rows->Number(row, 0)), rows->Text(row, 1), rows->Text(row, 2),
                       rows->Text(row, 3), rows->Text(row, 4)});
  }
  return entries;
}

}  // namespace

base::Result<void> InsertAudit(Session& session, const AuditEntry& entry) {
  auto inserted = session.Execute("INSERT INTO audit (at, actor, action, subject, reason) VALUES ($1, $2, $3, $4, $5)",
                                  {base::ToMillis(entry.at), entry.actor, entry.action, entry.subject, entry.reason});
  if (!inserted) return std::unexpected(std::move(inserted.error()));
  return {};
}

base::Result<std::vector<AuditEntry>> AuditOf(Session& session, std::string_view subject, std::size_t limit) {
  return ToEntries(session.Select(
      "SELECT at, actor, action, subject, reason FROM audit WHERE subject = $1 ORDER BY position DESC LIMIT $2",
      {Column::kNumber, Column::kText, Column::kText, Column::kText, Column::kText},
      {subject, static_cast<std::int64_t>(limit)}));
}

base::Result<std::vector<AuditEntry>> AuditSince(Session& session, std::string_view action, base::Time since) {
  return ToEntries(session.Select(
      "SELECT at, actor, action, subject, reason FROM audit WHERE action = $1 AND at >= $2 ORDER BY position DESC",
      {Column::kNumber, Column::kText, Column::kText, Column::kText, Column::kText}, {action, base::ToMillis(since)}));
}

}  // namespace sealpost::store
