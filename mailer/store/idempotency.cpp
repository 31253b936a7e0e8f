#include "mailer/store/idempotency.h"

#include <utility>

#include "mailer/store/session.h"

namespace sealpost::store {

using base::FromMillis;
using base::Result;
using base::ToMillis;

Result<void> InsertAnswer(Session& session, std::string_view key, const StoredAnswer& answer) {
  // An answer that has run out stands in nobody's way, whether or not it has been swept up yet.
  auto swept = session.Execute("DELETE FROM idempotency WHERE key = $1 AND created_at < $2",
                               {key, ToMillis(answer.created_at - kAnswerLifetime)});
  if (!swept) return std::unexpected(std::move(swept.error()));
  auto inserted = session.Execute(
      "INSERT INTO idempotency (key, fingerprint, status, body, created_at) VALUES ($1, $2, $3, $4, $5)",
      {key, answer.fingerprint, answer.status, answer.body, ToMillis(answer.created_at)});
  if (inserted) return {};
  if (inserted.error().kind == base::ErrorKind::kConflict) {
    return base::Fail(base::ErrorKind::kConflict, "this Idempotency-Key has an answer already", "Idempotency-Key");
  }
  return std::unexpected(std::move(inserted.error()));
}

Result<std::optional<StoredAnswer>> FindAnswer(Session& session, std::string_view key, base::Time not_before) {
  auto rows = session.Select(
      "SELECT fingerprint, status, body, created_at FROM idempotency WHERE key = $1 AND created_at >= $2",
      {Column::kText, Column::kNumber, Column::kText, Column::kNumber}, {key, ToMillis(not_before)});
  if (!rows) return std::unexpected(std::move(rows.error()));
  if (rows->Size() == 0) return std::nullopt;
  return StoredAnswer{rows->Text(0, 0), static_cast<int>(rows->Number(0, 1)), rows->Text(0, 2),
                      FromMillis(rows->Number(0, 3))};
}

Result<void> ForgetAnswersBefore(Session& session, base::Time time) {
  auto gone = session.Execute("DELETE FROM idempotency WHERE created_at < $1", {ToMillis(time)});
  if (!gone) return std::unexpected(std::move(gone.error()));
  return {};
}

}  // namespace sealpost::store
