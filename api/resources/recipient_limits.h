// /x/recipients/{address}/limits: what counts for one mailbox and why, and what an administrator does about it. Every
// change has a reason, an entry in the audit and a line in the log, where the mailbox is a keyed hash.
#pragma once

#include <functional>
#include <string>

#include "api/http/router.h"
#include "api/resources/key_rate.h"
#include "mailer/base/log.h"
#include "mailer/recipients/blocks.h"
#include "mailer/recipients/recipients.h"
#include "mailer/store/database.h"
#include "mailer/submit/validate.h"
#include "ratelimit/limiter.h"

namespace sealpost::resources {

struct RecipientLimitsParts {
  ratelimit::Limiter& limiter;
  const submit::LimitRules& rules;
  const recipients::Recipients& recipients;
  recipients::Blocks& blocks;
  store::Database& database;
  const base::Clock& clock;
  base::Log& log;
  KeyRate& key_rate;
  std::string subject_key;                         // of ratelimit::MailboxKey, for the audit and the log
  std::function<bool(const std::string&)> forget;  // Limiter::Reset of a mailbox, at a moment when it lasts
};

// What `parts` refers to has to outlive the router.
void AddRecipientLimits(http::Router& router, RecipientLimitsParts parts);
// The answer to GET alone, for the admin socket, where nobody needs a key.
void AddRecipientLimitsReading(http::Router& router, std::string_view pattern, RecipientLimitsParts parts);

}  // namespace sealpost::resources
