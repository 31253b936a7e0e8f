#include "mailer/store/domain_checks.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "mailer/store/session.h"
#include "mailer/store/times.h"

namespace sealpost::store {

using base::FromMillis;
using base::Result;
using base::ToMillis;

Result<void> PutDomainCheck(Session& session, const DomainCheck& check) {
  return Done(session.Execute(
      "INSERT INTO domain_checks (domain, checked_at, known_at, verdict, since, failing_since, seen_keys, report,"
      " known_report) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
      " ON CONFLICT (domain) DO UPDATE SET checked_at = excluded.checked_at, known_at = excluded.known_at,"
      " verdict = excluded.verdict, since = excluded.since, failing_since = excluded.failing_since,"
      " seen_keys = excluded.seen_keys, report = excluded.report, known_report = excluded.known_report",
      {check.domain, ToMillis(check.checked_at), MaybeMillis(check.known_at), check.verdict, ToMillis(check.since),
       MaybeMillis(check.failing_since), check.seen_keys, check.report, check.known_report}));
}

Result<std::vector<DomainCheck>> AllDomainChecks(Session& session) {
  auto rows = session.Select(
      "SELECT domain, checked_at, known_at, verdict, since, failing_since, seen_keys, report, known_report"
      " FROM domain_checks ORDER BY domain",
      {Column::kText, Column::kNumber, Column::kNumber, Column::kText, Column::kNumber, Column::kNumber, Column::kText,
       Column::kText, Column::kText});
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<DomainCheck> checks;
  for (std::size_t row = 0; row < rows->Size(); ++row) {
    checks.push_back({rows->Text(row, 0), FromMillis(rows->Number(row, 1)), MaybeTime(rows->MaybeNumber(row, 2)),
                      rows->Text(row, 3), FromMillis(rows->Number(row, 4)), MaybeTime(rows->MaybeNumber(row, 5)),
                      rows->Text(row, 6), rows->Text(row, 7), rows->Text(row, 8)});
  }
  return checks;
}

Result<void> DeleteDomainCheck(Session& session, std::string_view domain) {
  return Done(session.Execute("DELETE FROM domain_checks WHERE domain = $1", {domain}));
}

Result<void> InsertDomainChange(Session& session, const DomainChange& change) {
  auto inserted = Done(
      session.Execute("INSERT INTO domain_changes (domain, at, was, verdict, findings) VALUES ($1, $2, $3, $4, $5)",
                      {change.domain, ToMillis(change.at), change.was, change.verdict, change.findings}));
  if (!inserted) return inserted;
  return Done(session.Execute(
      "DELETE FROM domain_changes WHERE domain = $1 AND position <="
      " (SELECT position FROM domain_changes WHERE domain = $2 ORDER BY position DESC LIMIT 1 OFFSET $3)",
      {change.domain, change.domain, static_cast<std::int64_t>(kDomainChangesKept)}));
}

Result<std::vector<DomainChange>> DomainChanges(Session& session, std::string_view domain, std::size_t limit) {
  auto rows = session.Select(
      "SELECT domain, at, was, verdict, findings FROM domain_changes WHERE domain = $1"
      " ORDER BY position DESC LIMIT $2",
      {Column::kText, Column::kNumber, Column::kText, Column::kText, Column::kText},
      {domain, static_cast<std::int64_t>(std::min(limit, kDomainChangesKept))});
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<DomainChange> changes;
  for (std::size_t row = 0; row < rows->Size(); ++row) {
    changes.push_back({rows->Text(row, 0), FromMillis(rows->Number(row, 1)), rows->Text(row, 2), rows->Text(row, 3),
                       rows->Text(row, 4)});
  }
  return changes;
}

}  // namespace sealpost::store
