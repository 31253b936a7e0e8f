#include "mailer/store/outcomes.h"

#include <algorithm>
#include <string>
#include <utility>

#include "mailer/store/emails.h"
#include "mailer/store/session.h"
#include "mailer/store/times.h"

namespace sealpost::store {

using base::ErrorKind;
using base::Fail;
using base::FromMillis;
using base::Result;
using base::ToMillis;

namespace {

int Weight(model::DeliveryState state) {
  switch (state) {
    case model::DeliveryState::kQueued:
    case model::DeliveryState::kDelayed:
    case model::DeliveryState::kScheduled:
      return 0;
    case model::DeliveryState::kSuppressed:
    case model::DeliveryState::kCanceled:
      return 1;
    case model::DeliveryState::kSent:
      return 2;
    case model::DeliveryState::kDelivered:
      return 3;
    case model::DeliveryState::kComplained:
      return 4;
    case model::DeliveryState::kFailed:
      return 5;
    case model::DeliveryState::kBounced:
      return 6;
  }
  return 0;
}

model::Event ReadEvent(const Rows& rows, std::size_t row) {
  model::Event event;
  event.email_id = rows.Text(row, 0);
  event.delivery_id = rows.Text(row, 1);
  event.type = rows.Text(row, 2);
  event.at = FromMillis(rows.Number(row, 3));
  event.recipient = rows.Text(row, 4);
  event.attempt = static_cast<int>(rows.Number(row, 5));
  event.host = rows.Text(row, 6);
  event.reply = rows.Text(row, 7);
  event.tls = rows.Text(row, 8);
  if (const auto next = rows.MaybeNumber(row, 9)) event.next_attempt_at = FromMillis(*next);
  event.uncertain = rows.Number(row, 10) != 0;
  return event;
}

// The accepting of what is sent at once is not stored a second time: the rows of the deliveries say it.
Result<void> AddAcceptance(Session& session, std::string_view email_id, std::vector<model::Event>& events) {
  auto rows = session.Select(
      "SELECT d.id, d.recipient, e.created_at FROM deliveries d JOIN emails e ON e.id = d.email_id"
      " WHERE d.email_id = $1 AND e.scheduled_at IS NULL ORDER BY d.id",
      {Column::kText, Column::kText, Column::kNumber}, {email_id});
  if (!rows) return std::unexpected(std::move(rows.error()));
  for (std::size_t row = 0; row < rows->Size(); ++row) {
    model::Event& event = events.emplace_back();
    event.email_id = email_id;
    event.delivery_id = rows->Text(row, 0);
    event.type = "email.sent";
    event.recipient = rows->Text(row, 1);
    event.at = FromMillis(rows->Number(row, 2));
  }
  return {};
}

}  // namespace

bool Replaces(model::DeliveryState next, model::DeliveryState current) {
  return Weight(next) >= Weight(current);
}

Result<void> RecordOutcome(Session& session, const model::Delivery& delivery, const model::Event& event) {
  auto rows = session.Select("SELECT state, attempts FROM deliveries WHERE id = $1", {Column::kText, Column::kNumber},
                             {delivery.id});
  if (!rows) return std::unexpected(std::move(rows.error()));
  if (rows->Size() == 0) return Fail(ErrorKind::kNotFound, "there is no delivery with this id", "id");
  const auto current = model::ParseState(rows->Text(0, 0));
  // Attempts only grow, because a late bounce may carry a count read before the latest attempt.
  const std::int64_t attempts = std::max<std::int64_t>(delivery.attempts, rows->Number(0, 1));
  auto updated =
      !current || Replaces(delivery.state, *current)
          ? session.Execute(
                "UPDATE deliveries SET state = $1, attempts = $2, next_attempt_at = $3, held_by = $4, let_out_at = $5"
                " WHERE id = $6",
                {model::StateName(delivery.state), attempts, ToMillis(delivery.next_attempt_at), delivery.held_by,
                 MaybeMillis(delivery.let_out_at), delivery.id})
          : session.Execute("UPDATE deliveries SET attempts = $1 WHERE id = $2", {attempts, delivery.id});
  if (!updated) return std::unexpected(std::move(updated.error()));
  return InsertEvent(session, event);
}

Result<void> InsertEvent(Session& session, const model::Event& event) {
  std::optional<std::int64_t> next;
  if (event.next_attempt_at) next = ToMillis(*event.next_attempt_at);
  auto inserted = session.Execute(
      "INSERT INTO events (email_id, delivery_id, type, at, recipient, attempt, host, reply, tls, next_attempt_at,"
      " uncertain) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
      {event.email_id, event.delivery_id, event.type, ToMillis(event.at), event.recipient, event.attempt, event.host,
       event.reply, event.tls, next, event.uncertain ? 1 : 0});
  if (!inserted) return std::unexpected(std::move(inserted.error()));
  return {};
}

Result<std::vector<model::Event>> EventsOf(Session& session, std::string_view email_id) {
  std::vector<model::Event> events;
  if (auto added = AddAcceptance(session, email_id, events); !added) return std::unexpected(std::move(added.error()));
  auto rows = session.Select(
      "SELECT email_id, delivery_id, type, at, recipient, attempt, host, reply, tls, next_attempt_at, uncertain"
      " FROM events WHERE email_id = $1 ORDER BY at, position",
      {Column::kText, Column::kText, Column::kText, Column::kNumber, Column::kText, Column::kNumber, Column::kText,
       Column::kText, Column::kText, Column::kNumber, Column::kNumber},
      {email_id});
  if (!rows) return std::unexpected(std::move(rows.error()));
  for (std::size_t row = 0; row < rows->Size(); ++row) events.push_back(ReadEvent(*rows, row));
  return events;
}

}  // namespace sealpost::store
