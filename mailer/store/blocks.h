// Mailboxes that get no mail but trusted mail and security alerts for a time. The limiter judges by its own copy.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mailer/base/clock.h"
#include "mailer/base/error.h"
#include "mailer/store/database.h"

namespace sealpost::store {

struct Block {
  std::string mailbox;  // canonical
  base::Time until;
};

// Adds or replaces, and drops those that are over at `now`.
base::Result<void> PutBlock(Session& session, const Block& block, base::Time now);
base::Result<void> DeleteBlock(Session& session, std::string_view mailbox);
// Until when the mailbox is blocked; nothing if it is not at `now`.
base::Result<std::optional<base::Time>> BlockedUntil(Session& session, std::string_view mailbox, base::Time now);
// Those that last beyond `now`, by mailbox.
base::Result<std::vector<Block>> BlocksAt(Session& session, base::Time now);

}  // namespace sealpost::store
