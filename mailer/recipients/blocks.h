// Closes a mailbox for a time and opens it again, for an administrator and for the recipient: the one place that does,
// so that store and limiter agree on which of two came last.
//
// A block has two parts, and the later one holds. The recipient's is theirs to take back; the administrator's is not.
// What an administrator does decides over both.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "mailer/base/clock.h"
#include "mailer/base/error.h"
#include "mailer/store/blocks.h"
#include "mailer/store/database.h"
#include "ratelimit/limiter.h"

namespace sealpost::recipients {

struct BlocksParts {
  store::Database& database;
  ratelimit::Limiter& limiter;
  const base::Clock& clock;
  std::string subject_key;  // of ratelimit::MailboxKey, as in the rest of the audit
};

// Thread safe; changes are made one at a time, over all mailboxes, each waiting for its commit and for Redis. A mailbox
// is canonical. Answers until when it is blocked afterwards; nothing: it is open. Every change is on disk when it
// returns, with an entry in the audit of the same commit. kUnavailable if the store cannot keep it.
class Blocks {
 public:
  using Standing = base::Result<std::optional<base::Time>>;

  explicit Blocks(BlocksParts parts) : parts_(std::move(parts)) {}

  // By an administrator: `actor` is the id of an API key. While Redis is away a block holds in this process at once,
  // and there when it is back.
  Standing Block(const std::string& mailbox, base::Time until, const std::string& actor, const std::string& reason);
  // Opens it, whoever closed it. kUnavailable also if Redis does not answer: it would go on with what it knows. The
  // store may have it by then; the same call again completes it.
  Standing Unblock(const std::string& mailbox, const std::string& actor, const std::string& reason);

  // By the recipient. A block that ends later, or at most ten minutes earlier, stays as it is, whoever made it:
  // pressing twice is pressing once.
  Standing Stop(const std::string& mailbox, base::Time until, const std::string& reason);
  // Takes the recipient's part back; what an administrator did stays. kUnavailable as of Unblock.
  Standing Resume(const std::string& mailbox, const std::string& reason);

  Standing Find(const std::string& mailbox);
  // Tells the limiter of all that stands, after it may have lost it.
  base::Result<void> Restore();

 private:
  // Says whether there is something to write.
  using Edit = std::function<bool(store::Block& block, base::Time now)>;
  struct Why {
    std::string_view actor, action, reason;
  };
  Standing Change(const std::string& mailbox, const Why& why, const Edit& edit);

  BlocksParts parts_;
  std::mutex order_;  // held from the commit until the limiter knows
};

}  // namespace sealpost::recipients
