// When to try again and when to give up, by category. A code that expired must not arrive late.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "mailer/base/backoff.h"
#include "mailer/base/clock.h"
#include "mailer/model/email.h"

namespace sealpost::queue {

struct ScheduleOptions {
  // Transactional mail: steps just after common greylisting delays, then every four hours.
  base::Backoff retry{
      {std::chrono::seconds(30), std::chrono::minutes(2), std::chrono::minutes(5), std::chrono::minutes(15),
       std::chrono::minutes(30), std::chrono::hours(1), std::chrono::hours(2), std::chrono::hours(4)},
      0.2};
  std::chrono::milliseconds lifetime = std::chrono::hours(24);
  // One-time codes: they are noise after ten minutes.
  base::Backoff code_retry{{std::chrono::seconds(5), std::chrono::seconds(15), std::chrono::seconds(45),
                            std::chrono::seconds(65), std::chrono::seconds(180)},
                           0.1};
  std::chrono::milliseconds code_lifetime = std::chrono::minutes(10);
};

// Immutable, thread safe.
class Schedule {
 public:
  explicit Schedule(ScheduleOptions options) : options_(std::move(options)) {}
  // The request's expires_at if that is earlier than the category's lifetime, which begins when the message is to be
  // sent.
  base::Time ExpiresAt(const model::Job& job) const;
  // After the attempts the job has behind it; nothing if that would be too late. `random` in [0, 1).
  std::optional<base::Time> NextAttempt(const model::Job& job, base::Time now, double random) const;

 private:
  ScheduleOptions options_;
};

}  // namespace sealpost::queue
