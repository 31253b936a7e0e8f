// The limiter of `serve`: Redis decides while it answers, the in-process filling while it is away. Nothing is ever
// unlimited.
//
// The memory filling is charged with everything Redis admits, so an outage begins with warm counters. What was sent
// during the outage is unknown to Redis: for one largest window after it, a request needs the consent of both. The same
// holds when Redis has lost its counters.
//
// While Redis is away, categories that can wait (OnOutage::kHold) are held, unless this process already knows a no.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

#include "ratelimit/limiter.h"
#include "ratelimit/memory_limiter.h"
#include "ratelimit/redis_limiter.h"

namespace sealpost::ratelimit {

// Milliseconds of a clock that never runs backward, for production.
std::int64_t SteadyNow(const void* context);

struct FallbackOptions {
  std::chrono::milliseconds retry{1000};  // while Redis is away, one request in this time tries it
  std::chrono::seconds consent{86400};    // after an outage both must admit for this long; the policy's largest window
  std::chrono::seconds hold{60};          // how long a message is held that waits for Redis
  NowFunction now = SteadyNow;
  const void* context = nullptr;
  // Called when Redis is lost (with the reason) and when it is back (empty). From the threads of requests,
  // maybe of several at once: be brief and thread safe.
  std::function<void(std::string_view reason)> on_change;
};

// Thread safe. While Redis is away at most one request at a time waits for its timeout; all others decide at once.
// Refund goes to both fillings; request ids are unique, so it takes effect only where the request was charged.
class FallbackLimiter final : public Limiter {
 public:
  FallbackLimiter(std::unique_ptr<RedisLimiter> redis, std::unique_ptr<MemoryLimiter> memory, FallbackOptions options);
  ~FallbackLimiter() override;

  Decision Admit(const Request& request) override;
  void Refund(const Request& request) override;
  Decision Check(const Request& request) override;
  Explanation Explain(const Recipient& recipient) override;
  bool Block(const std::string& mailbox, std::int64_t until) override;
  bool Unblock(const std::string& mailbox) override;
  bool Reset(const std::string& mailbox) override;
  AttackState Recover(const std::string& mailbox) override;
  bool Seed(const std::string& mailbox, const std::vector<Accepted>& accepted) override;
  bool Degraded() const override;
  void CheckHealth() override;
  // Noticed by CheckHealth, and when Redis comes back.
  std::uint64_t Generation() const override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

std::unique_ptr<FallbackLimiter> MakeFallbackLimiter(std::unique_ptr<RedisLimiter> redis,
                                                     std::unique_ptr<MemoryLimiter> memory,
                                                     FallbackOptions options = {});

}  // namespace sealpost::ratelimit
