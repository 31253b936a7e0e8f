// The change from Redis to memory and back, with a Redis that fails when told. The real one is killed in
// tests/contract/outage_test.cpp.
#include "ratelimit/fallback_limiter.h"

#include <doctest/doctest.h>

#include <atomic>
#include <latch>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/ratelimit/requests.h"

using namespace sealpost::ratelimit;
using sealpost::tests::Mailboxes;
using std::chrono::seconds;

namespace {

struct World {
  std::atomic<std::int64_t> now = 1'767'225'600'000;
  std::atomic<bool> redis_answers = true;
  std::atomic<int> redis_calls = 0;
  std::atomic<bool> hold_pings = false;  // a ping waits, as for a timeout, until this falls
  std::latch ping_waits{1};
  std::atomic<int> generation = 1;
  std::atomic<bool> fresh = false;
  std::atomic<bool> lose_counters = false;

  static std::int64_t Now(const void* world) { return static_cast<const World*>(world)->now; }
};

// Counts like Redis, in memory.
class FakeRedis final : public RedisLimiter {
 public:
  explicit FakeRedis(World& world) : world_(world), counters_(Policy::Default(), World::Now, &world) {}

  Result<Decision> TryAdmit(const Request& request) override {
    return Answer<Decision>([&] {
      if (world_.lose_counters.exchange(false)) counters_.Reset(request.recipients.front().mailbox);
      return counters_.Admit(request);
    });
  }
  Result<void> TryRefund(const Request& request) override {
    return Answer<void>([&] { counters_.Refund(request); });
  }
  Result<Decision> TryCheck(const Request& request) override {
    return Answer<Decision>([&] { return counters_.Check(request); });
  }
  Result<Explanation> TryExplain(const Recipient& recipient) override {
    return Answer<Explanation>([&] { return counters_.Explain(recipient); });
  }
  Result<void> TryBlock(const std::string& mailbox, std::int64_t until) override {
    return Answer<void>([&] { counters_.Block(mailbox, until); });
  }
  Result<void> TryReset(const std::string& mailbox) override {
    return Answer<void>([&] { counters_.Reset(mailbox); });
  }
  Result<AttackState> TryRecover(const std::string& mailbox) override {
    return Answer<AttackState>([&] { return counters_.Recover(mailbox); });
  }
  Result<void> TrySeed(const std::string& mailbox, const std::vector<Accepted>& accepted) override {
    return Answer<void>([&] { counters_.Seed(mailbox, accepted); });
  }
  Result<RedisHealth> Ping() override {
    if (world_.hold_pings) world_.ping_waits.count_down();
    world_.hold_pings.wait(true);
    return Answer<RedisHealth>(
        [&] { return RedisHealth{.generation = "run " + std::to_string(world_.generation), .fresh = world_.fresh}; });
  }

 private:
  template <class T, class Function>
  Result<T> Answer(Function function) {
    if (!Answers()) return std::unexpected(std::string("no Redis"));
    if constexpr (std::is_void_v<T>) {
      function();
      return {};
    } else {
      return function();
    }
  }

  bool Answers() {
    ++world_.redis_calls;
    return world_.redis_answers;
  }

  World& world_;
  MemoryLimiter counters_;
};

struct FallbackFixture {
  World world;
  std::mutex mutex;
  std::vector<std::string> changes;  // guarded by the mutex
  FallbackLimiter limiter{std::make_unique<FakeRedis>(world),
                          MakeMemoryLimiter(Policy::Default(), World::Now, &world),
                          {.now = World::Now, .context = &world, .on_change = [this](std::string_view reason) {
                             const std::scoped_lock lock(mutex);
                             changes.emplace_back(reason);
                           }}};
  int number = 0;

  Request To(const std::string& mailbox) {
    return {.id = std::to_string(++number), .recipients = Mailboxes({mailbox}), .category = Category::kUncategorized};
  }
  int Admitted(int tries, const std::string& mailbox = "john@example.com") {
    int admitted = 0;
    for (int i = 0; i < tries; ++i) admitted += limiter.Admit(To(mailbox)).admitted() ? 1 : 0;
    return admitted;
  }
};

}  // namespace

TEST_CASE("while Redis answers it decides") {
  FallbackFixture f;
  const Decision decision = f.limiter.Admit(f.To("john@example.com"));
  CHECK(decision.admitted());
  CHECK_FALSE(decision.degraded);
  CHECK_FALSE(f.limiter.Degraded());
  CHECK(f.world.redis_calls == 1);
}

TEST_CASE("an outage begins with warm counters") {
  FallbackFixture f;
  CHECK(f.Admitted(8) == 8);
  f.world.redis_answers = false;
  CHECK(f.Admitted(10) == 4);
  CHECK(f.limiter.Degraded());
  const Decision refused = f.limiter.Admit(f.To("john@example.com"));
  CHECK_FALSE(refused.admitted());
  CHECK(refused.degraded);
  CHECK(refused.rule == "uncategorized-mailbox-1h");
}

TEST_CASE("the request that meets the outage is decided by memory, not lost") {
  FallbackFixture f;
  f.world.redis_answers = false;
  const Decision decision = f.limiter.Admit(f.To("john@example.com"));
  CHECK(decision.admitted());
  CHECK(decision.degraded);
}

TEST_CASE("its health is known also while nobody sends") {
  FallbackFixture f;
  f.world.redis_answers = false;
  CHECK_FALSE(f.limiter.Degraded());
  f.limiter.CheckHealth();
  CHECK(f.limiter.Degraded());
  f.world.redis_answers = true;
  f.world.now += 1000;
  f.limiter.CheckHealth();
  CHECK_FALSE(f.limiter.Degraded());
}

TEST_CASE("while Redis is away it is asked once in a second, not by every request") {
  FallbackFixture f;
  f.world.redis_answers = false;
  f.Admitted(100);
  CHECK(f.world.redis_calls == 1);
  f.world.now += 999;
  f.Admitted(100);
  CHECK(f.world.redis_calls == 1);
  f.world.now += 1;
  f.Admitted(100);
  CHECK(f.world.redis_calls == 2);
}

TEST_CASE("while one request finds out, the others do not wait") {
  FallbackFixture f;
  f.world.redis_answers = false;
  f.Admitted(1);
  f.world.now += 1000;
  f.world.hold_pings = true;
  std::jthread finder([&] { f.limiter.Admit({.id = "finder", .recipients = Mailboxes({"jane@example.com"})}); });
  f.world.ping_waits.wait();
  CHECK(f.Admitted(20) == 11);
  f.world.hold_pings = false;
  f.world.hold_pings.notify_all();
}

TEST_CASE("when Redis is back it decides again, and the changes are told once each") {
  FallbackFixture f;
  f.world.redis_answers = false;
  f.Admitted(5);
  f.world.redis_answers = true;
  f.world.now += 1000;
  const Decision decision = f.limiter.Admit(f.To("john@example.com"));
  CHECK(decision.admitted());
  CHECK_FALSE(decision.degraded);
  CHECK_FALSE(f.limiter.Degraded());
  CHECK(f.changes == std::vector<std::string>{"no Redis", ""});
}

TEST_CASE("what was sent during an outage is still counted after it") {
  FallbackFixture f;
  f.world.redis_answers = false;
  CHECK(f.Admitted(20) == 12);
  f.world.redis_answers = true;
  f.world.now += 1000;
  CHECK(f.Admitted(20) == 0);
  CHECK_FALSE(f.limiter.Degraded());
  f.world.now += 3'600'000;
  CHECK(f.Admitted(20) == 12);
}

TEST_CASE("however often Redis goes and comes back, one hour has one budget") {
  FallbackFixture f;
  int admitted = 0;
  for (int i = 0; i < 30; ++i) {
    f.world.redis_answers = i % 2 == 0;
    admitted += f.Admitted(1);
    f.world.now += 1000;
  }
  CHECK(admitted == 12);
}

TEST_CASE("what Redis refuses after an outage costs nothing in memory") {
  FallbackFixture f;
  CHECK(f.Admitted(2) == 2);
  f.world.redis_answers = false;
  f.Admitted(1, "jane@example.com");
  f.world.redis_answers = true;
  f.world.now += 1000;
  CHECK(f.Admitted(20) == 10);
  f.world.redis_answers = false;
  f.world.now += 3'600'000;
  CHECK(f.Admitted(20) == 12);
}

TEST_CASE("a refund goes where the request was charged") {
  FallbackFixture f;
  const Request by_redis = f.To("john@example.com");
  REQUIRE(f.limiter.Admit(by_redis).admitted());
  CHECK(f.Admitted(20) == 11);
  f.limiter.Refund(by_redis);
  CHECK(f.Admitted(20) == 1);

  f.world.redis_answers = false;
  const Request by_memory = f.To("jane@example.com");
  REQUIRE(f.limiter.Admit(by_memory).degraded);
  CHECK(f.Admitted(20, "jane@example.com") == 11);
  f.limiter.Refund(by_memory);
  f.limiter.Refund(by_memory);
  CHECK(f.Admitted(20, "jane@example.com") == 1);
}

TEST_CASE("a refund that meets the outage starts the fallback and is kept in memory") {
  FallbackFixture f;
  const Request request = f.To("john@example.com");
  REQUIRE(f.limiter.Admit(request).admitted());
  f.world.redis_answers = false;
  f.limiter.Refund(request);
  CHECK(f.limiter.Degraded());
  CHECK(f.Admitted(20) == 12);
}

TEST_CASE("threads through an outage and back are never over one budget of each filling") {
  FallbackFixture f;
  std::atomic<int> admitted = 0;
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 16; ++i) {
      callers.emplace_back([&, i] {
        for (int k = 0; k < 200; ++k) {
          if (k % 20 == 0) f.world.redis_answers = (k / 20 + i) % 2 == 0;
          f.world.now += 100;
          const std::string id = std::to_string(i) + "/" + std::to_string(k);
          admitted += f.limiter.Admit({.id = id, .recipients = Mailboxes({"john@example.com"})}).admitted() ? 1 : 0;
        }
      });
    }
  }
  CHECK(admitted >= 12);
  CHECK(admitted <= 24);
}

TEST_CASE("what can wait is held while Redis is away, and goes when it is back") {
  FallbackFixture f;
  f.world.redis_answers = false;
  for (const Category category :
       {Category::kSignupConfirmation, Category::kInvitation, Category::kContactAck, Category::kNotification}) {
    for (int i = 0; i < 3; ++i) {
      Request request = f.To("john@example.com");
      request.category = category;
      const Decision held = f.limiter.Admit(request);
      CHECK(held.outcome == sealpost::ratelimit::Outcome::kHeld);
      CHECK(held.hold == seconds(60));
      CHECK(held.degraded);
      CHECK(f.limiter.Check(request).outcome == sealpost::ratelimit::Outcome::kHeld);
    }
  }
  for (const Category category : {Category::kOtp, Category::kPasswordReset, Category::kSecurityAlert,
                                  Category::kReceipt, Category::kUncategorized}) {
    Request request = f.To("john@example.com");
    request.category = category;
    CHECK(f.limiter.Admit(request).admitted());
  }
  f.world.redis_answers = true;
  f.world.now += 60'000;
  Request request = f.To("john@example.com");
  request.category = Category::kInvitation;
  CHECK(f.limiter.Admit(request).admitted());
}

TEST_CASE("what this process knows to be too many is refused also while others wait") {
  FallbackFixture f;
  Request request = f.To("john@example.com");
  request.category = Category::kContactAck;
  REQUIRE(f.limiter.Admit(request).admitted());
  f.world.redis_answers = false;
  request.id += "+";
  CHECK(f.limiter.Admit(request).outcome == sealpost::ratelimit::Outcome::kDenied);
}

TEST_CASE("an outage in the middle of a request that can wait holds it and charges nothing") {
  FallbackFixture f;
  f.world.redis_answers = false;
  f.Admitted(1, "jane@example.com");
  f.world.redis_answers = true;
  f.world.now += 1000;
  f.Admitted(1, "jane@example.com");  // both must admit from here on
  f.world.redis_answers = false;
  Request request = f.To("john@example.com");
  request.category = Category::kContactAck;
  CHECK(f.limiter.Admit(request).outcome == sealpost::ratelimit::Outcome::kHeld);
  f.world.redis_answers = true;
  f.world.now += 1000;
  CHECK(f.limiter.Admit(request).admitted());
}

TEST_CASE("lost counters are noticed once, and this process remembers meanwhile what it sent") {
  FallbackFixture f;
  f.limiter.CheckHealth();
  CHECK(f.limiter.Generation() == 0);
  CHECK(f.Admitted(12) == 12);
  f.world.lose_counters = true;
  f.world.generation = 2;
  f.limiter.CheckHealth();
  f.limiter.CheckHealth();
  CHECK(f.limiter.Generation() == 1);
  CHECK(f.Admitted(12) == 0);
  CHECK_FALSE(f.limiter.Degraded());
}

TEST_CASE("a Redis that nobody had asked before is a loss, one that was known is none") {
  FallbackFixture known;
  known.limiter.CheckHealth();
  CHECK(known.limiter.Generation() == 0);
  FallbackFixture empty;
  empty.world.fresh = true;
  empty.limiter.CheckHealth();
  CHECK(empty.limiter.Generation() == 1);
}

TEST_CASE("blocks, resets and seeds reach both fillings, and tell when Redis did not learn of them") {
  FallbackFixture f;
  CHECK(f.limiter.Block("john@example.com", f.world.now + 3'600'000));
  f.world.redis_answers = false;
  CHECK(f.Admitted(1) == 0);
  CHECK_FALSE(f.limiter.Unblock("john@example.com"));
  CHECK(f.Admitted(1) == 1);
  CHECK_FALSE(f.limiter.Reset("john@example.com"));
  CHECK_FALSE(f.limiter.Seed("john@example.com", {{.id = "old", .at = f.world.now}}));
  CHECK(f.limiter.Explain({.mailbox = "john@example.com"}).degraded);
  CHECK(f.limiter.Explain({.mailbox = "john@example.com"}).sent.size() == 1);
}

TEST_CASE("the steady clock does not run backward") {
  CHECK(SteadyNow(nullptr) <= SteadyNow(nullptr));
}

TEST_CASE("the end of an attack waits for Redis to tell, but for one that only this process knows") {
  FallbackFixture f;
  const auto flood = [&f](const std::string& mailbox) {
    for (int i = 0; i < 21; ++i) {
      Request code = f.To(mailbox);
      code.category = Category::kOtp;
      f.limiter.Admit(code);
    }
  };
  flood("john@example.com");
  f.world.redis_answers = false;
  flood("jane@example.com");
  flood("jim@example.com");
  REQUIRE(f.limiter.Degraded());
  f.world.now += 3'600'000;
  CHECK(f.limiter.Recover("john@example.com") == AttackState::kGoesOn);
  f.world.redis_answers = true;
  f.limiter.CheckHealth();
  CHECK(f.limiter.Recover("john@example.com") == AttackState::kEnded);
  CHECK(f.limiter.Recover("jane@example.com") == AttackState::kEnded);
  CHECK(f.limiter.Recover("jane@example.com") == AttackState::kNone);
  const auto told = f.limiter.Admit(f.To("jim@example.com")).signals;
  CHECK(told == std::vector<Signal>{{Signal::Kind::kRecovered, "jim@example.com"}});
}
