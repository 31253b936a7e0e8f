#include "ratelimit/mailbox_state.h"
#include "tests/ratelimit/times.h"

#include <doctest/doctest.h>

#include <string>

using namespace sealpost::ratelimit;
using sealpost::tests::kMinute;
using sealpost::tests::kNow;

namespace {

struct StateFixture {
  AttackRule rule{Policy::Default().attack};
  MailboxState state;

  // Whether the last of them began an attack.
  bool Refuse(int times, std::int64_t now) {
    bool began = false;
    for (int i = 0; i < times; ++i) began = CountRefusal(state, rule, now);
    return began;
  }
};

}  // namespace

TEST_CASE("the shipped rule counts by the minute: twenty in ten enter, fewer than five in sixty leave") {
  const AttackRule rule(Policy::Default().attack);
  CHECK(rule.step == kMinute);
  CHECK(rule.enter_steps == 10);
  CHECK(rule.enter_count == 20);
  CHECK(rule.leave_count == 5);
}

TEST_CASE("an attack begins with the twentieth refusal, once") {
  StateFixture f;
  CHECK_FALSE(f.Refuse(19, kNow));
  CHECK(f.Refuse(1, kNow + 9 * kMinute));
  CHECK(f.state.attacked_since == kNow + 9 * kMinute);
  CHECK_FALSE(f.Refuse(1, kNow + 9 * kMinute));
}

TEST_CASE("a rule that is off begins no attack, and one without an end ends") {
  Policy::Attack attack = Policy::Default().attack;
  attack.enter.mode = Mode::kOff;
  StateFixture f{.rule = AttackRule(attack), .state = {}};
  CHECK_FALSE(f.Refuse(3000, kNow));
  attack = Policy::Default().attack;
  attack.leave.count = 0;
  CHECK(AttackRule(attack).leave_count == 1);
}

TEST_CASE("impatience spread over time is no attack") {
  StateFixture f;
  for (int i = 0; i < 300; ++i) CHECK_FALSE(f.Refuse(1, kNow + i * kMinute));
}

TEST_CASE("an attack lasts while five refusals are left in an hour") {
  StateFixture f;
  f.Refuse(20, kNow);
  f.Refuse(4, kNow + 30 * kMinute);
  CHECK_FALSE(Recover(f.state, f.rule, kNow + 59 * kMinute));
  CHECK(Recover(f.state, f.rule, kNow + 60 * kMinute));
  CHECK_FALSE(Recover(f.state, f.rule, kNow + 60 * kMinute));
}

TEST_CASE("a clock that runs backward ends no attack") {
  StateFixture f;
  f.Refuse(20, kNow);
  CHECK_FALSE(Recover(f.state, f.rule, kNow - 3 * 60 * kMinute));
  f.Refuse(1, kNow - 3 * 60 * kMinute);
  CHECK(Refusals(f.state, f.rule, 60, kNow) == 21);
}

TEST_CASE("bytes that are no state are an empty one") {
  CHECK(ParseMailboxState("").blocked_until == 0);
  CHECK(ParseMailboxState("abc").attacked_since == 0);
  const MailboxState state = ParseMailboxState(std::string("\0\0\0\0\1\0\0\0\0\0\0\2 torn", 17));
  CHECK(state.blocked_until == 256);
  CHECK(state.attacked_since == 2);
  CHECK(state.step == 0);
}
