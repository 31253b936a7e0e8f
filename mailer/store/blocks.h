// Mailboxes that get no mail but trusted mail and security alerts for a time. The limiter judges by its own copy.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mailer/base/clock.h"
#include "mailer/base/error.h"
#include "mailer/store/database.h"

namespace sealpost::store {

// Each part runs until its time and is none where that is over; the later one holds.
struct Block {
  std::string mailbox;           // canonical
  base::Time until = {};         // by an administrator
  base::Time braked_until = {};  // by the recipient

  base::Time Ends() const { return std::max(until, braked_until); }
};

// Adds or replaces both parts, and drops what is over at `now`, this one, too.
base::Result<void> PutBlock(Session& session, const Block& block, base::Time now);
// That of a mailbox; nothing if it is not blocked at `now`.
base::Result<std::optional<Block>> FindBlock(Session& session, std::string_view mailbox, base::Time now);
// Those that last beyond `now`, by mailbox.
base::Result<std::vector<Block>> BlocksAt(Session& session, base::Time now);

}  // namespace sealpost::store
