#include "mailer/store/limit_signals.h"

#include <cstdint>
#include <utility>

#include "mailer/store/session.h"

namespace sealpost::store {

namespace {

constexpr auto kSignalColumns = {Column::kText, Column::kNumber, Column::kText, Column::kText};

}  // namespace

base::Result<void> InsertLimitSignal(Session& session, const LimitSignal& signal) {
  return Done(session.Execute("INSERT INTO limit_signals (id, at, kind, subject) VALUES ($1, $2, $3, $4)",
                              {signal.id, base::ToMillis(signal.at), signal.kind, signal.subject}));
}

base::Result<std::vector<LimitSignal>> FindLimitSignals(Session& session, const LimitSignalFilter& filter,
                                                        std::size_t limit) {
  // "g" comes after every id.
  const std::string_view before = filter.before.empty() ? std::string_view("g") : filter.before;
  const auto most = static_cast<std::int64_t>(limit);
  // Two statements, so that one mailbox is found by its index.
  auto rows = filter.subject.empty()
                  ? session.Select(
                        "SELECT id, at, kind, subject FROM limit_signals WHERE id < $1 AND ($2 = '' OR kind = $3)"
                        " ORDER BY id DESC LIMIT $4",
                        kSignalColumns, {before, filter.kind, filter.kind, most})
                  : session.Select(
                        "SELECT id, at, kind, subject FROM limit_signals WHERE subject = $1 AND id < $2"
                        " AND ($3 = '' OR kind = $4) ORDER BY id DESC LIMIT $5",
                        kSignalColumns, {filter.subject, before, filter.kind, filter.kind, most});
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<LimitSignal> signals;
  for (std::size_t row = 0; row < rows->Size(); ++row) {
    signals.push_back(
        {rows->Text(row, 0), base::FromMillis(rows->Number(row, 1)), rows->Text(row, 2), rows->Text(row, 3)});
  }
  return signals;
}

base::Result<void> SweepLimitSignals(Session& session, base::Time since, std::size_t most) {
  auto old = Done(session.Execute("DELETE FROM limit_signals WHERE at < $1", {base::ToMillis(since)}));
  if (!old) return old;
  return Done(
      session.Execute("DELETE FROM limit_signals WHERE id <="
                      " (SELECT id FROM limit_signals ORDER BY id DESC LIMIT 1 OFFSET $1)",
                      {static_cast<std::int64_t>(most)}));
}

}  // namespace sealpost::store
