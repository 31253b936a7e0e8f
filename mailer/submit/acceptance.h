// What an accepted message becomes: the events that are told with it, and the jobs of its deliveries. Pure.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mailer/base/clock.h"
#include "mailer/model/email.h"

namespace sealpost::submit {

// Of the deliveries that do not simply go: suppressed, held or scheduled. `why_suppressed` by delivery.
std::vector<model::Event> EventsOf(const std::vector<model::Delivery>& deliveries,
                                   const std::vector<std::string>& why_suppressed, base::Time now);

// One that waits for its time does not keep the content in memory.
model::Job JobOf(const model::Email& email, model::Delivery delivery, std::shared_ptr<const model::RawMessage> content);

}  // namespace sealpost::submit
