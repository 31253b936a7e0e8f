// Held notifications to one mailbox become one message, a digest, instead of many.
//
// What is told together: the deliveries to one canonical mailbox, of one From address, topic and category, that a limit
// holds whose category says `digest`. Each waits an hour at least (ToHold); when the first of them is due the limiter
// is asked once, for the one message that goes: the digest, or the delivery itself where nothing else waits. The digest
// is composed, stored, and takes the place of what it tells in one commit; until then all of them stay held and nothing
// is charged.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mailer/base/clock.h"
#include "mailer/base/log.h"
#include "mailer/base/metrics.h"
#include "mailer/recipients/recipients.h"
#include "mailer/store/database.h"
#include "mailer/submit/catalog.h"
#include "mailer/submit/validate.h"
#include "ratelimit/limiter.h"

namespace sealpost::submit {

struct DigestParts {
  store::Database& database;
  ratelimit::Limiter& limiter;
  const recipients::Recipients& recipients;
  Catalog& catalog;
  const base::Clock& clock;
  base::Log& log;
  base::Metrics& metrics;
  std::string public_url;
  LimitRules limit_rules = {};
};

// Thread safe.
class Digests {
 public:
  explicit Digests(DigestParts parts) : parts_(std::move(parts)) {}

  // Whether this delivery waits to be told together with others: held by a limit, for an hour or more, in a category
  // that says `digest`. Not one that waits for the counters or for another recipient of its message. Brief.
  bool Wants(const model::Job& job) const;

  // Asks for deliveries that are told together; the caller took them from the queue, the first of them is due.
  // kAdmitted, and charged: `held` is what belongs into the queue now, the message that goes among it; whatever is no
  // longer there has ended, on disk, with an event that names the digest. kHeld: all wait as the decision says, and
  // nothing was changed. kDenied: nothing was changed, all are refused by the rule.
  // Between two digests to one mailbox lies an hour, whatever the times of the jobs say. One digest tells 1,000 at
  // most, those that are due first; the others stay in `held` and wait for the next one.
  ratelimit::Decision Ask(std::vector<model::Job>& held);

 private:
  DigestParts parts_;
};

}  // namespace sealpost::submit
