// The end of an attack, asked for instead of waited for.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "tests/contract/fillings.h"
#include "tests/ratelimit/times.h"

using namespace sealpost::ratelimit;
using namespace sealpost::tests;

namespace {

template <class F>
Decision Ask(F& filling, const std::string& mailbox) {
  static int number = 0;
  return filling.limiter->Admit(
      {.id = "recover-" + std::to_string(++number), .recipients = {{.mailbox = mailbox}}, .category = Category::kOtp});
}

bool Tells(const Decision& decision, Signal::Kind kind) {
  return std::ranges::any_of(decision.signals, [kind](const Signal& signal) { return signal.kind == kind; });
}

// Twenty refusals behind the first message.
template <class F>
void Flood(F& filling, const std::string& mailbox) {
  for (int i = 0; i < 20; ++i) CHECK_FALSE(Tells(Ask(filling, mailbox), Signal::Kind::kUnderAttack));
  CHECK(Tells(Ask(filling, mailbox), Signal::Kind::kUnderAttack));
}

}  // namespace

#define FILLINGS MemoryFilling, RedisFilling, FallbackFilling

TEST_CASE_TEMPLATE("an attack goes on until it has ebbed away, and its end is told to one who asks", F, FILLINGS) {
  F filling;
  Ask(filling, "jane@x");
  CHECK(filling.limiter->Recover("jane@x") == AttackState::kNone);
  CHECK(filling.limiter->Recover("nobody@x") == AttackState::kNone);
  Flood(filling, "john@x");
  CHECK(filling.limiter->Recover("john@x") == AttackState::kGoesOn);
  filling.time.ms += 59 * kMinute;
  CHECK(filling.limiter->Recover("john@x") == AttackState::kGoesOn);
  filling.time.ms += kMinute;
  CHECK(filling.limiter->Recover("john@x") == AttackState::kEnded);
  CHECK(filling.limiter->Recover("john@x") == AttackState::kNone);
  const Decision after = Ask(filling, "john@x");
  CHECK(after.admitted());
  CHECK_FALSE(Tells(after, Signal::Kind::kRecovered));
}

TEST_CASE_TEMPLATE("an end that a request has told is told to nobody else", F, FILLINGS) {
  F filling;
  Flood(filling, "john@x");
  filling.time.ms += 60 * kMinute;
  CHECK(Tells(Ask(filling, "john@x"), Signal::Kind::kRecovered));
  CHECK(filling.limiter->Recover("john@x") == AttackState::kNone);
}

TEST_CASE_TEMPLATE("asking charges nothing, counts no refusal and keeps a block", F, FILLINGS) {
  F filling;
  Flood(filling, "john@x");
  const Explanation before = filling.limiter->Explain({.mailbox = "john@x"});
  for (int i = 0; i < 30; ++i) filling.limiter->Recover("john@x");
  const Explanation after = filling.limiter->Explain({.mailbox = "john@x"});
  CHECK(after.sent.size() == before.sent.size());
  CHECK(after.refusals_last_hour == before.refusals_last_hour);
  const std::int64_t until = filling.time.ms + 120 * kMinute;
  filling.limiter->Block("john@x", until);
  filling.time.ms += 60 * kMinute;
  CHECK(filling.limiter->Recover("john@x") == AttackState::kEnded);
  CHECK(filling.limiter->Explain({.mailbox = "john@x"}).blocked_until == until);
}

TEST_CASE_TEMPLATE("whoever only asks takes no surge from the request that meets it", F, FILLINGS) {
  F filling;
  const auto to = [](int number) {
    const std::string name = std::to_string(number);
    return Request{.id = "surge-" + name,
                   .recipients = {{.mailbox = name + "@corp.example", .domain = "corp.example"}},
                   .category = Category::kOtp};
  };
  for (int i = 0; i < 100; ++i) REQUIRE(filling.limiter->Admit(to(i)).admitted());
  const Decision asked = filling.limiter->Check(to(100));
  CHECK_FALSE(asked.admitted());
  CHECK(asked.signals.empty());
  CHECK(Tells(filling.limiter->Admit(to(100)), Signal::Kind::kDomainSurge));
}
