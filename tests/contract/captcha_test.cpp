// Who solves captchas for an address that is not theirs must not lock its owner out, whatever the owner is known by.
#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <vector>

#include "tests/contract/fillings.h"
#include "tests/ratelimit/times.h"

using namespace sealpost::ratelimit;
using namespace sealpost::tests;

namespace {

Request AskedCode(Trust trust, const std::string& mailbox = "john@example.com", Category category = Category::kOtp) {
  static std::atomic<int> number = 0;
  return {.id = "captcha-" + std::to_string(++number),
          .recipients = Mailboxes({mailbox}),
          .category = category,
          .trust = trust};
}

// How many of `tries` come through, with `step` after each.
template <class Filling>
int Admitted(Filling& filling, int tries, std::int64_t step, Trust trust, Category category = Category::kOtp) {
  int admitted = 0;
  for (int i = 0; i < tries; ++i) {
    admitted += filling.limiter->Admit(AskedCode(trust, "john@example.com", category)).admitted() ? 1 : 0;
    filling.time.ms += step;
  }
  return admitted;
}

}  // namespace

#define FILLINGS MemoryFilling, RedisFilling, FallbackFilling

TEST_CASE_TEMPLATE("captchas bring three messages an hour and eight a day, over all categories", F, FILLINGS) {
  F filling;
  CHECK(Admitted(filling, 2, 30 * kSecond, Trust::kCaptcha) == 2);
  CHECK(Admitted(filling, 5, 30 * kSecond, Trust::kCaptcha, Category::kPasswordReset) == 1);
  const Decision refused = filling.limiter->Admit(AskedCode(Trust::kCaptcha));
  CHECK(refused.rule == "captcha-mailbox-1h");
  CHECK(refused.scope == "trusted");
  CHECK(refused.outcome == sealpost::ratelimit::Outcome::kDenied);
  filling.time.ms += kHour;
  CHECK(Admitted(filling, 22 * 100, 36 * kSecond, Trust::kCaptcha) == 5);
  CHECK(filling.limiter->Admit(AskedCode(Trust::kCaptcha)).rule == "captcha-mailbox-1d");
}

TEST_CASE_TEMPLATE("captchas take nothing from a session's budget, not even its twenty seconds", F, FILLINGS) {
  F filling;
  CHECK(Admitted(filling, 100, 20 * kSecond, Trust::kCaptcha) == 3);
  filling.time.ms += kHour;
  REQUIRE(filling.limiter->Admit(AskedCode(Trust::kCaptcha)).admitted());
  const Decision at_once = filling.limiter->Admit(AskedCode(Trust::kFull));
  CHECK(at_once.admitted());
  CHECK(at_once.remaining == 0);
  CHECK(at_once.rule == "trusted-mailbox-20s");
  filling.time.ms += 20 * kSecond;
  CHECK(Admitted(filling, 20, 20 * kSecond, Trust::kFull) == 5);
  CHECK(filling.limiter->Admit(AskedCode(Trust::kFull)).rule == "trusted-mailbox-1h");
}

TEST_CASE_TEMPLATE("a session takes nothing from the captchas' budget, nor they from the anonymous one", F, FILLINGS) {
  F filling;
  CHECK(Admitted(filling, 20, 20 * kSecond, Trust::kFull) == 6);
  CHECK(Admitted(filling, 20, 20 * kSecond, Trust::kCaptcha) == 3);
  CHECK(Admitted(filling, 20, 121 * kSecond, Trust::kNone) == 6);
}

TEST_CASE_TEMPLATE("captchas for many strangers do not use up the key for those with a session", F, FILLINGS) {
  Policy policy = Policy::Default();
  policy.key = {{std::chrono::hours(1), 10}};
  F filling(policy);
  const auto ask = [&](Trust trust, int number) {
    Request request = AskedCode(trust, "m" + std::to_string(number) + "@example.com");
    request.key = "shop";
    return filling.limiter->Admit(request);
  };
  int solved = 0;
  for (int i = 0; i < 30; ++i) solved += ask(Trust::kCaptcha, i).admitted() ? 1 : 0;
  CHECK(solved == 10);
  CHECK(ask(Trust::kCaptcha, 30).rule == "new-key-1h");
  for (int i = 100; i < 110; ++i) CHECK(ask(Trust::kFull, i).admitted());
  CHECK(ask(Trust::kFull, 110).rule == "new-key-1h");
}

TEST_CASE_TEMPLATE("what is seeded counts in the budget that it was sent from", F, FILLINGS) {
  F filling;
  std::vector<Accepted> accepted;
  for (int i = 0; i < 6; ++i) {
    accepted.push_back({.id = "seeded-" + std::to_string(i),
                        .at = filling.time.ms - (i + 1) * 60 * kSecond,
                        .category = Category::kOtp,
                        .trust = Trust::kCaptcha});
  }
  filling.limiter->Seed("john@example.com", accepted);
  CHECK(filling.limiter->Check(AskedCode(Trust::kCaptcha)).rule == "captcha-mailbox-1h");
  CHECK(filling.limiter->Check(AskedCode(Trust::kFull)).remaining == 0);
  CHECK(Admitted(filling, 20, 20 * kSecond, Trust::kFull) == 6);
}

TEST_CASE_TEMPLATE("a captcha's message is given back, and stands in an explanation without a category", F, FILLINGS) {
  F filling;
  const Request request = AskedCode(Trust::kCaptcha);
  REQUIRE(filling.limiter->Admit(request).admitted());
  const Explanation explanation = filling.limiter->Explain({.mailbox = "john@example.com"});
  REQUIRE(explanation.sent.size() == 1);
  CHECK(explanation.sent[0].lane == Lane::kTrusted);
  CHECK_FALSE(explanation.sent[0].category.has_value());
  filling.limiter->Refund(request);
  CHECK(Admitted(filling, 5, 20 * kSecond, Trust::kCaptcha) == 3);
}
