#include "ratelimit/explain.h"
#include "tests/ratelimit/requests.h"
#include "tests/ratelimit/times.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace sealpost::ratelimit;
using sealpost::tests::Book;
using sealpost::tests::kNow;

namespace {

const Explanation::Usage* Find(const Explanation& explanation, const std::string& rule) {
  const auto found = std::ranges::find(explanation.rules, rule, &Explanation::Usage::rule);
  return found == explanation.rules.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("each rule is told once, with what is used of it and when that ends") {
  MailboxLogs logs;
  logs.mailbox = {{.time = kNow - 1000, .tag = Tag(Category::kOtp, Lane::kAnonymous), .count = 2}};
  const Explanation explanation = MakeExplanation(Book(), {.mailbox = "a@x"}, logs, kNow);
  REQUIRE(Find(explanation, "umbrella-mailbox-1h"));
  CHECK(Find(explanation, "umbrella-mailbox-1h")->used == 2);
  CHECK(Find(explanation, "umbrella-mailbox-1h")->reset_at == kNow - 1000 + 3'600'000);
  CHECK(Find(explanation, "receipt-mailbox-1h")->reset_at == 0);
  CHECK(std::ranges::count(explanation.rules, "all-mailbox-1h", &Explanation::Usage::rule) == 1);
  CHECK(Find(explanation, "trusted-mailbox-1h")->scope == "trusted");
}

TEST_CASE("a confirmed mailbox has other rules than one that is not, and a family or a domain only where it counts") {
  const Explanation unknown = MakeExplanation(Book(), {.mailbox = "a+1@x", .family = "a@x", .domain = "x"}, {}, kNow);
  CHECK(Find(unknown, "umbrella-mailbox-1h")->limit.count == 6);
  CHECK(Find(unknown, "signup_confirmation-mailbox-7d"));
  CHECK(Find(unknown, "umbrella-family-1h"));
  CHECK(Find(unknown, "umbrella-domain-1h"));
  const Explanation known = MakeExplanation(Book(), {.mailbox = "a@x", .family = "a@x", .confirmed = true}, {}, kNow);
  CHECK(Find(known, "umbrella-mailbox-1h")->limit.count == 8);
  CHECK_FALSE(Find(known, "signup_confirmation-mailbox-7d"));
  CHECK_FALSE(Find(known, "umbrella-family-1h"));
  CHECK_FALSE(Find(known, "umbrella-domain-1h"));
}

TEST_CASE("the two budgets of the trusted lane are told apart, and no message in it has a category that may be wrong") {
  MailboxLogs logs;
  logs.mailbox = {{.time = kNow - 2000, .tag = TrustedTag(Trust::kCaptcha), .count = 2},
                  {.time = kNow - 1000, .tag = TrustedTag(Trust::kFull)}};
  const Explanation explanation = MakeExplanation(Book(), {.mailbox = "a@x"}, logs, kNow);
  REQUIRE(Find(explanation, "captcha-mailbox-1h"));
  CHECK(Find(explanation, "captcha-mailbox-1h")->scope == "trusted");
  CHECK(Find(explanation, "captcha-mailbox-1h")->used == 2);
  CHECK(Find(explanation, "trusted-mailbox-1h")->used == 1);
  for (const Explanation::Sent& sent : explanation.sent) {
    CHECK(sent.lane == Lane::kTrusted);
    CHECK_FALSE(sent.category.has_value());
  }
}

TEST_CASE("a block that is over is none") {
  MailboxLogs logs;
  logs.state.blocked_until = kNow;
  CHECK(MakeExplanation(Book(), {.mailbox = "a@x"}, logs, kNow).blocked_until == 0);
  logs.state.blocked_until = kNow + 1;
  CHECK(MakeExplanation(Book(), {.mailbox = "a@x"}, logs, kNow).blocked_until == kNow + 1);
}
