// GET /x/limits/events: attacks and surges as they were told, the latest first. `kind` names one kind, `address` the
// mailbox that was attacked, which is hashed as in the audit: the store knows no address here.
#pragma once

#include <string>

#include "api/http/router.h"
#include "api/resources/key_rate.h"
#include "mailer/base/json.h"
#include "mailer/store/database.h"
#include "mailer/store/limit_signals.h"
#include "mailer/submit/validate.h"

namespace sealpost::resources {

struct LimitEventsParts {
  store::Database& database;
  const submit::LimitRules& rules;
  KeyRate& key_rate;
  std::string subject_key;  // of ratelimit::MailboxKey
};

// What `parts` refers to has to outlive the router.
void AddLimitEvents(http::Router& router, LimitEventsParts parts);

void WriteLimitEvent(base::JsonWriter& writer, const store::LimitSignal& signal);

}  // namespace sealpost::resources
