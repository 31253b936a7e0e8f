// A send as the limiter sees it, and the words for its refusal.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "mailer/model/account.h"
#include "mailer/submit/content.h"
#include "mailer/submit/request.h"
#include "mailer/submit/validate.h"
#include "ratelimit/limiter.h"

namespace sealpost::submit {

using model::kCountersAway;

// Everything but id and recipients. User ids and workspace ids are those of the whole installation, like idempotency
// keys: two API keys that name the same one mean the same. Equal content, a dedupe key too, is that of one API key.
ratelimit::Request MakeLimitRequest(const SendRequest& request, const Checked& checked, const Ingredients& ingredients,
                                    const model::ApiKey& caller, const ratelimit::Policy& policy);

// The same for one delivery of a stored message that was held: what is asked again when it is due. Its content is not
// compared any more, because it was promised to be sent.
ratelimit::Request MakeLimitRequest(const model::Email& email, const model::Delivery& delivery, bool confirmed,
                                    const LimitRules& rules);

// The refusal of a decision that denies or holds.
Refusal RefusalOf(const ratelimit::Decision& decision);

// Whether the decision comes from the recipient, who wants nothing of this for now.
inline bool IsRecipientsOwn(const ratelimit::Decision& decision) {
  return decision.scope == "recipient";
}

// Whether no limit is reached, and the category waits because the installation's counters are away.
inline bool WaitsForCounters(const ratelimit::Decision& decision) {
  return decision.outcome == ratelimit::Outcome::kHeld && decision.refused.empty();
}

// A mailbox is told together at most once in this time what was held for it.
inline constexpr std::chrono::hours kDigestEvery{1};

// A decision as it is acted on by whoever holds: what is over a limit whose category says `digest` waits to be told
// together, and what waits for the counters is held by that name.
ratelimit::Decision ToHold(ratelimit::Decision decision);

}  // namespace sealpost::submit
