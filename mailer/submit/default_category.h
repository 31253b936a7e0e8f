// What a message is for where its request does not say: the default of its template, of its API key, of the
// installation, in this order.
#pragma once

#include <string>
#include <string_view>

#include "mailer/base/error.h"
#include "mailer/model/account.h"
#include "mailer/submit/validate.h"
#include "ratelimit/policy.h"

namespace sealpost::submit {

// A name that is set as a default, as the policy spells it; empty stays empty: no default. kInvalid where the policy
// has none of this name: the message names the nearest, or all.
base::Result<std::string> CheckDefaultCategory(std::string_view name, const ratelimit::Policy& policy);

// Gives a request that says no category the first default that the policy knows. One that a change of the policy took
// away is passed over: no send fails by it.
void ApplyDefaultCategory(Checked& checked, std::string_view of_template, const model::ApiKey& caller,
                          const LimitRules& rules);

}  // namespace sealpost::submit
