// A limiter that something happens to before it is told: the place where an order of two threads can be wrong.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "ratelimit/limiter.h"

namespace sealpost::tests {

struct InterruptedLimiter final : ratelimit::Limiter {
  explicit InterruptedLimiter(Limiter& limiter) : inner(limiter) {}
  ratelimit::Decision Admit(const ratelimit::Request& request) override { return inner.Admit(request); }
  void Refund(const ratelimit::Request& request) override { inner.Refund(request); }
  ratelimit::Decision Check(const ratelimit::Request& request) override { return inner.Check(request); }
  ratelimit::Explanation Explain(const ratelimit::Recipient& recipient) override { return inner.Explain(recipient); }
  bool Block(const std::string& mailbox, std::int64_t until) override {
    if (before_block) before_block();
    return redis && inner.Block(mailbox, until);
  }
  bool Unblock(const std::string& mailbox) override { return redis && inner.Unblock(mailbox); }
  bool Reset(const std::string& mailbox) override { return redis && inner.Reset(mailbox); }
  ratelimit::AttackState Recover(const std::string& mailbox) override { return inner.Recover(mailbox); }
  bool Seed(const std::string& mailbox, const std::vector<ratelimit::Accepted>& accepted) override {
    if (before_seed) before_seed();
    return inner.Seed(mailbox, accepted);
  }

  Limiter& inner;
  std::function<void()> before_seed, before_block;
  bool redis = true;  // false: it went away just now, so what is told does not reach it and nobody knows yet
};

}  // namespace sealpost::tests
