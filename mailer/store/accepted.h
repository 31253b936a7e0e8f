// What was accepted lately: mailbox by mailbox, for a limiter that lost its counters; and where one mailbox really got
// something.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "mailer/base/clock.h"
#include "mailer/base/error.h"
#include "mailer/model/address.h"
#include "mailer/store/database.h"

namespace sealpost::store {

struct AcceptedDelivery {
  std::string id;  // by which the limiter knows the charge: the email's; of what was let out later, the delivery's
  std::string mailbox;
  std::string category;
  base::Time at = {};
  std::string trust;  // the word; empty: none
  bool confirmed = false;
};

struct AcceptedPage {
  std::vector<AcceptedDelivery> deliveries;  // without what never counted, or does not any more
  std::string next;                          // the `before` of the page after this one; empty: this was the last
};

// What was held or scheduled counts when it was let out; what waits for its time, when it was accepted.

// The deliveries of at most `emails` emails accepted from `since` on, newest first, that stand before the email
// `before` in that order; start with an empty one.
base::Result<AcceptedPage> AcceptedBefore(Session& session, std::string_view before, base::Time since,
                                          std::size_t emails);

// At most `count` deliveries that were held or scheduled and let out from `since` on, the latest first, that stand
// before the place `before` in that order; start with an empty one.
base::Result<AcceptedPage> LetOutBefore(Session& session, std::string_view before, base::Time since, std::size_t count);

// To which addresses the newest messages went that were accepted for this mailbox from `since` on and delivered, the
// latest first. Looks through all deliveries of that time until it has found `limit`, so for seldom questions.
base::Result<std::vector<model::Address>> DeliveredTo(Session& session, std::string_view mailbox, base::Time since,
                                                      std::size_t limit);

}  // namespace sealpost::store
