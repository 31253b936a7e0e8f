// The fillings of the limiter as the contract suite sees them: each with a time the test sets.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "ratelimit/fallback_limiter.h"
#include "ratelimit/memory_limiter.h"
#include "ratelimit/redis_limiter.h"
#include "tests/ratelimit/requests.h"
#include "tests/support/redis_server.h"

namespace sealpost::tests {

struct SetTime {
  std::atomic<std::int64_t> ms = 1'767'225'600'000;

  static std::int64_t Now(const void* time) { return static_cast<const SetTime*>(time)->ms; }
};

// A Redis limiter where the test makes sure that Redis is there.
class RedisAlone final : public ratelimit::Limiter {
 public:
  explicit RedisAlone(std::unique_ptr<ratelimit::RedisLimiter> redis) : redis_(std::move(redis)) {}

  ratelimit::Decision Admit(const ratelimit::Request& request) override {
    auto decision = redis_->TryAdmit(request);
    if (!decision) throw std::runtime_error(decision.error());
    return *std::move(decision);
  }
  void Refund(const ratelimit::Request& request) override {
    if (const auto refunded = redis_->TryRefund(request); !refunded) throw std::runtime_error(refunded.error());
  }

 private:
  std::unique_ptr<ratelimit::RedisLimiter> redis_;
};

// A patience that a busy machine does not exhaust: these tests are about decisions, not about slowness.
inline ratelimit::RedisLimiterOptions PatientOptions(const RedisServer& server) {
  return {.address = ratelimit::ParseRedisAddress(server.Url()).value(),
          .secret = "a secret of the tests",
          .timeout = std::chrono::seconds(20)};
}

class MemoryFilling {
 public:
  static constexpr const char* kName = "memory";
  explicit MemoryFilling(const ratelimit::Policy& policy = ratelimit::Policy::Default())
      : limiter(ratelimit::MakeMemoryLimiter(policy, SetTime::Now, &time)) {}

  SetTime time;
  std::unique_ptr<ratelimit::Limiter> limiter;
};

class RedisFilling {
 public:
  static constexpr const char* kName = "Redis";
  explicit RedisFilling(const ratelimit::Policy& policy = ratelimit::Policy::Default())
      : limiter(std::make_unique<RedisAlone>(
            ratelimit::MakeReplayLimiter(policy, PatientOptions(server), "test", SetTime::Now, &time))) {}

  RedisServer server;
  SetTime time;
  std::unique_ptr<ratelimit::Limiter> limiter;
};

class FallbackFilling {
 public:
  static constexpr const char* kName = "fallback";
  explicit FallbackFilling(const ratelimit::Policy& policy = ratelimit::Policy::Default())
      : limiter(ratelimit::MakeFallbackLimiter(
            ratelimit::MakeReplayLimiter(policy, PatientOptions(server), "test", SetTime::Now, &time),
            ratelimit::MakeMemoryLimiter(policy, SetTime::Now, &time))) {}

  RedisServer server;
  SetTime time;
  std::unique_ptr<ratelimit::Limiter> limiter;
};

}  // namespace sealpost::tests
