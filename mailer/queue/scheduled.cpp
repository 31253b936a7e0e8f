#include "mailer/queue/scheduled.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "mailer/model/event_of.h"
#include "mailer/store/emails.h"

namespace sealpost::queue {

namespace {

using model::DeliveryState;

// Why an email with these deliveries is not one that waits for its time; who opted out before counts for nothing.
base::Result<std::size_t> CountScheduled(const std::vector<model::Delivery>& deliveries) {
  std::size_t scheduled = 0;
  std::optional<DeliveryState> other;
  for (const model::Delivery& delivery : deliveries) {
    if (delivery.state == DeliveryState::kScheduled) {
      ++scheduled;
    } else if (delivery.state != DeliveryState::kSuppressed) {
      other = other.value_or(delivery.state);
    }
  }
  if (scheduled != 0 && !other) return scheduled;
  return base::Fail(base::ErrorKind::kConflict,
                    std::string("Only an email that is still scheduled can be moved or cancelled; this one is ") +
                        model::StateName(other.value_or(DeliveryState::kSuppressed)) + ".");
}

}  // namespace

// The store is asked first, so that a call about an email that is long gone does not stop the lanes.
base::Result<std::vector<model::Job>> Scheduled::Take(const std::string& email_id) {
  std::size_t expected = 0;
  const auto read = database_.Read([&](store::Session& session) -> base::Result<void> {
    const auto deliveries = store::DeliveriesOf(session, email_id);
    if (!deliveries) return std::unexpected(deliveries.error());
    const auto count = CountScheduled(*deliveries);
    if (!count) return std::unexpected(count.error());
    expected = *count;
    return {};
  });
  if (!read) return std::unexpected(read.error());
  auto jobs = dispatcher_.TakeScheduled(email_id);
  if (jobs.size() == expected) return jobs;
  for (model::Job& job : jobs) dispatcher_.PutBack(std::move(job));
  return base::Fail(base::ErrorKind::kConflict,
                    "The email is being sent, or changed by another request, at this moment: nothing was changed.");
}

base::Result<void> Scheduled::Write(const std::vector<model::Job>& jobs, const char* type,
                                    const store::Database::Work& more) {
  return database_.Write([&](store::Session& session) -> base::Result<void> {
    for (const model::Job& job : jobs) {
      model::Event event = model::EventOf(job.delivery, type, clock_.Now());
      if (job.delivery.state == DeliveryState::kScheduled) event.next_attempt_at = job.delivery.next_attempt_at;
      if (auto done = store::RecordOutcome(session, job.delivery, event); !done) return done;
    }
    return more(session);
  });
}

base::Result<void> Scheduled::Move(const std::string& email_id, base::Time scheduled_at) {
  auto old = Take(email_id);
  if (!old) return std::unexpected(old.error());
  std::vector<model::Job> moved = *old;
  for (model::Job& job : moved) {
    job.scheduled_at = scheduled_at;
    job.delivery.next_attempt_at = scheduled_at;
  }
  const auto written = Write(moved, "email.scheduled", [&](store::Session& session) {
    return store::MoveEmail(session, email_id, scheduled_at);
  });
  for (model::Job& job : written ? moved : *old) dispatcher_.PutBack(std::move(job));
  return written;
}

base::Result<void> Scheduled::Cancel(const std::string& email_id) {
  auto old = Take(email_id);
  if (!old) return std::unexpected(old.error());
  std::vector<model::Job> canceled = *old;
  for (model::Job& job : canceled) job.delivery.state = DeliveryState::kCanceled;
  const auto written = Write(canceled, "email.canceled", [](store::Session&) { return base::Result<void>(); });
  if (!written) {
    for (model::Job& job : *old) dispatcher_.PutBack(std::move(job));
    return written;
  }
  for (const model::Job& job : canceled) {
    dispatcher_.Forget(job);
    uncharge_(job);
  }
  return {};
}

}  // namespace sealpost::queue
