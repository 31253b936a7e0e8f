// What is the memory filling's own; its decisions are tested in tests/contract.
#include "ratelimit/memory_limiter.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/ratelimit/requests.h"
#include "tests/ratelimit/times.h"

using namespace sealpost::ratelimit;
using sealpost::tests::kHour;
using sealpost::tests::Mailboxes;

namespace {

struct MemoryFixture {
  std::int64_t now = 1'767'225'600'000;
  MemoryLimiter limiter{Policy::Default(), [](const void* time) { return *static_cast<const std::int64_t*>(time); },
                        &now};
  int number = 0;

  Request To(const std::string& mailbox) {
    return {.id = std::to_string(++number), .recipients = Mailboxes({mailbox}), .category = Category::kUncategorized};
  }
};

}  // namespace

TEST_CASE("mailboxes that fell silent are forgotten, others are not") {
  MemoryFixture f;
  for (int i = 0; i < 1000; ++i) f.limiter.Admit(f.To(std::to_string(i) + "@example.com"));
  CHECK(f.limiter.Mailboxes() == 1000);
  f.now += 10 * kHour;
  f.limiter.Admit(f.To("7@example.com"));
  CHECK(f.limiter.Mailboxes() == 1000);
  f.now += 15 * kHour;
  f.limiter.Admit(f.To("new@example.com"));
  CHECK(f.limiter.Mailboxes() == 2);
}

TEST_CASE("a refusal leaves no trace of a mailbox") {
  MemoryFixture f;
  for (int i = 0; i < 12; ++i) f.limiter.Admit(f.To("full@example.com"));
  Request request = f.To("full@example.com");
  request.recipients.push_back({.mailbox = "fresh@example.com"});
  CHECK_FALSE(f.limiter.Admit(request).admitted());
  CHECK(f.limiter.Mailboxes() == 1);
}

TEST_CASE("what is recorded counts, also beyond a limit") {
  MemoryFixture f;
  for (int i = 0; i < 15; ++i) f.limiter.Record(f.To("john@example.com"));
  f.now += kHour / 2;
  const Decision refused = f.limiter.Admit(f.To("john@example.com"));
  CHECK_FALSE(refused.admitted());
  CHECK(refused.retry_after.count() == 1800);
}

TEST_CASE("a record can be refunded") {
  MemoryFixture f;
  Request last;
  for (int i = 0; i < 12; ++i) f.limiter.Record(last = f.To("john@example.com"));
  CHECK_FALSE(f.limiter.Admit(f.To("john@example.com")).admitted());
  f.limiter.Refund(last);
  CHECK(f.limiter.Admit(f.To("john@example.com")).admitted());
}

TEST_CASE("equal content is known also when a clock that was ahead is set back") {
  MemoryFixture f;
  Request first = f.To("john@example.com");
  first.category = Category::kNotification;
  first.content = "the same";
  REQUIRE(f.limiter.Admit(first).admitted());
  f.now += kHour / 10;
  REQUIRE(f.limiter.Admit(f.To("jane@example.com")).admitted());
  f.now -= kHour / 20;
  Request again = first;
  again.id = "again";
  const Decision decision = f.limiter.Admit(again);
  CHECK(decision.outcome == Outcome::kCoalesced);
  CHECK(decision.earlier_id == first.id);
}

TEST_CASE("the system's clock is Unix milliseconds") {
  CHECK(SystemNow(nullptr) > 1'700'000'000'000);
  CHECK(SystemNow(nullptr) < 4'100'000'000'000);
}
