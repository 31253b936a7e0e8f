// When a message is to be sent, as a caller writes it. Pure. All times of day are UTC: there is no other zone here.
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "mailer/base/clock.h"
#include "mailer/submit/request.h"

namespace sealpost::submit {

inline constexpr std::chrono::days kAheadAtMost{30};    // the contract's
inline constexpr std::chrono::seconds kLateAtMost{60};  // a time that passed so lately means: now

// RFC 3339, or English whatever its case:
//   "in 1 min", "in 2 hours", "in an hour"        s, sec, min, h, hr, day, week and their plurals and long forms
//   "today at 5pm", "tomorrow at 9:30 am"         "tomorrow" alone: at this time of day
//   "friday at 14:30", "fri noon"                 the next time it is that; alone: at this time of day
// An "UTC", "GMT" or "Z" may follow a time of day, and "at" may be left out. The error names the accepted forms.
std::expected<base::Time, std::string> ParseWhen(std::string_view text, base::Time now);

// The same, held against what may be asked for: `now` if it is just over, at most 30 days ahead, and before the message
// expires. Refusals are of `/scheduled_at`, the last of `/expires_at`.
std::expected<base::Time, Refusal> WhenToSend(std::string_view text, base::Time now,
                                              std::optional<base::Time> expires_at);

}  // namespace sealpost::submit
