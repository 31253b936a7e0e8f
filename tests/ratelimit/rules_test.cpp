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

std::string Names(Category category, Trust trust = Trust::kNone, Kind kind = Kind::kMailbox) {
  static const RuleBook book(Policy::Default());
  return Names(book.For(category, trust).Of(kind));
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
    CHECK(Names(Category::kSecurityAlert, Trust::kNone, static_cast<Kind>(kind)).empty());
  }
}

TEST_CASE("trust replaces category and umbrella for otp and password_reset") {
  const std::string trusted =
      "trusted-mailbox-20s trusted-mailbox-1h trusted-mailbox-1d all-mailbox-1h all-mailbox-1d ";
  CHECK(Names(Category::kOtp, Trust::kFull) == trusted);
  CHECK(Names(Category::kPasswordReset, Trust::kFull) == trusted);
}

TEST_CASE("a captcha has rules of its own, and none that other trust counts in") {
  const std::string captcha =
      "captcha-mailbox-20s captcha-mailbox-1h captcha-mailbox-1d all-mailbox-1h all-mailbox-1d ";
  CHECK(Names(Category::kOtp, Trust::kCaptcha) == captcha);
  CHECK(Names(Category::kPasswordReset, Trust::kCaptcha) == captcha);
  const RuleBook book(Policy::Default());
  for (const Category category : {Category::kOtp, Category::kPasswordReset}) {
    const CategoryRules& solved = book.For(category, Trust::kCaptcha);
    const CategoryRules& known = book.For(category, Trust::kFull);
    CHECK(solved.lane == Lane::kTrusted);
    CHECK(known.lane == Lane::kTrusted);
    for (const Kind kind : {Kind::kMailbox, Kind::kKey}) {
      for (const Rule& rule : known.Of(kind).rules) {
        CHECK(Counts(rule.span, known.tag, solved.tag) == (rule.span == Span::kAll));
        CHECK(Counts(rule.span, known.tag, book.For(Category::kOtp, Trust::kFull).tag));
      }
      for (const Rule& rule : solved.Of(kind).rules) {
        CHECK(Counts(rule.span, solved.tag, known.tag) == (rule.span == Span::kAll));
        CHECK(Counts(rule.span, solved.tag, book.For(Category::kPasswordReset, Trust::kCaptcha).tag));
      }
    }
  }
}

TEST_CASE("the longest window of a captcha's rules is kept too") {
  Policy policy = Policy::Default();
  policy.captcha = {{std::chrono::hours(48), 1}};
  CHECK(RuleBook(policy).Keep(Kind::kMailbox) == 49 * 3'600'000);
}

TEST_CASE("trust changes nothing elsewhere") {
  for (const Category category :
       {Category::kUncategorized, Category::kSignupConfirmation, Category::kInvitation, Category::kContactAck,
        Category::kNotification, Category::kReceipt, Category::kSecurityAlert}) {
    CHECK(Names(category, Trust::kFull) == Names(category));
    CHECK(Names(category, Trust::kCaptcha) == Names(category));
  }
}

TEST_CASE("family, domain and source are the anonymous lane's, the source in shadow") {
  CHECK(Names(Category::kOtp, Trust::kNone, Kind::kFamily) == "umbrella-family-1h umbrella-family-1d ");
  CHECK(Names(Category::kOtp, Trust::kNone, Kind::kDomain) == "umbrella-domain-1h umbrella-domain-1d ");
  CHECK(Names(Category::kOtp, Trust::kNone, Kind::kSource) == "umbrella-source-10m? umbrella-source-1h? ");
  CHECK(Names(Category::kOtp, Trust::kNone, Kind::kSourceNet) == "umbrella-source_net-10m? umbrella-source_net-1h? ");
  for (const Kind kind : {Kind::kFamily, Kind::kDomain, Kind::kSource, Kind::kSourceNet}) {
    CHECK(Names(Category::kOtp, Trust::kFull, kind).empty());
    CHECK(Names(Category::kUncategorized, Trust::kNone, kind).empty());
  }
}

TEST_CASE("a key is limited where a stranger or a thief sends, and only watched where the application does") {
  CHECK(Names(Category::kOtp, Trust::kNone, Kind::kKey) == "new-key-1h ");
  CHECK(Names(Category::kOtp, Trust::kFull, Kind::kKey) == "new-key-1h ");
  CHECK(Names(Category::kReceipt, Trust::kNone, Kind::kKey) == "new-key-1h? ");
}

TEST_CASE("what a category says of inviters, workspaces and unconfirmed mailboxes is judged in counters of their own") {
  CHECK(Names(Category::kInvitation, Trust::kNone, Kind::kInviter) == "invitation-inviter-1h invitation-inviter-1d ");
  CHECK(Names(Category::kInvitation, Trust::kNone, Kind::kWorkspace) == "invitation-workspace-1d ");
  CHECK(Names(Category::kSignupConfirmation, Trust::kNone, Kind::kUnconfirmed) == "signup_confirmation-mailbox-7d ");
  const RuleBook book(Policy::Default());
  CHECK(Names(book.For(Category::kInvitation, Trust::kNone).verified_inviter) == "invitation-inviter-1h ");
  CHECK(book.For(Category::kInvitation, Trust::kNone).verified_inviter.rules.front().limit.count == 250);
}

TEST_CASE("a confirmed recipient has the wider umbrella") {
  const RuleBook book(Policy::Default());
  const CategoryRules& rules = book.For(Category::kOtp, Trust::kNone);
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
  CHECK(Names(book.For(Category::kReceipt, Trust::kNone).Of(Kind::kMailbox)) ==
        "receipt-mailbox-1h receipt-mailbox-1d ");
}

TEST_CASE("entries are kept for the longest window of their kind and an hour") {
  const RuleBook book(Policy::Default());
  CHECK(book.Keep(Kind::kMailbox) == 25 * 3'600'000);
  CHECK(book.Keep(Kind::kUnconfirmed) == (7 * 24 + 1) * 3'600'000);
  CHECK(book.Keep(Kind::kSource) == 2 * 3'600'000);
}

TEST_CASE("a category of a policy's own has its name, its lane and its rules") {
  Policy policy = Policy::Default();
  policy.categories.push_back({.category = static_cast<Category>(61),
                               .lane = Lane::kAnonymous,
                               .mailbox = {{std::chrono::hours(1), 2}},
                               .name = "magic_link"});
  const RuleBook book(policy);
  const CategoryRules& rules = book.For(*policy.Find("Magic-Link"), Trust::kNone);
  CHECK(rules.Of(Kind::kMailbox).rules.front().name == "magic_link-mailbox-1h");
  CHECK(CategoryOf(rules.tag) == static_cast<Category>(61));
  CHECK(LaneOf(rules.tag) == Lane::kAnonymous);
  CHECK(policy.NameOf(static_cast<Category>(61)) == "magic_link");
  CHECK_FALSE(policy.Find("magic").has_value());
}

TEST_CASE("a tag tells its lane, and its category but in the trusted lane, where it tells the budget") {
  for (const Trust trust : {Trust::kCaptcha, Trust::kFull}) {
    CHECK(LaneOf(TrustedTag(trust)) == Lane::kTrusted);
    CHECK_FALSE(CategoryOf(TrustedTag(trust)).has_value());
  }
  CHECK(TrustedTag(Trust::kCaptcha) != TrustedTag(Trust::kFull));
  CHECK(CategoryOf(Tag(Category::kReceipt, Lane::kApplication)) == Category::kReceipt);
}

TEST_CASE("the lanes keep their entries apart") {
  const std::uint8_t otp = Tag(Category::kOtp, Lane::kAnonymous);
  const std::uint8_t trusted_otp = TrustedTag(Trust::kFull);
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
