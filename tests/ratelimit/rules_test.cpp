#include "ratelimit/rules.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sealpost::ratelimit;

namespace {

std::string Names(const RuleSet& set) {
  std::string text;
  for (const Rule& rule : set.rules) text += rule.name + (rule.limit.mode == Mode::kShadow ? "? " : " ");
  return text;
}

std::string Names(Category category, bool trusted = false, Kind kind = Kind::kMailbox) {
  static const RuleBook book(Policy::Default());
  return Names(book.For(category, trusted).Of(kind));
}

}  // namespace

TEST_CASE("an anonymous request is judged by its category, the umbrella, an attack and the rule for all") {
  CHECK(Names(Category::kInvitation) ==
        "invitation-mailbox-1h invitation-mailbox-1d umbrella-mailbox-1h umbrella-mailbox-1d attack-mailbox-1h "
        "all-mailbox-1h all-mailbox-1d ");
}

TEST_CASE("a request of the application is not under the umbrella") {
  CHECK(Names(Category::kUncategorized) ==
        "uncategorized-mailbox-1h uncategorized-mailbox-1d all-mailbox-1h all-mailbox-1d ");
}

TEST_CASE("a security alert is judged by its own rules only") {
  CHECK(Names(Category::kSecurityAlert) == "security_alert-mailbox-1h security_alert-mailbox-1d ");
  for (std::size_t kind = 1; kind < kKinds; ++kind) {
    CHECK(Names(Category::kSecurityAlert, false, static_cast<Kind>(kind)).empty());
  }
}

TEST_CASE("trust replaces category and umbrella for otp and password_reset") {
  const std::string trusted =
      "trusted-mailbox-20s trusted-mailbox-1h trusted-mailbox-1d all-mailbox-1h all-mailbox-1d ";
  CHECK(Names(Category::kOtp, true) == trusted);
  CHECK(Names(Category::kPasswordReset, true) == trusted);
}

TEST_CASE("trust changes nothing elsewhere") {
  for (const Category category :
       {Category::kUncategorized, Category::kSignupConfirmation, Category::kInvitation, Category::kContactAck,
        Category::kNotification, Category::kReceipt, Category::kSecurityAlert}) {
    CHECK(Names(category, true) == Names(category));
  }
}

TEST_CASE("family, domain and source are the anonymous lane's, the source in shadow") {
  CHECK(Names(Category::kOtp, false, Kind::kFamily) == "umbrella-family-1h umbrella-family-1d ");
  CHECK(Names(Category::kOtp, false, Kind::kDomain) == "umbrella-domain-1h umbrella-domain-1d ");
  CHECK(Names(Category::kOtp, false, Kind::kSource) == "umbrella-source-10m? umbrella-source-1h? ");
  CHECK(Names(Category::kOtp, false, Kind::kSourceNet) == "umbrella-source_net-10m? umbrella-source_net-1h? ");
  for (const Kind kind : {Kind::kFamily, Kind::kDomain, Kind::kSource, Kind::kSourceNet}) {
    CHECK(Names(Category::kOtp, true, kind).empty());
    CHECK(Names(Category::kUncategorized, false, kind).empty());
  }
}

TEST_CASE("a key is limited where a stranger or a thief sends, and only watched where the application does") {
  CHECK(Names(Category::kOtp, false, Kind::kKey) == "new-key-1h ");
  CHECK(Names(Category::kOtp, true, Kind::kKey) == "new-key-1h ");
  CHECK(Names(Category::kReceipt, false, Kind::kKey) == "new-key-1h? ");
}

TEST_CASE("what a category says of inviters, workspaces and unconfirmed mailboxes is judged in counters of their own") {
  CHECK(Names(Category::kInvitation, false, Kind::kInviter) == "invitation-inviter-1h invitation-inviter-1d ");
  CHECK(Names(Category::kInvitation, false, Kind::kWorkspace) == "invitation-workspace-1d ");
  CHECK(Names(Category::kSignupConfirmation, false, Kind::kUnconfirmed) == "signup_confirmation-mailbox-7d ");
  const RuleBook book(Policy::Default());
  CHECK(Names(book.For(Category::kInvitation, false).verified_inviter) == "invitation-inviter-1h ");
  CHECK(book.For(Category::kInvitation, false).verified_inviter.rules.front().limit.count == 250);
}

TEST_CASE("a confirmed recipient has the wider umbrella") {
  const RuleBook book(Policy::Default());
  const CategoryRules& rules = book.For(Category::kOtp, false);
  const auto umbrella = [](const RuleSet& set) {
    for (const Rule& rule : set.rules) {
      if (rule.name == "umbrella-mailbox-1h") return rule.limit.count;
    }
    return 0U;
  };
  CHECK(umbrella(rules.Of(Kind::kMailbox)) == 6);
  CHECK(umbrella(rules.confirmed_mailbox) == 8);
}

TEST_CASE("a rule that is off is not there") {
  Policy policy = Policy::Default();
  for (Limit& limit : policy.all) limit.mode = Mode::kOff;
  const RuleBook book(policy);
  CHECK(Names(book.For(Category::kReceipt, false).Of(Kind::kMailbox)) == "receipt-mailbox-1h receipt-mailbox-1d ");
}

TEST_CASE("entries are kept for the longest window of their kind and an hour") {
  const RuleBook book(Policy::Default());
  CHECK(book.Keep(Kind::kMailbox) == 25 * 3'600'000);
  CHECK(book.Keep(Kind::kUnconfirmed) == (7 * 24 + 1) * 3'600'000);
  CHECK(book.Keep(Kind::kSource) == 2 * 3'600'000);
}

TEST_CASE("a category of a policy's own has its name, its lane and its rules") {
  Policy policy = Policy::Default();
  policy.categories.push_back({.category = static_cast<Category>(63),
                               .lane = Lane::kAnonymous,
                               .mailbox = {{std::chrono::hours(1), 2}},
                               .name = "magic_link"});
  const RuleBook book(policy);
  const CategoryRules& rules = book.For(*policy.Find("Magic-Link"), false);
  CHECK(rules.Of(Kind::kMailbox).rules.front().name == "magic_link-mailbox-1h");
  CHECK(CategoryOf(rules.tag) == static_cast<Category>(63));
  CHECK(LaneOf(rules.tag) == Lane::kAnonymous);
  CHECK(policy.NameOf(static_cast<Category>(63)) == "magic_link");
  CHECK_FALSE(policy.Find("magic").has_value());
}

TEST_CASE("the lanes keep their entries apart") {
  const std::uint8_t otp = Tag(Category::kOtp, Lane::kAnonymous);
  const std::uint8_t trusted_otp = Tag(Category::kOtp, Lane::kTrusted);
  const std::uint8_t reset = Tag(Category::kPasswordReset, Lane::kAnonymous);
  const std::uint8_t alert = Tag(Category::kSecurityAlert, Lane::kReserved);
  CHECK(Counts(Span::kCategory, otp, otp));
  CHECK_FALSE(Counts(Span::kCategory, otp, trusted_otp));
  CHECK_FALSE(Counts(Span::kCategory, otp, reset));
  CHECK(Counts(Span::kLane, otp, reset));
  CHECK_FALSE(Counts(Span::kLane, otp, trusted_otp));
  CHECK(Counts(Span::kAll, otp, trusted_otp));
  CHECK_FALSE(Counts(Span::kAll, otp, alert));
}
