// The fillings of the limiter as the contract suite sees them: each with a time the test sets.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
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

  ratelimit::Decision Admit(const ratelimit::Request& request) override { return Must(redis_->TryAdmit(request)); }
  void Refund(const ratelimit::Request& request) override { Must(redis_->TryRefund(request)); }
  ratelimit::Decision Check(const ratelimit::Request& request) override { return Must(redis_->TryCheck(request)); }
  ratelimit::Explanation Explain(const ratelimit::Recipient& recipient) override {
    return Must(redis_->TryExplain(recipient));
  }
  bool Block(const std::string& mailbox, std::int64_t until) override {
    Must(redis_->TryBlock(mailbox, until));
    return true;
  }
  bool Unblock(const std::string& mailbox) override { return Block(mailbox, 0); }
  bool Reset(const std::string& mailbox) override {
    Must(redis_->TryReset(mailbox));
    return true;
  }
  ratelimit::AttackState Recover(const std::string& mailbox) override { return Must(redis_->TryRecover(mailbox)); }
  bool Seed(const std::string& mailbox, const std::vector<ratelimit::Accepted>& accepted) override {
    Must(redis_->TrySeed(mailbox, accepted));
    return true;
  }

 private:
  template <class T>
  static T Must(std::expected<T, std::string> result) {
    if (!result) throw std::runtime_error(result.error());
    if constexpr (!std::is_void_v<T>) return *std::move(result);
  }

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
