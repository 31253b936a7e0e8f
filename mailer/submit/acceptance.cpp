#include "mailer/submit/acceptance.h"

#include <utility>

#include "mailer/model/event_of.h"

namespace sealpost::submit {

using model::DeliveryState;

std::vector<model::Event> EventsOf(const std::vector<model::Delivery>& deliveries,
                                   const std::vector<std::string>& why_suppressed, base::Time now) {
  std::vector<model::Event> events;
  for (std::size_t i = 0; i < deliveries.size(); ++i) {
    const model::Delivery& delivery = deliveries[i];
    if (delivery.state == DeliveryState::kQueued) continue;
    if (delivery.state == DeliveryState::kSuppressed) {
      events.push_back(model::EventOf(delivery, "email.suppressed", now));
      events.back().reply = why_suppressed[i];
      continue;
    }
    const bool is_scheduled = delivery.state == DeliveryState::kScheduled;
    model::Event& event =
        events.emplace_back(model::EventOf(delivery, is_scheduled ? "email.scheduled" : "email.delivery_delayed", now));
    event.next_attempt_at = delivery.next_attempt_at;
    if (!delivery.held_by.empty()) event.reply = model::HeldWords(delivery.held_by);
  }
  return events;
}

model::Job JobOf(const model::Email& email, model::Delivery delivery,
                 std::shared_ptr<const model::RawMessage> content) {
  model::Job job;
  if (delivery.state != DeliveryState::kScheduled) job.content = std::move(content);
  job.delivery = std::move(delivery);
  job.from_domain = email.from.address.domain;
  job.topic_id = email.topic_id;
  job.expires_at = email.extras.expires_at;
  job.created_at = email.created_at;
  job.scheduled_at = email.scheduled_at;
  job.category = email.extras.category;
  return job;
}

}  // namespace sealpost::submit
