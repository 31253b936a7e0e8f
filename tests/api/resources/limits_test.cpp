#include "api/resources/limits.h"

#include <doctest/doctest.h>

#include "tests/api/resources/fixture.h"

using namespace sealpost;
using resources::tests::Api;
using resources::tests::Json;

namespace {

struct Limits : Api {
  Limits() { resources::AddLimits(router, {*limiter, limit_rules, *recipients, clock, key_rate, catalog, sources}); }
  Json Check(const std::string& body) {
    const http::Response response = Ask("POST", "/x/limits/check", body);
    REQUIRE_MESSAGE(response.status == 200, response.body);
    return Json(response.body);
  }
};

const std::string kCode = R"({"to":"ann@example.org","category":"otp"})";

}  // namespace

TEST_CASE("the policy in force is shown with its rules by category") {
  Limits api;
  const http::Response response = api.Ask("GET", "/x/limits");
  REQUIRE(response.status == 200);
  const Json body(response.body);
  CHECK(body["degraded"].Bool() == false);
  CHECK(body["categories"].Size() == 9);
  const base::JsonView otp = body.Element("categories", 0);
  CHECK(otp["name"].String() == "otp");
  CHECK(otp["lane"].String() == "anonymous");
  CHECK(otp["on_limit"].String() == "deny");
  CHECK(otp["trusted_rules"].Text().find("trusted-mailbox-1h") != std::string::npos);
  CHECK(otp["trusted_rules"].Text().find("captcha-mailbox-1h") == std::string::npos);
  CHECK(otp["captcha_rules"].Text().find("captcha-mailbox-1h") != std::string::npos);
  CHECK(otp["captcha_rules"].Text().find("trusted-mailbox-1h") == std::string::npos);
  const std::string text = otp["rules"].Text();
  for (
      const char* part :
      {R"({"policy":"otp-mailbox-30s","scope":"mailbox","limit":1,"window":30,"mode":"enforce","when":null})",
       R"({"policy":"umbrella-mailbox-1h","scope":"umbrella","limit":6,"window":3600,"mode":"enforce","when":"unconfirmed"})",
       R"({"policy":"umbrella-mailbox-1h","scope":"umbrella","limit":8,"window":3600,"mode":"enforce","when":"confirmed"})",
       R"("policy":"umbrella-source-10m","scope":"source","limit":20,"window":600,"mode":"shadow")",
       R"("policy":"attack-mailbox-1h","scope":"mailbox","limit":2,"window":3600,"mode":"enforce","when":"under_attack")"}) {
    CHECK_MESSAGE(text.find(part) != std::string::npos, part << " is not in " << text);
  }
}

TEST_CASE("the policy shows whether client_ip looks sane, and what to do about it") {
  Limits api;
  CHECK(Json(api.Ask("GET", "/x/limits").body)["client_ip"]["verdict"].String()->starts_with("too few to tell"));
  for (int i = 0; i < 60; ++i) api.sources.Note("203.0.113." + std::to_string(i));
  api.sources.Note("10.0.0.1");
  api.sources.Note("");
  const Json shadow(api.Ask("GET", "/x/limits").body);
  CHECK(shadow["client_ip"]["requests"].Integer() == 62);
  CHECK(shadow["client_ip"]["given"].Integer() == 61);
  CHECK(shadow["client_ip"]["internal"].Integer() == 1);
  CHECK(shadow["client_ip"]["distinct"].Integer() == 61);
  CHECK(shadow["client_ip"]["looks_sane"].Bool() == true);
  CHECK(shadow["client_ip"]["verdict"].String() == "looks sane: set the source rules to enforce");
  for (auto& limit : api.limit_rules.policy.source) limit.mode = ratelimit::Mode::kEnforce;
  CHECK(Json(api.Ask("GET", "/x/limits").body)["client_ip"]["verdict"].String() ==
        "looks sane: the source rules are in force");
}

TEST_CASE("a check says what a send would be told, and counts nothing however often it is asked") {
  Limits api;
  for (int i = 0; i < 30; ++i) {
    const Json body = api.Check(kCode);
    CHECK(body.Text("outcome") == "accepted");
    CHECK(body["retry_after"].Integer() == 0);
  }
  api.IdOf(api.Send(resources::tests::Message(R"("category":"otp")")));
  const Json refused = api.Check(kCode);
  CHECK(refused.Text("outcome") == "denied");
  CHECK(refused.Text("policy") == "otp-mailbox-30s");
  CHECK(refused.Text("scope") == "mailbox");
  CHECK(refused["limit"].Integer() == 1);
  CHECK(refused["retry_after"].Integer() > 0);
  CHECK(refused.Element("recipients", 0).String() == "ann@example.org");
  CHECK(refused["last_sent_at"].IsString());
  CHECK(api.Check(R"({"to":"ann@example.org","category":"otp","trust":"session"})").Text("outcome") == "accepted");
  api.IdOf(api.Send(resources::tests::Message(R"("category":"otp","trust":"captcha")")));
  const Json solved = api.Check(R"({"to":"ann@example.org","category":"otp","trust":"captcha"})");
  CHECK(solved.Text("policy") == "captcha-mailbox-20s");
  CHECK(solved.Text("scope") == "trusted");
  CHECK(api.Check(R"({"to":"ann@example.org","category":"otp","trust":"session"})").Text("outcome") == "accepted");
}

TEST_CASE("what a category makes of a refusal is told by its own word") {
  Limits api;
  api.IdOf(api.Send(resources::tests::Message(R"("category":"contact_ack")")));
  CHECK(api.Check(R"({"to":"ann@example.org","category":"contact_ack"})").Text("outcome") == "suppressed");
}

TEST_CASE("a check that names its dedupe key learns that the send would be a repeat") {
  Limits api;
  const std::string members = R"("category":"notification","dedupe_key":"order 7")";
  api.IdOf(api.Send(resources::tests::Message(members)));
  const auto outcome = [&](const std::string& more) {
    return api.Check(R"({"to":"ann@example.org","category":"notification")" + more + "}").Text("outcome");
  };
  CHECK(outcome(R"(,"dedupe_key":"order 7")") == "coalesced");
  CHECK(outcome(R"(,"dedupe_key":"order 8")") == "accepted");
  CHECK(outcome("") == "accepted");
  api.key.id = "another";
  CHECK(outcome(R"(,"dedupe_key":"order 7")") == "accepted");
}

TEST_CASE("a check takes the default category of the template, and of the key") {
  Limits api;
  const std::string made = R"({"name":"code","alias":"code","html":"{{code}}","category":"otp"})";
  CHECK(api.Ask("POST", "/templates", made).status == 201);
  const std::string with_template = R"({"to":"ann@example.org","template":{"id":"code"}})";
  CHECK(api.Ask("POST", "/x/limits/check", with_template).status == 404);  // not published: as a send is told
  CHECK(api.Ask("POST", "/templates/code/publish").status == 200);
  CHECK(api.Check(with_template).Text("policy") == "otp-mailbox-30s");
  CHECK(api.Check(R"({"to":"ann@example.org"})").Text("policy") == "uncategorized-mailbox-1h");
  api.key.category = "receipt";
  CHECK(api.Check(R"({"to":"ann@example.org"})").Text("policy") == "receipt-mailbox-1h");
  CHECK(api.Check(with_template).Text("policy") == "otp-mailbox-30s");
}

TEST_CASE("a check reads as a send does, and refuses what a send refuses") {
  Limits api;
  CHECK(api.Ask("POST", "/x/limits/check", "{").status == 400);
  CHECK(api.Ask("POST", "/x/limits/check", "{}").status == 422);
  CHECK(api.Ask("POST", "/x/limits/check", R"({"to":"nobody"})").status == 422);
  CHECK(api.Ask("POST", "/x/limits/check", R"({"to":"ann@example.org","category":"nonsense"})").status == 422);
  CHECK(api.Ask("POST", "/x/limits/check", R"({"to":"ann@example.org","client_ip":"here"})").status == 422);
  api.key.may_assert_trust = false;
  CHECK(api.Ask("POST", "/x/limits/check", R"({"to":"ann@example.org","trust":"session"})").status == 403);
  CHECK(api.Check(kCode).Text("outcome") == "accepted");
}
