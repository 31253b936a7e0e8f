#include "api/app/policy_file.h"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "tests/support/temp_folder.h"

using namespace sealpost;
using ratelimit::Category;
using ratelimit::Limit;
using ratelimit::Mode;
using ratelimit::Policy;
using std::chrono::hours;

namespace {

Policy ParsedPolicy(std::string_view text) {
  auto policy = app::ParsePolicy(text, "p.toml");
  REQUIRE_MESSAGE(policy.has_value(), (policy ? "" : policy.error().message));
  return std::move(policy->policy);
}

std::vector<ratelimit::DomainRule> Domains(std::string_view text) {
  auto file = app::ParsePolicy(text, "p.toml");
  REQUIRE_MESSAGE(file.has_value(), (file ? "" : file.error().message));
  return std::move(file->identity.domains);
}

std::string PolicyFault(std::string_view text) {
  const auto policy = app::ParsePolicy(text, "p.toml");
  return policy ? "" : policy.error().message;
}

std::string Shown(const std::vector<Limit>& limits) {
  std::string text;
  for (const Limit& limit : limits) {
    text += std::to_string(limit.count) + RuleName("", limit) +
            (limit.mode == Mode::kEnforce  ? ""
             : limit.mode == Mode::kShadow ? "(shadow)"
                                           : "(off)");
    text += ' ';
  }
  return text;
}

std::string AllOf(const Policy::PerCategory& own) {
  const auto number = [](auto value) { return std::to_string(static_cast<std::int64_t>(value)) + " "; };
  return number(own.lane) + Shown(own.mailbox) + "u " + Shown(own.unconfirmed) + "i " + Shown(own.inviter) + "v " +
         Shown(own.inviter_verified) + "w " + Shown(own.workspace) + number(own.on_limit) + number(own.on_outage) +
         number(own.trusted) + number(own.duplicate.count()) + number(own.only_dedupe_key);
}

std::string AllOf(const Policy& policy) {
  return Shown(policy.umbrella_unconfirmed) + "c " + Shown(policy.umbrella_confirmed) + "t " + Shown(policy.trusted) +
         "p " + Shown(policy.captcha) + "a " + Shown(policy.all) + "f " + Shown(policy.family) + "d " +
         Shown(policy.domain) + "s " + Shown(policy.source) + "n " + Shown(policy.source_net) + "k " +
         Shown(policy.key) + "x " + Shown({policy.attack.enter, policy.attack.leave}) + Shown(policy.attack.anonymous);
}

}  // namespace

TEST_CASE("an empty file is the shipped policy") {
  const Policy policy = ParsedPolicy("");
  const Policy shipped = Policy::Default();
  CHECK(policy.categories.size() == shipped.categories.size());
  CHECK(Shown(policy.umbrella_unconfirmed) == Shown(shipped.umbrella_unconfirmed));
  CHECK(Shown(policy.source) == Shown(shipped.source));
}

TEST_CASE("the page that lists every key shows the shipped policy") {
  std::ifstream page(SEALPOST_SOURCE_DIR "/api/app/docs/policy.md");
  const std::string text{std::istreambuf_iterator<char>(page), {}};
  const std::size_t start = text.find("```toml\n");
  REQUIRE(start != std::string::npos);
  const Policy shown = ParsedPolicy(text.substr(start + 8, text.find("```", start + 8) - start - 8));
  const Policy shipped = Policy::Default();
  CHECK(AllOf(shown) == AllOf(shipped));
  REQUIRE(shown.categories.size() == shipped.categories.size());
  for (const Policy::PerCategory& own : shipped.categories) {
    CAPTURE(shipped.NameOf(own.category));
    CHECK(AllOf(shown.For(own.category)) == AllOf(own));
  }
}

TEST_CASE("what a file names is replaced, all else stays") {
  const Policy policy = ParsedPolicy(R"(
[categories.otp]
mailbox = ["1/60s", "4/h"]
on_limit = "coalesce"
[umbrella]
trusted = ["2/m"]
captcha = ["1/h"]
anonymous = { unconfirmed = ["4/h", "8/d"] }
)");
  CHECK(Shown(policy.For(Category::kOtp).mailbox) == "1-1m 4-1h ");
  CHECK(policy.For(Category::kOtp).on_limit == ratelimit::OnLimit::kCoalesce);
  CHECK(policy.For(Category::kOtp).trusted);
  CHECK(Shown(policy.For(Category::kPasswordReset).mailbox) ==
        Shown(Policy::Default().For(Category::kPasswordReset).mailbox));
  CHECK(Shown(policy.umbrella_unconfirmed) == "4-1h 8-1d ");
  CHECK(Shown(policy.umbrella_confirmed) == Shown(Policy::Default().umbrella_confirmed));
  CHECK(Shown(policy.trusted) == "2-1m ");
  CHECK(Shown(policy.captcha) == "1-1h ");
}

TEST_CASE("a mode alone switches the shipped rules, a rule's own mode is stronger") {
  const Policy policy = ParsedPolicy(R"(
[scopes.source]
mode = "enforce"
[scopes.domain]
mode = "shadow"
unconfirmed = ["50/h", "200/d enforce"]
[categories.invitation]
mode = "off"
per = { inviter = ["9/h shadow"] }
)");
  CHECK(Shown(policy.source) == "20-10m 60-1h ");
  CHECK(Shown(policy.source_net) == "80-10m 240-1h ");
  CHECK(Shown(policy.domain) == "50-1h(shadow) 200-1d ");
  const Policy::PerCategory& invitation = policy.For(Category::kInvitation);
  CHECK(Shown(invitation.mailbox) == "2-1h(off) 4-1d(off) ");
  CHECK(Shown(invitation.inviter) == "9-1h(shadow) ");
  CHECK(Shown(invitation.workspace) == "1-1d(off) ");
}

TEST_CASE("every part of a policy can be named") {
  const Policy policy = ParsedPolicy(R"(
[categories.notification]
lane = "anonymous"
mailbox = ["6/m"]
unconfirmed = ["8/7d"]
per = { inviter = ["1/h"], inviter_verified = ["2/h"], workspace = ["3/h"] }
on_limit = "digest"
on_outage = "hold"
duplicate = "5m"
only_dedupe_key = true
trusted = true
[umbrella]
all = ["1/h"]
anonymous = { confirmed = ["2/h"], unconfirmed = ["3/h"] }
[scopes]
family = { anonymous = ["4/h"] }
domain = { unconfirmed = ["5/h"] }
source = { unconfirmed = ["6/h"], network = ["7/h"] }
key = { unconfirmed = ["8/h"] }
[attack]
enter = "30/5m"
leave = "9/2h"
anonymous = ["1/2h"]
)");
  const Policy::PerCategory& own = policy.For(Category::kNotification);
  CHECK(own.lane == ratelimit::Lane::kAnonymous);
  CHECK(Shown(own.unconfirmed) == "8-7d ");
  CHECK(Shown(own.inviter) == "1-1h ");
  CHECK(Shown(own.inviter_verified) == "2-1h ");
  CHECK(Shown(own.workspace) == "3-1h ");
  CHECK(own.on_limit == ratelimit::OnLimit::kDigest);
  CHECK(own.on_outage == ratelimit::OnOutage::kHold);
  CHECK(own.duplicate == std::chrono::minutes(5));
  CHECK(own.only_dedupe_key);
  CHECK(own.trusted);
  CHECK(Shown(policy.all) + Shown(policy.umbrella_confirmed) + Shown(policy.umbrella_unconfirmed) == "1-1h 2-1h 3-1h ");
  CHECK(Shown(policy.family) + Shown(policy.domain) + Shown(policy.source) + Shown(policy.source_net) +
            Shown(policy.key) ==
        "4-1h 5-1h 6-1h 7-1h 8-1h ");
  CHECK(policy.attack.enter.count == 30);
  CHECK(policy.attack.leave.window == hours(2));
  CHECK(Shown(policy.attack.anonymous) == "1-2h ");
}

TEST_CASE("a category of one's own has a lane, rules, and an id in the order of the file") {
  const Policy policy = ParsedPolicy(R"(
[categories.zebra]
lane = "anonymous"
mailbox = ["1/h"]
[categories.magic_link]
lane = "anonymous"
mailbox = ["5/h"]
)");
  REQUIRE(policy.Find("magic-link"));
  CHECK(policy.Find("Zebra") == Category{9});
  CHECK(policy.Find("magic-link") == Category{10});
  CHECK(policy.NameOf(Category{10}) == "magic_link");
  CHECK(policy.For(Category{10}).mailbox.front().count == 5);
  CHECK_FALSE(policy.Find("otter"));
}

TEST_CASE("a category that is half said is refused") {
  CHECK(PolicyFault("[categories.otpp]\nmailbox = [\"1/h\"]").ends_with("did you mean otp?"));
  CHECK(PolicyFault("[categories.magic]\nlane = \"anonymous\"").find("needs lane and mailbox") != std::string::npos);
  CHECK(PolicyFault("[categories.otp]\nmailbox = []").find("needs a rule") != std::string::npos);
  CHECK(PolicyFault("[categories.\"Ma gic\"]\nlane = \"anonymous\"\nmailbox = [\"1/h\"]").find("a name is") !=
        std::string::npos);
  CHECK(PolicyFault("[categories.password_reset]\n[categories.password-reset]").find("twice") != std::string::npos);
  CHECK(PolicyFault("categories = 1").find("is a table") != std::string::npos);
  CHECK(PolicyFault("[categories]\notp = 1").find("is a table") != std::string::npos);
}

TEST_CASE("there is an end to categories") {
  std::string text;
  for (int i = 0; i < 53; ++i) {
    text += "[categories.c" + std::to_string(i) + "]\nlane = \"anonymous\"\nmailbox = [\"1/h\"]\n";
  }
  CHECK(ParsedPolicy(text).categories.size() == ratelimit::kMostCategories);
  CHECK(PolicyFault(text + "[categories.more]\nlane = \"anonymous\"\nmailbox = [\"1/h\"]").find("53 categories") !=
        std::string::npos);
}

TEST_CASE("an unknown key names its line and the nearest key") {
  CHECK(PolicyFault("\n[umbrela]") == "p.toml:2: unknown key umbrela; did you mean umbrella?");
  CHECK(PolicyFault("[categories.otp]\nmail_box = [\"1/h\"]") ==
        "p.toml:2: unknown key categories.otp.mail_box; did you mean categories.otp.mailbox?");
  CHECK(PolicyFault("[scopes.source]\nunconfirmd = []") ==
        "p.toml:2: unknown key scopes.source.unconfirmd; did you mean scopes.source.unconfirmed?");
  CHECK(PolicyFault("[scopes.planet]\nmode = \"off\"").starts_with("p.toml:1: unknown key scopes.planet"));
}

TEST_CASE("a value that is none names its line, its key and the remedy") {
  CHECK(PolicyFault("[categories.otp]\nmailbox = [\"6 per hour\"]")
            .starts_with("p.toml:2: categories.otp.mailbox: \"6 per"));
  CHECK(PolicyFault("[categories.otp]\nmailbox = \"6/h\"").starts_with("p.toml:2: categories.otp.mailbox is a list"));
  CHECK(PolicyFault("[categories.otp]\nmailbox = [6]").starts_with("p.toml:2: categories.otp.mailbox is a list"));
  CHECK(PolicyFault("[categories.otp]\nmailbox = [\"6/h\", \"5/60m\"]").find("already") != std::string::npos);
  CHECK(PolicyFault("[categories.otp]\nlane = 3").find("text in quotes") != std::string::npos);
  CHECK(PolicyFault("[categories.otp]\ntrusted = \"yes\"").find("true or false") != std::string::npos);
  CHECK(PolicyFault("[scopes.source]\nmode = \"shadows\"").ends_with("did you mean shadow?"));
  CHECK(PolicyFault("[attack]\nenter = \"twenty\"").starts_with("p.toml:2: attack.enter: "));
  CHECK(PolicyFault("[attack\n").starts_with("p.toml:1: "));
  CHECK(PolicyFault("a = " + std::string(100'000, '[')).starts_with("p.toml:1: "));
  CHECK(PolicyFault("[=]").starts_with("p.toml:1: "));
}

TEST_CASE("an operator says which domains share no budget, and how a domain spells its mailboxes") {
  CHECK(Domains("").empty());
  const auto rules = Domains(R"(
[scopes.domain]
exempt = ["Firm.example", "b\u00fccher.example"]
[identity."firm.example"]
plus = "ignored"
dots = "counts"
[identity."alias.example"]
same_as = "Gmail.com"
)");
  REQUIRE(rules.size() == 3);
  CHECK(rules[0].domain == "firm.example");
  CHECK(rules[0].no_domain_budget);
  CHECK(rules[0].plus == ratelimit::Spelling::kIgnored);
  CHECK(rules[0].dots == ratelimit::Spelling::kCounts);
  CHECK(rules[1].domain == "xn--bcher-kva.example");
  CHECK(rules[2].domain == "alias.example");
  CHECK_FALSE(rules[2].no_domain_budget);
  CHECK(rules[2].same_as == "gmail.com");
  CHECK(PolicyFault("[scopes.domain]\nexempt = [\"no domain\"]")
            .starts_with("p.toml:2: scopes.domain.exempt: \"no domain"));
  CHECK(PolicyFault("[identity.\"-\"]").starts_with("p.toml:1: identity.-: "));
  CHECK(PolicyFault("[identity.\"a.example\"]\nplus = \"ignore\"").ends_with("did you mean ignored?"));
  CHECK(
      PolicyFault("[identity.\"a.example\"]\npluss = \"ignored\"").ends_with("did you mean identity.a.example.plus?"));
}

TEST_CASE("a file that cannot be read is named") {
  const sealpost::tests::TempFolder folder;
  CHECK(app::ReadPolicy(folder.File("none.toml")).error().message.find("none.toml") != std::string::npos);
  CHECK(app::ReadPolicy(folder.Write("p.toml", "[umbrella]\nall = [\"9/h\"]"))->policy.all.front().count == 9);
}
