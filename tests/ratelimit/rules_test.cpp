#include "ratelimit/rules.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/ratelimit/requests.h"

using namespace sealpost::ratelimit;
using sealpost::tests::Mailboxes;

namespace {

std::string Names(const Request& request) {
  static const RuleBook book(Policy::Default());
  std::string text;
  for (const Rule& rule : book.For(request).rules) text += rule.name + ' ';
  return text;
}

Request Of(Category category, bool trusted = false, bool confirmed = false) {
  return {.id = "r", .recipients = Mailboxes({"m@x"}, confirmed), .category = category, .trusted = trusted};
}

}  // namespace

TEST_CASE("an anonymous request is judged by its category, the umbrella and the rule for all") {
  CHECK(Names(Of(Category::kInvitation)) ==
        "invitation-mailbox-1h invitation-mailbox-1d umbrella-mailbox-1h umbrella-mailbox-1d all-mailbox-1h "
        "all-mailbox-1d ");
}

TEST_CASE("a request of the application is not under the umbrella") {
  CHECK(Names(Of(Category::kUncategorized)) ==
        "uncategorized-mailbox-1h uncategorized-mailbox-1d all-mailbox-1h all-mailbox-1d ");
}

TEST_CASE("a security alert is judged by its own rules only") {
  CHECK(Names(Of(Category::kSecurityAlert)) == "security_alert-mailbox-1h security_alert-mailbox-1d ");
}

TEST_CASE("trust replaces category and umbrella for otp and password_reset") {
  const std::string trusted =
      "trusted-mailbox-20s trusted-mailbox-1h trusted-mailbox-1d all-mailbox-1h all-mailbox-1d ";
  CHECK(Names(Of(Category::kOtp, true)) == trusted);
  CHECK(Names(Of(Category::kPasswordReset, true)) == trusted);
}

TEST_CASE("trust changes nothing elsewhere") {
  for (const Category category :
       {Category::kUncategorized, Category::kSignupConfirmation, Category::kInvitation, Category::kContactAck,
        Category::kNotification, Category::kReceipt, Category::kSecurityAlert}) {
    CHECK(Names(Of(category, true)) == Names(Of(category)));
  }
}

TEST_CASE("a confirmed recipient has the wider umbrella") {
  const RuleBook book(Policy::Default());
  const auto umbrella = [&](bool confirmed) {
    for (const Rule& rule : book.For(Of(Category::kOtp, false, confirmed)).rules) {
      if (rule.name == "umbrella-mailbox-1h") return rule.limit.count;
    }
    return 0U;
  };
  CHECK(umbrella(false) == 6);
  CHECK(umbrella(true) == 8);
}

TEST_CASE("the lanes keep their entries apart") {
  const std::uint8_t otp = Tag(Category::kOtp, Lane::kAnonymous);
  const std::uint8_t trusted_otp = Tag(Category::kOtp, Lane::kTrusted);
  const std::uint8_t reset = Tag(Category::kPasswordReset, Lane::kAnonymous);
  const std::uint8_t alert = Tag(Category::kSecurityAlert, Lane::kReserved);
  CHECK(Counts(Scope::kCategory, otp, otp));
  CHECK_FALSE(Counts(Scope::kCategory, otp, trusted_otp));
  CHECK_FALSE(Counts(Scope::kCategory, otp, reset));
  CHECK(Counts(Scope::kLane, otp, reset));
  CHECK_FALSE(Counts(Scope::kLane, otp, trusted_otp));
  CHECK(Counts(Scope::kAll, otp, trusted_otp));
  CHECK_FALSE(Counts(Scope::kAll, otp, alert));
}

TEST_CASE("waiting times are rounded up to whole seconds and are never nothing") {
  const RuleBook book(Policy::Default());
  const RuleSet& set = book.For(Of(Category::kOtp));
  const auto retry = [&](std::int64_t ms) {
    const Standing standing{.rule = 0, .remaining = 0, .reset_at = 1000 + ms, .retry_at = 1000 + ms};
    return Decide(set, {.standing = standing, .clock = 1000, .refused = {"m"}, .last_sent_at = 1}).retry_after.count();
  };
  CHECK(retry(1) == 1);
  CHECK(retry(1000) == 1);
  CHECK(retry(1001) == 2);
  CHECK(retry(29'999) == 30);
}

TEST_CASE("a mailbox named twice in a request is one unit") {
  const std::vector<Recipient> recipients = Mailboxes({"b@x", "a@x", "b@x", "a@x"});
  const auto once = Distinct(recipients);
  REQUIRE(once.size() == 2);
  CHECK(once[0] == "b@x");
  CHECK(once[1] == "a@x");
}
