// The promise where many ask at once, and where Redis dies in the middle of it. By Redis' own clock: no replay.
#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "ratelimit/fallback_limiter.h"
#include "tests/ratelimit/requests.h"
#include "tests/support/redis_server.h"
#include "tests/support/wait.h"

using namespace sealpost::ratelimit;
using namespace sealpost::tests;

namespace {

constexpr int kBudget = 6;

// Without pauses between codes, so that the hour's budget is what stops the flood.
Policy WithoutPauses() {
  Policy policy = Policy::Default();
  for (auto& own : policy.categories) {
    if (own.category == Category::kOtp) own.mailbox = {{std::chrono::hours(1), kBudget}};
  }
  return policy;
}

std::unique_ptr<FallbackLimiter> Node(const RedisServer& server, std::chrono::milliseconds timeout) {
  const Policy policy = WithoutPauses();
  return MakeFallbackLimiter(
      MakeRedisLimiter(
          policy,
          {.address = ParseRedisAddress(server.Url()).value(), .secret = "a secret of the tests", .timeout = timeout}),
      MakeMemoryLimiter(policy, SystemNow), {.retry = std::chrono::milliseconds(1), .on_change = {}});
}

class Attacker {
 public:
  // How many of `calls` came through.
  int Flood(Limiter& limiter, int calls) {
    int accepted = 0;
    for (int i = 0; i < calls; ++i) {
      const Request request{.id = "request-" + std::to_string(++number_),
                            .recipients = Mailboxes({"victim@example.org"}),
                            .category = Category::kOtp};
      accepted += limiter.Admit(request).admitted() ? 1 : 0;
    }
    return accepted;
  }

 private:
  std::atomic<int> number_ = 0;
};

}  // namespace

TEST_CASE("100 threads on two nodes never bring a mailbox one too many") {
  const RedisServer server;
  const auto first = Node(server, std::chrono::seconds(20));
  const auto second = Node(server, std::chrono::seconds(20));
  Attacker attacker;
  std::atomic<int> accepted = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 100; ++i) {
      threads.emplace_back([&, i] { accepted += attacker.Flood(i % 2 == 0 ? *first : *second, 20); });
    }
  }
  CHECK(accepted == kBudget);
}

TEST_CASE("a Redis that is killed in the middle of a flood costs at most one budget more") {
  RedisServer server;
  const auto first = Node(server, std::chrono::seconds(2));
  const auto second = Node(server, std::chrono::seconds(2));
  Attacker attacker;
  const auto both = [&](int calls) { return attacker.Flood(*first, calls) + attacker.Flood(*second, calls); };
  int accepted = attacker.Flood(*first, 2) + attacker.Flood(*second, 2);
  CHECK(accepted == 4);
  server.Kill();
  accepted += both(100);
  server.Start();
  REQUIRE(WaitFor([&] {
    accepted += both(10);
    return !first->Degraded() && !second->Degraded();
  }));
  accepted += both(100);
  CHECK(accepted <= 2 * kBudget);
  CHECK(accepted >= kBudget);
}
