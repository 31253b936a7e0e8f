// The limiter inside one process: for `dev`, and for the minutes Redis is away. Same rules, same exactness, but it
// knows only what passed through this process since it started.
//
// Memory: one log per mailbox that received something within the largest window of the policy and an hour, about
// 200 bytes and 16 more per message; mailboxes that fell silent are forgotten as others are charged. There is no cap:
// forgetting an active mailbox would silently hand it a new budget.
#pragma once

#include <cstddef>
#include <memory>

#include "ratelimit/limiter.h"

namespace sealpost::ratelimit {

// Thread safe (one mutex; a decision takes about a microsecond).
class MemoryLimiter final : public Limiter {
 public:
  // `now(context)` is called under the mutex; `context` must outlive the limiter. Time that runs backward is held
  // at the newest entry of each mailbox.
  MemoryLimiter(const Policy& policy, NowFunction now, const void* context);
  ~MemoryLimiter() override;

  Decision Admit(const Request& request) override;
  void Refund(const Request& request) override;

  // Charges without judging: how the fallback keeps this filling warm with what Redis admitted.
  void Record(const Request& request);

  // Mailboxes held in memory now.
  std::size_t Mailboxes() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

std::unique_ptr<MemoryLimiter> MakeMemoryLimiter(const Policy& policy, NowFunction now, const void* context = nullptr);

// Unix milliseconds of the system's clock, for production.
std::int64_t SystemNow(const void* context);

}  // namespace sealpost::ratelimit
