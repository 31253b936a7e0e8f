// Spans and an instant in milliseconds, as the limiter counts them.
#pragma once

#include <cstdint>

namespace sealpost::tests {

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kNow = 1'767'225'600'000;

}  // namespace sealpost::tests
