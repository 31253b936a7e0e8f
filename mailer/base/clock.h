// Time as a dependency. Wall-clock times are UTC milliseconds; durations for waiting use the steady clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "mailer/base/error.h"

namespace sealpost::base {

using Millis = std::chrono::milliseconds;
using Time = std::chrono::time_point<std::chrono::system_clock, Millis>;

// Safe to use from many threads. Tests hand in a manual clock (tests/support/manual_clock.h).
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time Now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Time Now() const override;
};

inline std::int64_t ToMillis(Time time) {
  return time.time_since_epoch().count();
}
inline Time FromMillis(std::int64_t millis) {
  return Time(Millis(millis));
}

// "2026-11-23T10:15:30.123Z" (RFC 3339, always UTC).
std::string ToRfc3339(Time time);
// Reads RFC 3339 with any offset and up to nine fractional digits.
Result<Time> FromRfc3339(std::string_view text);
// "Mon, 23 Nov 2026 10:15:30 +0000" (RFC 5322 3.3).
std::string ToRfc5322(Time time);

}  // namespace sealpost::base
