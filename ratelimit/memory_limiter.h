// The limiter inside one process: for `dev`, and for the minutes Redis is away. Same rules, same exactness, but it
// knows only what passed through this process since it started.
//
// Memory: one log per mailbox that received something within the largest window of the policy and an hour, about
// 250 bytes and 24 more per message, and the logs of the other counters; what fell silent is forgotten as others are
// charged. There is no cap: forgetting an active mailbox would silently hand it a new budget.
#pragma once

#include <cstddef>
#include <memory>

#include "ratelimit/limiter.h"

namespace sealpost::ratelimit {

// Thread safe (one mutex; a decision takes a few microseconds).
class MemoryLimiter final : public Limiter {
 public:
  // `now(context)` is called under the mutex; `context` must outlive the limiter. Time that runs backward is held
  // at the newest entry of each counter.
  MemoryLimiter(const Policy& policy, NowFunction now, const void* context);
  ~MemoryLimiter() override;

  Decision Admit(const Request& request) override;
  void Refund(const Request& request) override;
  Decision Check(const Request& request) override;
  Explanation Explain(const Recipient& recipient) override;
  bool Block(const std::string& mailbox, std::int64_t until) override;
  bool Unblock(const std::string& mailbox) override;
  bool Reset(const std::string& mailbox) override;
  AttackState Recover(const std::string& mailbox) override;
  bool Seed(const std::string& mailbox, const std::vector<Accepted>& accepted) override;

  // Charges without judging: how the fallback keeps this filling warm with what Redis admitted.
  void Record(const Request& request);

  // What the policy says of this category.
  const Policy::PerCategory& PolicyOf(Category category) const;

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
