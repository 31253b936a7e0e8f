// Mailboxes that an application has confirmed, by canonical mailbox. All take part in the transaction of the Session
// they are given.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mailer/base/clock.h"
#include "mailer/base/error.h"
#include "mailer/store/database.h"

namespace sealpost::store {

struct Confirmation {
  std::string mailbox;
  base::Time at;  // the latest time it was asserted
};

// Idempotent: the latest time stays.
base::Result<void> SetConfirmed(Session& session, std::string_view mailbox, base::Time at);
base::Result<void> ForgetConfirmedBefore(Session& session, base::Time before);
// For a cache at start.
base::Result<std::vector<Confirmation>> ConfirmedSince(Session& session, base::Time since);

}  // namespace sealpost::store
