// What every event of a delivery says: whose it is, what happened, and when.
#pragma once

#include <string>
#include <utility>

#include "mailer/base/clock.h"
#include "mailer/model/email.h"

namespace sealpost::model {

inline Event EventOf(const Delivery& delivery, std::string type, base::Time at) {
  Event event;
  event.email_id = delivery.email_id;
  event.delivery_id = delivery.id;
  event.type = std::move(type);
  event.at = at;
  event.recipient = delivery.recipient.ToString();
  return event;
}

}  // namespace sealpost::model
