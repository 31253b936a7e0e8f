// The recipient's own brake: "stop this for a day" and "for a month", by a link that only their mails carry. It closes
// the mailbox for anonymous mail and for the application's, as a block by an administrator does; trusted mail and
// security alerts still go. This is the rule and its token (base::TokenPurpose::kBrake): no mail carries such a link
// yet, and there is no page behind it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mailer/base/clock.h"
#include "mailer/base/error.h"
#include "mailer/base/token.h"
#include "mailer/model/email.h"
#include "mailer/recipients/blocks.h"
#include "mailer/store/database.h"

namespace sealpost::recipients {

enum class BrakeTime { kDay, kMonth };  // 24 hours, 30 days

// What holds for the mailbox of a token.
struct Braked {
  std::string masked_address;               // "a***@example.com", for the page
  std::optional<base::Time> blocked_until;  // nothing: it is open
};

struct BrakeParts {
  store::Database& database;
  Blocks& blocks;
  const base::TokenSigner& tokens;
  const base::Clock& clock;
};

// Thread safe. All of it answers kNotFound for a token that is not ours, whatever is wrong with it, and kUnavailable if
// the store cannot keep it.
class Brake {
 public:
  explicit Brake(BrakeParts parts) : parts_(parts) {}

  // Changes nothing: link scanners open every link.
  base::Result<Braked> Look(std::string_view token);
  // Block and audit entry are on disk when it returns, and the limiter knows. A block that lasts longer stays as it is,
  // and so does one that was made the same way less than ten minutes ago: pressing twice is pressing once.
  base::Result<Braked> Stop(std::string_view token, BrakeTime time);
  // Takes back what a brake did, by any brake token of that mailbox. Where it is still blocked afterwards, that is an
  // administrator's. kUnavailable also if Redis does not answer: press again.
  base::Result<Braked> Resume(std::string_view token);

 private:
  base::Result<model::Delivery> Open(std::string_view token);

  BrakeParts parts_;
};

}  // namespace sealpost::recipients
