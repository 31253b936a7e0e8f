// A clock that stands still until a test moves it.
#pragma once

#include <atomic>

#include "mailer/base/clock.h"

namespace sealpost::tests {

// Thread safe.
class ManualClock final : public base::Clock {
 public:
  // 2026-01-01T00:00:00Z unless told otherwise.
  explicit ManualClock(base::Time start = base::FromMillis(1'767'225'600'000)) : millis_(base::ToMillis(start)) {}

  base::Time Now() const override { return base::FromMillis(millis_.load()); }
  void Set(base::Time time) { millis_.store(base::ToMillis(time)); }
  void Advance(base::Millis by) { millis_.fetch_add(by.count()); }

 private:
  std::atomic<std::int64_t> millis_;
};

}  // namespace sealpost::tests
