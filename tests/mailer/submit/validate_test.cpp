#include "mailer/submit/validate.h"

#include <doctest/doctest.h>

#include "tests/mailer/submit/fixture.h"

using namespace sealpost;
using namespace sealpost::submit;
using sealpost::submit::tests::kNow;
using sealpost::submit::tests::Plain;

namespace {

model::ApiKey Key(bool may_assert_trust = true) {
  model::ApiKey key;
  key.may_assert_trust = may_assert_trust;
  return key;
}

Refusal Refused(const SendRequest& request, const model::ApiKey& key = Key()) {
  const auto checked = Validate(request, key, kNow, {});
  REQUIRE_FALSE(checked.has_value());
  return checked.error();
}

Checked Accepted(const SendRequest& request, const model::ApiKey& key = Key()) {
  auto checked = Validate(request, key, kNow, {});
  REQUIRE_MESSAGE(checked.has_value(), (checked ? "" : checked.error().message));
  return std::move(*checked);
}

template <class Member>
SendRequest With(Member SendRequest::* member, Member value) {
  SendRequest request = Plain();
  request.*member = std::move(value);
  return request;
}

}  // namespace

TEST_CASE("what a message cannot do without is asked for by its name") {
  CHECK(Refused(With(&SendRequest::to, {})).field == "/to");
  CHECK(Refused(With(&SendRequest::to, {})).kind == RefusalKind::kMissingField);
  CHECK(Refused(With(&SendRequest::from, {})).field == "/from");
  CHECK(Refused(With(&SendRequest::subject, {})).field == "/subject");
  CHECK(Refused(With(&SendRequest::text, {})).field == "/html");
  CHECK(Refused(With(&SendRequest::text, std::optional<std::string>(""))).kind == RefusalKind::kMissingField);
}

TEST_CASE("a message with a template may leave sender, subject and words to it, and brings no words of its own") {
  SendRequest request;
  request.to = {"ann@example.org"};
  request.template_use = TemplateUse{"welcome", {}};
  CHECK(Validate(request, Key(), kNow, {}).has_value());
  request.html = "<p>x</p>";
  CHECK(Refused(request).field == "/template");
}

TEST_CASE("fifty mailboxes over to, cc and bcc are taken and the next is one too many") {
  SendRequest request = Plain();
  request.to.clear();
  for (int i = 0; i < 20; ++i) request.to.push_back("to" + std::to_string(i) + "@example.org");
  for (int i = 0; i < 20; ++i) request.cc.push_back("cc" + std::to_string(i) + "@example.org");
  for (int i = 0; i < 10; ++i) request.bcc.push_back("bcc" + std::to_string(i) + "@example.org");
  CHECK(Accepted(request).recipients.size() == 50);
  request.bcc.push_back("one@example.org");
  CHECK(Refused(request).message.find("51") != std::string::npos);
}

TEST_CASE("a mailbox gets one copy, in whatever spelling and list it is named again") {
  SendRequest request = Plain();
  request.to = {"Ann.Lee@gmail.com", "bob@example.org"};
  request.cc = {"annlee+a@googlemail.com", "BOB@example.org"};
  request.bcc = {"Bob <bob@EXAMPLE.org>", "carl@example.org"};
  const Checked checked = Accepted(request);
  REQUIRE(checked.recipients.size() == 3);
  CHECK(checked.recipients[0].address.ToString() == "Ann.Lee@gmail.com");
  CHECK(checked.recipients[1].address.ToString() == "bob@example.org");
  CHECK(checked.recipients[2].address.ToString() == "carl@example.org");
  CHECK(checked.cc.size() == 2);  // what the header shows is the caller's
}

TEST_CASE("a bad address is named by its place") {
  SendRequest request = Plain();
  request.cc = {"ann@example.org", "not an address"};
  CHECK(Refused(request).field == "/cc/1");
  CHECK(Refused(With(&SendRequest::reply_to, {"x@"})).field == "/reply_to/0");
  for (const std::string bad : {"a@b", "a@127.0.0.1", "a@[127.0.0.1]", "", "a b@example.org",
                                "a@example.org,b@example.org", "a@example.org\r\nBcc: b@example.org"}) {
    CHECK_MESSAGE(Refused(With(&SendRequest::to, {bad})).field == "/to/0", bad);
  }
  CHECK(Refused(With(&SendRequest::to, {std::string("a\0@example.org", 14)})).field == "/to/0");
  CHECK(Refused(With(&SendRequest::to, {std::string("N\nX: y <a@example.org>")})).field == "/to/0");
}

TEST_CASE("a sender that is no address is refused in the words of the contract") {
  const auto refused = ValidateFrom("nobody");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == RefusalKind::kInvalidFrom);
  CHECK(refused.error().message.find("`email@example.com` or `Name <email@example.com>`") != std::string::npos);
  CHECK(ValidateFrom("").error().kind == RefusalKind::kMissingField);
  CHECK(ValidateFrom("A <a@Example.COM>")->address.domain == "example.com");
  CHECK_FALSE(ValidateFrom("A\r\nBcc: b@example.org <a@example.com>"));
}

TEST_CASE("line breaks and NUL are refused where mail has no place for them") {
  using Text = std::optional<std::string>;
  CHECK(Refused(With(&SendRequest::subject, Text("a\r\nBcc: b@example.org"))).field == "/subject");
  CHECK(Refused(With(&SendRequest::subject, Text("a\nb"))).field == "/subject");
  CHECK(Refused(With(&SendRequest::subject, Text(std::string("a\0", 2)))).field == "/subject");
  CHECK(Refused(With(&SendRequest::text, Text(std::string("a\0", 2)))).field == "/text");
  CHECK(Refused(With(&SendRequest::html, Text(std::string("a\0", 2)))).field == "/html");
  CHECK(Refused(With(&SendRequest::user_id, std::string("a\nb"))).field == "/user_id");
  CHECK(Refused(With(&SendRequest::dedupe_key, std::string("a\0", 2))).field == "/dedupe_key");
  CHECK(Validate(With(&SendRequest::text, Text("a\r\nb\nc")), Key(), kNow, {}).has_value());
}

TEST_CASE("sizes have limits, and the answer tells them") {
  using Text = std::optional<std::string>;
  CHECK(Validate(With(&SendRequest::subject, Text(std::string(998, 'x'))), Key(), kNow, {}).has_value());
  CHECK(Refused(With(&SendRequest::subject, Text(std::string(999, 'x')))).message.find("998") != std::string::npos);
  CHECK(Refused(With(&SendRequest::text, Text(std::string(kPartBytesAtMost + 1, 'x')))).field == "/text");
  CHECK(Refused(With(&SendRequest::user_id, std::string(257, 'x'))).field == "/user_id");
  CHECK(Refused(With(&SendRequest::metadata, std::string(8193, 'x'))).field == "/metadata");
}

TEST_CASE("attachments and words together stay below the size of a message") {
  SendRequest request = Plain();
  request.attachments.push_back({"a.bin", "", "", std::string(kMessageBytesAtMost / 4 * 3, 'x')});
  const Refusal refusal = Refused(request);  // forty megabytes as base64, and a word
  CHECK(refusal.kind == RefusalKind::kInvalidAttachment);
  CHECK(refusal.message.find(std::to_string(kMessageBytesAtMost)) != std::string::npos);
  request.attachments[0].content.resize(request.attachments[0].content.size() - 30);
  CHECK(Validate(request, Key(), kNow, {}).has_value());
}

TEST_CASE("tags are names and values of letters, digits, hyphens and underscores") {
  CHECK(Validate(With(&SendRequest::tags, {{"plan_1", "pro-x"}}), Key(), kNow, {}).has_value());
  for (const model::Tag& tag :
       {model::Tag{"", "x"}, {"x", ""}, {"a b", "x"}, {"x", "\xC3\xBC"}, {std::string(257, 'x'), "x"}, {"x", "a\n"}}) {
    CHECK(Refused(With(&SendRequest::tags, {{"good", "good"}, tag})).field == "/tags/1");
  }
}

TEST_CASE("trust is one of four words, and only a key that may asserts it") {
  for (const std::string word : {"session", "device", "captcha", "support"}) {
    CHECK(Accepted(With(&SendRequest::trust, word)).trust ==
          (word == "captcha" ? ratelimit::Trust::kCaptcha : ratelimit::Trust::kFull));
    CHECK(Refused(With(&SendRequest::trust, word), Key(false)).kind == RefusalKind::kNotPermitted);
  }
  CHECK(Refused(With(&SendRequest::trust, std::string("me"))).field == "/trust");
  CHECK(Refused(With(&SendRequest::recipient_confirmed, true), Key(false)).kind == RefusalKind::kNotPermitted);
  CHECK(Accepted(Plain(), Key(false)).trust == ratelimit::Trust::kNone);
}

TEST_CASE("a verified workspace is named, and only a key that may says that it is verified") {
  SendRequest request = With(&SendRequest::workspace_id, std::string("w1"));
  CHECK(Validate(request, Key(false), kNow, {}).has_value());
  request.workspace_verified = true;
  CHECK(Refused(request, Key(false)).kind == RefusalKind::kNotPermitted);
  CHECK(Refused(request, Key(false)).message.find("`workspace_verified`") != std::string::npos);
  const model::Extras kept = ExtrasOf(request, Accepted(request));
  CHECK(kept.workspace_id == "w1");
  CHECK(kept.workspace_verified);
  CHECK(Refused(With(&SendRequest::workspace_verified, true)).field == "/workspace_verified");
  for (const std::string& bad : {std::string(257, 'w'), std::string("w\n1"), std::string("w\0", 2)})
    CHECK(Refused(With(&SendRequest::workspace_id, bad)).field == "/workspace_id");
}

TEST_CASE("an unknown category is an error as a member and nothing as a tag") {
  SendRequest request = Plain();
  request.category = "newsletter";
  CHECK(Accepted(request).category == ratelimit::Category::kUncategorized);
  request.category_is_member = true;
  CHECK(Refused(request).field == "/category");
  request.category = "Password-Reset";
  CHECK(Accepted(request).category == ratelimit::Category::kPasswordReset);
}

TEST_CASE("a message that would have expired already is refused") {
  CHECK(Refused(With(&SendRequest::expires_at, std::optional(kNow))).field == "/expires_at");
  CHECK(Validate(With(&SendRequest::expires_at, std::optional(kNow + base::Millis(1))), Key(), kNow, {}).has_value());
}

TEST_CASE("client_ip is an IP address") {
  for (const std::string good : {"192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1", ""}) {
    CHECK_MESSAGE(Validate(With(&SendRequest::client_ip, good), Key(), kNow, {}).has_value(), good);
  }
  for (const std::string bad : {"localhost", "192.0.2", "192.0.2.256", "192.0.2.1:80", "[2001:db8::1]",
                                "2001:db8::1%eth0", "192.0.2.1, 192.0.2.2", " 192.0.2.1", "1.2.3.4\n"}) {
    const auto checked = Validate(With(&SendRequest::client_ip, bad), Key(), kNow, {});
    CHECK_MESSAGE((!checked && checked.error().field == "/client_ip"), bad);
  }
  CHECK(Refused(With(&SendRequest::client_ip, std::string("192.0.2.1\0x", 11))).field == "/client_ip");
}

TEST_CASE("priority is one of three words") {
  CHECK(Validate(With(&SendRequest::priority, std::string("high")), Key(), kNow, {}).has_value());
  CHECK(Refused(With(&SendRequest::priority, std::string("urgent"))).field == "/priority");
}

TEST_CASE("a category of the operator's own counts as the shipped ones do, and errors name it") {
  LimitRules rules;
  rules.policy.categories.push_back({.category = static_cast<ratelimit::Category>(9),
                                     .lane = ratelimit::Lane::kAnonymous,
                                     .mailbox = {{std::chrono::hours(1), 3}},
                                     .name = "share_link"});
  SendRequest request = Plain();
  request.category_is_member = true;
  request.category = "Share-Link";
  const auto checked = Validate(request, Key(), kNow, rules);
  REQUIRE(checked);
  CHECK(checked->category == static_cast<ratelimit::Category>(9));
  CHECK(checked->category_name == "share_link");
  CHECK(Refused(request).field == "/category");
  request.category = "share";
  CHECK(Validate(request, Key(), kNow, rules).error().message.find("share_link") != std::string::npos);
}

TEST_CASE("what the operator says of a domain decides which spellings are one mailbox") {
  LimitRules rules;
  rules.identity = {.domains = {{.domain = "example.org", .plus = ratelimit::Spelling::kIgnored}}};
  SendRequest request = Plain();
  request.to = {"ann@example.org", "ann+shop@example.org"};
  CHECK(Validate(request, Key(), kNow, rules)->recipients.size() == 1);
  CHECK(Accepted(request).recipients.size() == 2);
}
