// What is known of one mailbox as the contract shows it: counters, state, and why in sentences for people.
#pragma once

#include <string>
#include <vector>

#include "mailer/store/audit.h"
#include "mailer/store/limit_signals.h"
#include "ratelimit/limiter.h"

namespace sealpost::resources {

std::string LimitStateJson(const ratelimit::Recipient& recipient, const std::string& normalised_by,
                           const ratelimit::Explanation& explanation, const std::vector<store::LimitSignal>& events,
                           const std::vector<store::AuditEntry>& audit, const ratelimit::Policy& policy);

}  // namespace sealpost::resources
