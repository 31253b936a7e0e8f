// The values of a policy file, from their texts. Errors say what is wrong and what would be right.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "mailer/base/error.h"
#include "ratelimit/identity.h"
#include "ratelimit/policy.h"

namespace sealpost::app {

// "30s", "10m", "h", "24h", "7d": a number (1 if left out) and its unit. 1 s to 7 d, which is as far as counters reach.
base::Result<std::chrono::seconds> ParseWindow(std::string_view text);

// One rule: "6/h", "5/10m", "8/7d", and its mode behind it: "20/10m shadow", "60/h off"; without one `mode`.
base::Result<ratelimit::Limit> ParseLimit(std::string_view text, ratelimit::Mode mode = ratelimit::Mode::kEnforce);

base::Result<ratelimit::Mode> ParseMode(std::string_view text);          // enforce, shadow, off
base::Result<ratelimit::Lane> ParseLane(std::string_view text);          // anonymous, application, reserved
base::Result<ratelimit::OnLimit> ParseOnLimit(std::string_view text);    // deny, coalesce, suppress, digest, hold
base::Result<ratelimit::OnOutage> ParseOnOutage(std::string_view text);  // local, hold

// Whether such spellings are mailboxes of their own: counts, ignored.
base::Result<std::optional<ratelimit::Spelling>> ParseSpelling(std::string_view text);

}  // namespace sealpost::app
