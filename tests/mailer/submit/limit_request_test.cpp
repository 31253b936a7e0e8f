#include "mailer/submit/limit_request.h"

#include <doctest/doctest.h>

#include <set>

#include "tests/mailer/submit/fixture.h"

using namespace sealpost;
using namespace sealpost::submit;
using sealpost::submit::tests::InCategory;
using sealpost::submit::tests::Plain;

namespace {

ratelimit::Request Asked(const SendRequest& request, const Ingredients& ingredients = {},
                         const ratelimit::Policy& policy = ratelimit::Policy::Default()) {
  model::ApiKey caller;
  caller.id = "key-1";
  caller.may_assert_trust = true;
  const auto checked = Validate(request, caller, base::FromMillis(1'767'225'600'000), {policy, {}});
  REQUIRE(checked);
  return MakeLimitRequest(request, *checked, ingredients, caller, policy);
}

std::string ContentOf(const SendRequest& request, const Ingredients& ingredients = {}) {
  return Asked(request, ingredients).content;
}

Ingredients Rendered(const std::string& version) {
  auto parsed = std::make_shared<ParsedTemplate>();
  parsed->version.id = version;
  Ingredients ingredients;
  ingredients.parsed_template = std::move(parsed);
  return ingredients;
}

SendRequest WithVariables(templates::Object variables) {
  SendRequest request = InCategory("notification");
  request.subject.reset();
  request.text.reset();
  request.template_use = TemplateUse{"welcome", std::move(variables)};
  return request;
}

}  // namespace

TEST_CASE("the limiter learns key, source, category and trust") {
  SendRequest request = InCategory("otp");
  request.client_ip = "192.0.2.1";
  request.trust = "session";
  const ratelimit::Request asked = Asked(request);
  CHECK(asked.key == "key-1");
  CHECK(asked.source == "192.0.2.1");
  CHECK(asked.category == ratelimit::Category::kOtp);
  CHECK(asked.trust == ratelimit::Trust::kFull);
  request.trust = "captcha";
  CHECK(Asked(request).trust == ratelimit::Trust::kCaptcha);
  CHECK(Asked(InCategory("otp")).trust == ratelimit::Trust::kNone);
}

TEST_CASE("a user is an inviter where the category counts inviters, and nowhere else") {
  SendRequest request = InCategory("invitation");
  request.user_id = "u1";
  CHECK(Asked(request).inviter == "u1");
  request.category = "otp";
  CHECK(Asked(request).inviter.empty());
  ratelimit::Policy policy = ratelimit::Policy::Default();
  for (auto& own : policy.categories) own.inviter = {{std::chrono::hours(1), 5}};
  CHECK(Asked(request, {}, policy).inviter == "u1");
}

TEST_CASE("the limiter learns the workspace and whether it is verified") {
  SendRequest request = InCategory("invitation");
  request.workspace_id = "w1";
  CHECK_FALSE(Asked(request).workspace_verified);
  request.workspace_verified = true;
  CHECK(Asked(request).workspace == "w1");
  CHECK(Asked(request).workspace_verified);
}

TEST_CASE("content is compared where the category has a duplicate window, codes only by the key the caller gives") {
  CHECK_FALSE(ContentOf(InCategory("notification")).empty());
  CHECK_FALSE(ContentOf(InCategory("security_alert")).empty());
  for (const std::string category : {"otp", "password_reset", "receipt", "uncategorized", "contact_ack"}) {
    CHECK_MESSAGE(ContentOf(InCategory(category)).empty(), category);
  }
  SendRequest code = InCategory("otp");
  code.dedupe_key = "d1";
  CHECK_FALSE(ContentOf(code).empty());
  code.category = "password_reset";
  CHECK(ContentOf(code).empty());
}

TEST_CASE("a dedupe key stands for the content, and never equals a hash") {
  SendRequest one = InCategory("notification");
  SendRequest other = InCategory("notification");
  other.text = "Something else";
  CHECK(ContentOf(one) != ContentOf(other));
  one.dedupe_key = other.dedupe_key = "d1";
  CHECK(ContentOf(one) == ContentOf(other));
  other.dedupe_key = ContentOf(InCategory("notification"));
  CHECK(ContentOf(other) != ContentOf(InCategory("notification")));
}

TEST_CASE("what a reader would see is the content: words, sender, template and its values, attachments") {
  const std::string same = ContentOf(InCategory("notification"));
  SendRequest changed = InCategory("notification");
  CHECK(ContentOf(changed) == same);
  changed.to = {"bob@example.org"};  // the limiter compares the mailboxes itself
  changed.user_id = "u9";
  CHECK(ContentOf(changed) == same);
  changed.subject = "Other";
  CHECK(ContentOf(changed) != same);
  changed = InCategory("notification");
  changed.html = "";  // an empty part differs from none
  CHECK(ContentOf(changed) != same);
  changed = InCategory("notification");
  changed.attachments = {{"a.txt", "", "", "one"}};
  const std::string one = ContentOf(changed);
  changed.attachments[0].content = "two";
  CHECK(ContentOf(changed) != one);
  CHECK(one != same);
  Ingredients sender;
  sender.from = {"", {"other", "example.com"}};
  CHECK(ContentOf(InCategory("notification"), sender) != same);
}

TEST_CASE("values of a template make content, by their types and places") {
  using templates::List;
  using templates::Object;
  using templates::Value;
  const std::vector<Object> different = {{},
                                         {{"a", Value{std::string("1")}}},
                                         {{"a", Value{std::string("12")}}},
                                         {{"a", Value{true}}},
                                         {{"a", Value{false}}},
                                         {{"a", Value{}}},
                                         {{"a", Value{List{}}}},
                                         {{"a", Value{List{Value{std::string("1")}, Value{std::string("2")}}}}},
                                         {{"a", Value{Object{{"b", Value{std::string("1")}}}}}},
                                         {{"a", Value{std::string("1")}}, {"b", Value{std::string("2")}}}};
  std::set<std::string> contents;
  for (const Object& variables : different) contents.insert(ContentOf(WithVariables(variables), Rendered("v1")));
  CHECK(contents.size() == different.size());
  CHECK(ContentOf(WithVariables({}), Rendered("v1")) == ContentOf(WithVariables({}), Rendered("v1")));
  CHECK(ContentOf(WithVariables({}), Rendered("v1")) != ContentOf(WithVariables({}), Rendered("v2")));
}

TEST_CASE("a refusal names its rule; the recipient's own block is no limit") {
  ratelimit::Decision decision;
  decision.rule = "otp-mailbox-30s";
  decision.scope = "mailbox";
  decision.refused = {"ann@example.org"};
  CHECK(RefusalOf(decision).kind == RefusalKind::kLimited);
  CHECK(RefusalOf(decision).message.find("otp-mailbox-30s") != std::string::npos);
  decision.rule = "recipient-block";
  decision.scope = "recipient";
  CHECK(RefusalOf(decision).kind == RefusalKind::kRecipientOptedOut);
}

TEST_CASE("a category that waits for the counters is not told of too many messages") {
  ratelimit::Decision decision;
  decision.outcome = ratelimit::Outcome::kHeld;
  decision.rule = "notification-mailbox-1d";
  decision.retry_after = std::chrono::seconds(60);
  CHECK(RefusalOf(decision).kind == RefusalKind::kLimited);
  CHECK(RefusalOf(decision).message.find("Too many") == std::string::npos);
  decision.refused = {"ann@example.org"};
  CHECK(RefusalOf(decision).message.find("Too many") != std::string::npos);
}

TEST_CASE("who holds waits an hour for a digest, the time of the rule otherwise, and for the counters by their name") {
  ratelimit::Decision decision;
  decision.outcome = ratelimit::Outcome::kHeld;
  decision.rule = "notification-mailbox-1m";
  decision.hold = std::chrono::seconds(20);
  decision.refused = {"ann@example.org"};
  decision.on_limit = ratelimit::OnLimit::kDigest;
  CHECK(ToHold(decision).hold == std::chrono::hours(1));
  CHECK(ToHold(decision).rule == "notification-mailbox-1m");
  decision.hold = std::chrono::hours(5);
  CHECK(ToHold(decision).hold == std::chrono::hours(5));
  decision.hold = std::chrono::seconds(20);
  decision.on_limit = ratelimit::OnLimit::kHold;
  CHECK(ToHold(decision).hold == std::chrono::seconds(20));
  decision.on_limit = ratelimit::OnLimit::kDigest;
  decision.refused.clear();
  CHECK(ToHold(decision).hold == std::chrono::seconds(20));
  CHECK(ToHold(decision).rule == kCountersAway);
}
