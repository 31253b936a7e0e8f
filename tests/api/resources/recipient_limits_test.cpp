#include "api/resources/recipient_limits.h"

#include <doctest/doctest.h>

#include "mailer/store/audit.h"
#include "mailer/store/blocks.h"
#include "tests/api/resources/fixture.h"

using namespace sealpost;
using resources::tests::Api;
using resources::tests::Json;

namespace {

const std::string kLimitsPath = "/x/recipients/Ann+shop@gmail.com/limits";

struct Recipients : Api {
  Recipients() {
    resources::AddRecipientLimits(router,
                                  {*limiter, rules, *recipients, blocks, *database, clock, log, key_rate, "secret",
                                   [this](const std::string& mailbox) { return redis && limiter->Reset(mailbox); }});
  }
  Json Good(const http::Response& response) {
    REQUIRE_MESSAGE(response.status == 200, response.body);
    return Json(response.body);
  }
  bool redis = true;  // false: it goes away at the moment of a reset
  int SendCode() { return Send(resources::tests::Message(R"("category":"otp")", "ann@gmail.com")).status; }

  submit::LimitRules rules;
};

base::JsonView RuleOf(const Json& body, std::string_view name) {
  base::JsonView found;
  body["rules"].ForEachElement([&](std::size_t, base::JsonView rule) {
    if (rule["policy"].String() == name) found = rule;
    return !found.Exists();
  });
  return found;
}

}  // namespace

TEST_CASE("what counts for a mailbox is shown for every spelling of it, with what refuses and why") {
  Recipients api;
  CHECK(api.SendCode() == 200);
  const Json body = api.Good(api.Ask("GET", kLimitsPath));
  CHECK(body.Text("mailbox") == "ann@gmail.com");
  CHECK(body.Text("normalised_by") == "gmail");
  CHECK(body["blocked_until"].IsNull());
  const base::JsonView rule = RuleOf(body, "otp-mailbox-30s");
  CHECK(rule["used"].Integer() == 1);
  CHECK(rule["limit"].Integer() == 1);
  CHECK(rule["reset_at"].IsString());
  CHECK(RuleOf(body, "otp-mailbox-1h")["used"].Integer() == 1);
  REQUIRE(body["why"].Size() == 1);
  CHECK(body.Element("why", 0).String()->starts_with("otp-mailbox-30s is full: 1 of 1"));
  REQUIRE(body["accepted"].Size() == 1);
  CHECK(body.Element("accepted", 0)["category"].String() == "otp");
  CHECK(body.Element("accepted", 0)["lane"].String() == "anonymous");
}

TEST_CASE("what was sent with trust is shown by its budget, without a category") {
  Recipients api;
  const std::string body = resources::tests::Message(R"("category":"otp","trust":"captcha")", "ann@gmail.com");
  REQUIRE(api.Send(body).status == 200);
  const Json shown = api.Good(api.Ask("GET", kLimitsPath));
  CHECK(RuleOf(shown, "captcha-mailbox-1h")["used"].Integer() == 1);
  CHECK(RuleOf(shown, "trusted-mailbox-1h")["used"].Integer() == 0);
  REQUIRE(shown["accepted"].Size() == 1);
  CHECK(shown.Element("accepted", 0)["category"].IsNull());
  CHECK(shown.Element("accepted", 0)["lane"].String() == "trusted");
}

TEST_CASE("the rules of a confirmed recipient are shown by asking for them") {
  Recipients api;
  CHECK(RuleOf(api.Good(api.Ask("GET", kLimitsPath)), "umbrella-mailbox-1h")["limit"].Integer() == 6);
  const Json body = api.Good(api.Ask("GET", kLimitsPath, "", {}, {{"confirmed", "true"}}));
  CHECK(RuleOf(body, "umbrella-mailbox-1h")["limit"].Integer() == 8);
  api.recipients->Confirm({"ann@gmail.com"});
  CHECK(api.Good(api.Ask("GET", kLimitsPath))["confirmed"].Bool() == true);
  CHECK(api.Good(api.Ask("GET", kLimitsPath, "", {}, {{"confirmed", "false"}}))["confirmed"].Bool() == false);
  CHECK(api.Ask("GET", kLimitsPath, "", {}, {{"confirmed", "1"}}).status == 422);
  CHECK(api.Ask("GET", "/x/recipients/nobody/limits").status == 422);
}

TEST_CASE("a reset gives a mailbox a new budget, and the audit keeps who did it and why") {
  Recipients api;
  CHECK(api.SendCode() == 200);
  CHECK(api.SendCode() == 429);
  const Json body = api.Good(api.Ask("POST", kLimitsPath + "/reset", R"({"reason":"a test of ours"})"));
  CHECK(RuleOf(body, "otp-mailbox-1h")["used"].Integer() == 0);
  CHECK(body.Element("audit", 0)["action"].String() == "limits.reset");
  CHECK(body.Element("audit", 0)["reason"].String() == "a test of ours");
  CHECK(body.Element("audit", 0)["actor"].String() == api.key.id);
  CHECK(api.SendCode() == 200);
}

TEST_CASE("a reset that did not reach Redis is no success") {
  Recipients api;
  CHECK(api.SendCode() == 200);
  api.redis = false;
  CHECK(api.Ask("POST", kLimitsPath + "/reset", R"({"reason":"why"})").status == 503);
  api.redis = true;
  CHECK(RuleOf(api.Good(api.Ask("POST", kLimitsPath + "/reset", R"({"reason":"why"})")), "otp-mailbox-1h")["used"]
            .Integer() == 0);
}

TEST_CASE("a block stops a mailbox, is kept in the store, and is taken back") {
  Recipients api;
  const Json blocked = api.Good(api.Ask("POST", kLimitsPath + "/block", R"({"reason":"by phone","seconds":3600})"));
  CHECK(blocked["blocked_until"].IsString());
  CHECK(blocked.Element("why", 0).String()->starts_with("Blocked until "));
  CHECK(api.SendCode() != 200);
  std::size_t kept = 0;
  const auto count = [&](store::Session& session) -> base::Result<void> {
    kept = store::BlocksAt(session, api.clock.Now())->size();
    return {};
  };
  REQUIRE(api.database->Read(count));
  CHECK(kept == 1);
  CHECK(api.Good(api.Ask("POST", kLimitsPath + "/unblock", R"({"reason":"changed his mind"})"))["blocked_until"]
            .IsNull());
  REQUIRE(api.database->Read(count));
  CHECK(kept == 0);
  CHECK(api.SendCode() == 200);
}

TEST_CASE("nothing is changed without a reason, or for a time that cannot be meant") {
  Recipients api;
  for (const char* bad : {"{}", R"({"reason":""})", R"({"reason":"a\nb"})", R"({"reason":5})", "[]"}) {
    CHECK_MESSAGE(api.Ask("POST", kLimitsPath + "/reset", bad).status == 422, bad);
  }
  for (const char* bad :
       {R"({"reason":"x"})", R"({"reason":"x","seconds":0})", R"({"reason":"x","seconds":9223372036854775807})",
        R"({"reason":"x","seconds":31536001})", R"({"reason":"x","until":"2001-01-01T00:00:00Z"})",
        R"({"reason":"x","until":"soon"})", R"({"reason":"x","seconds":5,"until":"2026-01-01T00:00:00Z"})"}) {
    CHECK_MESSAGE(api.Ask("POST", kLimitsPath + "/block", bad).status == 422, bad);
  }
  CHECK(api.Good(api.Ask("GET", kLimitsPath))["audit"].Size() == 0);
}

TEST_CASE("the audit names no mailbox") {
  Recipients api;
  api.Good(api.Ask("POST", kLimitsPath + "/reset", R"({"reason":"why"})"));
  REQUIRE(api.database->Read([](store::Session& session) -> base::Result<void> {
    const auto entries = store::AuditSince(session, "limits.reset", {});
    REQUIRE(entries);
    REQUIRE(entries->size() == 1);
    CHECK(entries->at(0).subject.size() == 22);
    CHECK(entries->at(0).subject.find("ann") == std::string::npos);
    return {};
  }));
}
