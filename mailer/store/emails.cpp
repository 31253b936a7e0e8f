#include "mailer/store/emails.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "mailer/store/email_details.h"
#include "mailer/store/session.h"
#include "mailer/store/times.h"

namespace sealpost::store {

using base::ErrorKind;
using base::Fail;
using base::FromMillis;
using base::Result;
using base::ToMillis;

namespace {

Result<void> WithoutCount(Result<std::size_t> changed) {
  if (!changed) return std::unexpected(std::move(changed.error()));
  return {};
}

std::unexpected<base::Error> NoEmail() {
  return Fail(ErrorKind::kNotFound, "there is no email with this id", "id");
}

Result<void> InsertDelivery(Session& session, const model::Delivery& delivery) {
  return WithoutCount(
      session.Execute("INSERT INTO deliveries (id, email_id, recipient, mailbox, state, attempts, next_attempt_at,"
                      " held_by, let_out_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                      {delivery.id, delivery.email_id, delivery.recipient.ToString(), delivery.mailbox,
                       model::StateName(delivery.state), delivery.attempts, ToMillis(delivery.next_attempt_at),
                       delivery.held_by, MaybeMillis(delivery.let_out_at)}));
}

constexpr auto kDeliveryColumns = {Column::kText,   Column::kText,   Column::kText, Column::kText,  Column::kText,
                                   Column::kNumber, Column::kNumber, Column::kText, Column::kNumber};

model::Delivery ReadDelivery(const Rows& rows, std::size_t row) {
  model::Delivery delivery;
  delivery.id = rows.Text(row, 0);
  delivery.email_id = rows.Text(row, 1);
  delivery.recipient = SplitAddress(rows.Text(row, 2));
  delivery.mailbox = rows.Text(row, 3);
  delivery.state = model::ParseState(rows.Text(row, 4)).value_or(model::DeliveryState::kFailed);
  delivery.attempts = static_cast<int>(rows.Number(row, 5));
  delivery.next_attempt_at = FromMillis(rows.Number(row, 6));
  delivery.held_by = rows.Text(row, 7);
  delivery.let_out_at = MaybeTime(rows.MaybeNumber(row, 8));
  return delivery;
}

model::Email ReadEmailColumns(const Rows& rows) {
  model::Email email;
  email.id = rows.Text(0, 0);
  email.created_at = FromMillis(rows.Number(0, 1));
  email.key_id = rows.Text(0, 2);
  email.topic_id = rows.Text(0, 3);
  email.extras.category = rows.Text(0, 4);
  email.extras.expires_at = MaybeTime(rows.MaybeNumber(0, 5));
  email.scheduled_at = MaybeTime(rows.MaybeNumber(0, 6));
  return email;
}

}  // namespace

Result<void> InsertEmail(Session& session, const model::Email& email, const std::vector<model::Delivery>& deliveries) {
  auto inserted = session.Execute(
      "INSERT INTO emails (id, created_at, key_id, from_domain, topic_id, category, expires_at, scheduled_at, details,"
      " raw) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
      {email.id, ToMillis(email.created_at), email.key_id, email.from.address.domain, email.topic_id,
       email.extras.category, MaybeMillis(email.extras.expires_at), MaybeMillis(email.scheduled_at),
       WriteDetails(email), Blob{email.raw.bytes}});
  if (!inserted) return std::unexpected(std::move(inserted.error()));
  for (const auto& delivery : deliveries) {
    if (auto done = InsertDelivery(session, delivery); !done) return done;
  }
  return {};
}

Result<model::Email> FindEmail(Session& session, std::string_view id, bool with_body) {
  auto rows = session.Select(
      "SELECT id, created_at, key_id, topic_id, category, expires_at, scheduled_at, details FROM emails WHERE id = $1",
      {Column::kText, Column::kNumber, Column::kText, Column::kText, Column::kText, Column::kNumber, Column::kNumber,
       Column::kText},
      {id});
  if (!rows) return std::unexpected(std::move(rows.error()));
  if (rows->Size() == 0) return NoEmail();
  model::Email email = ReadEmailColumns(*rows);
  if (auto read = ReadDetails(rows->Text(0, 7), email); !read) return std::unexpected(std::move(read.error()));
  if (with_body) {
    auto body = session.Select("SELECT raw FROM emails WHERE id = $1", {Column::kBlob}, {id});
    if (!body) return std::unexpected(std::move(body.error()));
    if (body->Size() == 0) return NoEmail();
    email.raw.bytes = body->Bytes(0, 0);
  }
  return email;
}

Result<std::vector<model::Delivery>> DeliveriesOf(Session& session, std::string_view email_id) {
  auto rows = session.Select(
      "SELECT id, email_id, recipient, mailbox, state, attempts, next_attempt_at, held_by, let_out_at FROM deliveries"
      " WHERE email_id = $1 ORDER BY id",
      kDeliveryColumns, {email_id});
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<model::Delivery> deliveries;
  for (std::size_t row = 0; row < rows->Size(); ++row) deliveries.push_back(ReadDelivery(*rows, row));
  return deliveries;
}

Result<model::Delivery> FindDelivery(Session& session, std::string_view delivery_id) {
  auto rows = session.Select(
      "SELECT id, email_id, recipient, mailbox, state, attempts, next_attempt_at, held_by, let_out_at FROM deliveries"
      " WHERE id = $1",
      kDeliveryColumns, {delivery_id});
  if (!rows) return std::unexpected(std::move(rows.error()));
  if (rows->Size() == 0) return Fail(ErrorKind::kNotFound, "there is no delivery with this id", "id");
  return ReadDelivery(*rows, 0);
}

Result<void> MoveEmail(Session& session, std::string_view id, base::Time scheduled_at) {
  return WithoutCount(
      session.Execute("UPDATE emails SET scheduled_at = $1 WHERE id = $2", {ToMillis(scheduled_at), id}));
}

Result<model::RawMessage> LoadContent(Session& session, std::string_view email_id) {
  auto rows =
      session.Select("SELECT details, raw FROM emails WHERE id = $1", {Column::kText, Column::kBlob}, {email_id});
  if (!rows) return std::unexpected(std::move(rows.error()));
  if (rows->Size() == 0) return NoEmail();
  model::Email email;
  if (auto read = ReadDetails(rows->Text(0, 0), email); !read) return std::unexpected(std::move(read.error()));
  email.raw.bytes = rows->Bytes(0, 1);
  return std::move(email.raw);
}

Result<std::vector<model::Job>> PendingJobs(Session& session, std::int64_t after_millis, std::string_view after_id,
                                            std::size_t limit) {
  // The condition on state is word for word that of the partial index, or SQLite would not use it.
  auto rows = session.Select(
      "SELECT d.id, d.email_id, d.recipient, d.mailbox, d.state, d.attempts, d.next_attempt_at, d.held_by,"
      " d.let_out_at, e.from_domain, e.topic_id, e.expires_at, e.created_at, e.category, e.scheduled_at"
      " FROM deliveries d JOIN emails e ON e.id = d.email_id"
      " WHERE d.state IN ('queued', 'delivery_delayed', 'scheduled') AND (d.next_attempt_at, d.id) > ($1, $2)"
      " ORDER BY d.next_attempt_at, d.id LIMIT $3",
      {Column::kText, Column::kText, Column::kText, Column::kText, Column::kText, Column::kNumber, Column::kNumber,
       Column::kText, Column::kNumber, Column::kText, Column::kText, Column::kNumber, Column::kNumber, Column::kText,
       Column::kNumber},
      {after_millis, after_id, static_cast<std::int64_t>(std::min<std::size_t>(limit, INT64_MAX))});
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<model::Job> jobs;
  jobs.reserve(rows->Size());
  for (std::size_t row = 0; row < rows->Size(); ++row) {
    model::Job& job = jobs.emplace_back();
    job.delivery = ReadDelivery(*rows, row);
    job.from_domain = rows->Text(row, 9);
    job.topic_id = rows->Text(row, 10);
    job.expires_at = MaybeTime(rows->MaybeNumber(row, 11));
    job.created_at = FromMillis(rows->Number(row, 12));
    job.category = rows->Text(row, 13);
    job.scheduled_at = MaybeTime(rows->MaybeNumber(row, 14));
  }
  return jobs;
}

}  // namespace sealpost::store
