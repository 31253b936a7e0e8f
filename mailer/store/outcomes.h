// Which state of a delivery may follow which. Internal to mailer/store.
#pragma once

#include "mailer/model/email.h"

namespace sealpost::store {

// Several parties speak about one delivery and their commits may cross: an attempt that ends after a cancellation, a
// bounce that arrives before "delivered" is recorded. So what is recorded later does not simply win:
// - waiting (queued, delayed, scheduled) gives way to everything, and never comes back once something final is there;
// - a decision not to send (suppressed, canceled) gives way to what really happened on the wire;
// - of what happened, the worse stays: sent, delivered, complained, failed, bounced.
bool Replaces(model::DeliveryState next, model::DeliveryState current);

}  // namespace sealpost::store
