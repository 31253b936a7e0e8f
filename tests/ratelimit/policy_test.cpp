#include "ratelimit/policy.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sealpost::ratelimit;
using std::chrono::seconds;

namespace {

std::string Numbers(const std::vector<Limit>& limits) {
  std::string text;
  for (const Limit& limit : limits) text += RuleName(std::to_string(limit.count), limit) + ' ';
  return text;
}

}  // namespace

TEST_CASE("a rule is named by its scope and the largest unit of its window") {
  CHECK(RuleName("otp-mailbox", {seconds(30), 1}) == "otp-mailbox-30s");
  CHECK(RuleName("otp-mailbox", {seconds(60), 1}) == "otp-mailbox-1m");
  CHECK(RuleName("otp-mailbox", {seconds(90), 1}) == "otp-mailbox-90s");
  CHECK(RuleName("umbrella-mailbox", {seconds(600), 1}) == "umbrella-mailbox-10m");
  CHECK(RuleName("all-mailbox", {seconds(3600), 1}) == "all-mailbox-1h");
  CHECK(RuleName("all-mailbox", {seconds(5400), 1}) == "all-mailbox-90m");
  CHECK(RuleName("all-mailbox", {seconds(86400), 1}) == "all-mailbox-1d");
  CHECK(RuleName("all-mailbox", {seconds(604800), 1}) == "all-mailbox-7d");
}

TEST_CASE("every category is found again by its name") {
  for (int i = 0; i <= static_cast<int>(Category::kSecurityAlert); ++i) {
    const auto category = static_cast<Category>(i);
    CHECK(ParseCategory(CategoryName(category)) == category);
  }
}

TEST_CASE("a category is read without regard to case and to hyphen or underscore") {
  CHECK(ParseCategory("password-reset") == Category::kPasswordReset);
  CHECK(ParseCategory("Password_Reset") == Category::kPasswordReset);
  CHECK(ParseCategory("OTP") == Category::kOtp);
}

TEST_CASE("what is not a category is nothing, not a default") {
  for (const char* name : {"", "ot", "otps", "password reset", "password__reset", " otp", "newsletter"}) {
    CAPTURE(name);
    CHECK_FALSE(ParseCategory(name).has_value());
  }
}

TEST_CASE("of the words of trust only captcha may be a stranger's") {
  for (const char* word : {"session", "device", "support"}) CHECK(ParseTrust(word) == Trust::kFull);
  CHECK(ParseTrust("captcha") == Trust::kCaptcha);
  CHECK(ParseTrust("") == Trust::kNone);
  for (const char* word : {"Captcha", "sessions", "me", " "}) CHECK_FALSE(ParseTrust(word).has_value());
}

TEST_CASE("the shipped numbers are those of the documentation") {
  const Policy policy = Policy::Default();
  const auto own = [&](Category category) { return Numbers(policy.For(category).mailbox); };
  CHECK(own(Category::kUncategorized) == "12-1h 40-1d ");
  CHECK(own(Category::kOtp) == "1-30s 5-10m 6-1h 15-1d ");
  CHECK(own(Category::kPasswordReset) == "1-1m 3-1h 6-1d ");
  CHECK(own(Category::kSignupConfirmation) == "1-1m 3-1h 5-1d ");
  CHECK(own(Category::kInvitation) == "2-1h 4-1d ");
  CHECK(own(Category::kContactAck) == "1-1h 3-1d ");
  CHECK(own(Category::kNotification) == "6-1m 60-1h 300-1d ");
  CHECK(own(Category::kReceipt) == "10-1h 40-1d ");
  CHECK(own(Category::kSecurityAlert) == "10-1h 30-1d ");
  CHECK(Numbers(policy.umbrella_unconfirmed) == "6-1h 10-1d ");
  CHECK(Numbers(policy.umbrella_confirmed) == "8-1h 20-1d ");
  CHECK(Numbers(policy.trusted) == "1-20s 6-1h 30-1d ");
  CHECK(Numbers(policy.captcha) == "1-20s 3-1h 8-1d ");
  CHECK(Numbers(policy.all) == "120-1h 500-1d ");
  CHECK(Numbers(policy.family) == "24-1h 60-1d ");
  CHECK(Numbers(policy.domain) == "100-1h 400-1d ");
  CHECK(Numbers(policy.source) == "20-10m 60-1h ");
  CHECK(Numbers(policy.source_net) == "80-10m 240-1h ");
  CHECK(Numbers(policy.key) == "500-1h ");
  CHECK(Numbers(policy.For(Category::kSignupConfirmation).unconfirmed) == "8-7d ");
  CHECK(Numbers(policy.For(Category::kInvitation).inviter) == "20-1h 100-1d ");
  CHECK(Numbers(policy.For(Category::kInvitation).inviter_verified) == "250-1h ");
  CHECK(Numbers(policy.For(Category::kInvitation).workspace) == "1-1d ");
  CHECK(Numbers({policy.attack.enter, policy.attack.leave}) == "20-10m 5-1h ");
  CHECK(Numbers(policy.attack.anonymous) == "2-1h ");
}

TEST_CASE("only the source begins in shadow") {
  const Policy policy = Policy::Default();
  const auto shadow = [](const std::vector<Limit>& limits) { return limits.front().mode == Mode::kShadow; };
  CHECK(shadow(policy.source));
  CHECK(shadow(policy.source_net));
  for (const auto* limits : {&policy.family, &policy.domain, &policy.key, &policy.all, &policy.umbrella_unconfirmed}) {
    CHECK_FALSE(shadow(*limits));
  }
}

TEST_CASE("a code is equal only where the application says so") {
  const Policy policy = Policy::Default();
  CHECK(policy.For(Category::kOtp).only_dedupe_key);
  CHECK_FALSE(policy.For(Category::kNotification).only_dedupe_key);
  CHECK(policy.For(Category::kOtp).duplicate == std::chrono::minutes(10));
  CHECK(policy.For(Category::kNotification).duplicate == std::chrono::minutes(5));
  CHECK(policy.For(Category::kSecurityAlert).duplicate == std::chrono::minutes(10));
  CHECK(policy.For(Category::kPasswordReset).duplicate == seconds(0));
}

TEST_CASE("a policy finds its own categories and the shipped ones") {
  Policy policy = Policy::Default();
  policy.categories.push_back(
      {.category = static_cast<Category>(9), .lane = Lane::kAnonymous, .mailbox = {}, .name = "magic_link"});
  CHECK(policy.Find("MAGIC-link") == static_cast<Category>(9));
  CHECK(policy.Find("otp") == Category::kOtp);
  CHECK_FALSE(policy.Find("magic").has_value());
  CHECK(policy.NameOf(static_cast<Category>(9)) == "magic_link");
  CHECK(policy.NameOf(Category::kReceipt) == "receipt");
}

TEST_CASE("what anybody can trigger is in the anonymous lane") {
  const Policy policy = Policy::Default();
  for (const Category category : {Category::kOtp, Category::kPasswordReset, Category::kSignupConfirmation,
                                  Category::kInvitation, Category::kContactAck}) {
    CHECK(policy.For(category).lane == Lane::kAnonymous);
  }
  for (const Category category : {Category::kNotification, Category::kReceipt, Category::kUncategorized}) {
    CHECK(policy.For(category).lane == Lane::kApplication);
  }
  CHECK(policy.For(Category::kSecurityAlert).lane == Lane::kReserved);
}

TEST_CASE("a category that a policy leaves out is limited as uncategorized, and not at all admitted without that") {
  Policy policy = Policy::Default();
  std::erase_if(policy.categories, [](const auto& own) { return own.category == Category::kReceipt; });
  CHECK(policy.For(Category::kReceipt).category == Category::kUncategorized);
  policy.categories.clear();
  REQUIRE(policy.For(Category::kReceipt).mailbox.size() == 1);
  CHECK(policy.For(Category::kReceipt).mailbox.front().count == 0);
}
