#include "api/resources/refusals.h"

#include <doctest/doctest.h>

#include "tests/api/resources/fixture.h"

using namespace sealpost;
using resources::tests::HeaderOf;
using resources::tests::Json;
using submit::RefusalKind;

TEST_CASE("each refusal has its status and a name of the closed set") {
  const std::tuple<RefusalKind, int, std::string_view> rows[] = {
      {RefusalKind::kValidation, 422, "validation_error"},
      {RefusalKind::kMissingField, 422, "missing_required_field"},
      {RefusalKind::kInvalidFrom, 422, "invalid_from_address"},
      {RefusalKind::kInvalidAttachment, 422, "invalid_attachment"},
      {RefusalKind::kInvalidParameter, 422, "invalid_parameter"},
      {RefusalKind::kDomainNotDeclared, 403, "validation_error"},
      {RefusalKind::kDomainRefused, 403, "validation_error"},
      {RefusalKind::kNotPermitted, 403, "validation_error"},
      {RefusalKind::kNotFound, 404, "not_found"},
      {RefusalKind::kLimited, 429, "rate_limit_exceeded"},
      {RefusalKind::kRecipientOptedOut, 403, "validation_error"},
      {RefusalKind::kUnavailable, 503, "internal_server_error"},
      {RefusalKind::kIdempotencyReused, 409, "invalid_idempotent_request"},
      {RefusalKind::kIdempotencyRunning, 409, "concurrent_idempotent_requests"},
  };
  for (const auto& [kind, status, name] : rows) {
    const http::Problem problem = resources::ToProblem({kind, "why", "/to/1"});
    CHECK(problem.status == status);
    CHECK(http::NameText(problem.name) == name);
    CHECK(problem.errors.at(0).pointer == "/to/1");
  }
  CHECK(resources::ToProblem({RefusalKind::kValidation, "why", ""}).errors.empty());
}

TEST_CASE("a limit's answer says rule, mailboxes and when to come back, in whole seconds") {
  ratelimit::Decision decision;
  decision.rule = "otp-mailbox-30s";
  decision.limit = {std::chrono::seconds(30), 1};
  decision.retry_after = std::chrono::seconds(17);
  decision.reset = std::chrono::seconds(17);
  decision.refused = {"ann@example.org"};
  decision.last_sent_at = 1'767'225'600'000;
  const http::Response response = resources::LimitedResponse({RefusalKind::kLimited, "Too many", "/to"}, decision, {});
  CHECK(response.status == 429);
  const Json body(response.body);
  CHECK(body.Text("name") == "rate_limit_exceeded");
  CHECK(body.Text("policy") == "otp-mailbox-30s");
  CHECK(body.Element("recipients", 0).String() == "ann@example.org");
  CHECK(body["retry_after"].Integer() == 17);
  CHECK(body.Text("last_sent_at") == "2026-01-01T00:00:00.000Z");
  CHECK_FALSE(body["error"].Exists());
  CHECK(HeaderOf(response, "Retry-After") == "17");
  CHECK(HeaderOf(response, "RateLimit-Policy") == "\"otp-mailbox-30s\";q=1;w=30");
  CHECK(HeaderOf(response, "RateLimit") == "\"otp-mailbox-30s\";r=0;t=17");
  CHECK(HeaderOf(response, "RateLimit-Limit") == "1");
  CHECK(HeaderOf(response, "RateLimit-Remaining") == "0");
  CHECK(HeaderOf(response, "RateLimit-Reset") == "17");
}

TEST_CASE("a limit of a day is a daily quota, and nothing sent before is null") {
  ratelimit::Decision decision;
  decision.rule = "otp-mailbox-1d";
  decision.limit = {std::chrono::hours(24), 15};
  const Json body(resources::LimitedResponse({RefusalKind::kLimited, "Too many", "/to"}, decision, {}).body);
  CHECK(body.Text("name") == "daily_quota_exceeded");
  CHECK(body["last_sent_at"].IsNull());
  CHECK(body["challenge"].IsNull());
}

TEST_CASE("waiting for the counters is no daily quota, whatever the rule that is nearest") {
  ratelimit::Decision decision;
  decision.outcome = ratelimit::Outcome::kHeld;
  decision.limit = {std::chrono::hours(24), 300};
  CHECK(Json(resources::LimitedResponse({RefusalKind::kLimited, "away", ""}, decision, {}).body).Text("name") ==
        "rate_limit_exceeded");
}

TEST_CASE("a challenge that would help is named") {
  ratelimit::Decision decision;
  decision.challenge = "captcha";
  const Json body(resources::LimitedResponse({RefusalKind::kLimited, "Too many", "/to"}, decision, {}).body);
  CHECK(body.Text("challenge") == "captcha");
}

TEST_CASE("a recipient who wants nothing is 403 with its policy, and no rate") {
  ratelimit::Decision decision;
  decision.rule = "recipient-block";
  decision.scope = "recipient";
  decision.retry_after = std::chrono::seconds(7);
  decision.refused = {"ann@example.org"};
  const http::Response response =
      resources::LimitedResponse({RefusalKind::kRecipientOptedOut, "stopped", "/to"}, decision, {});
  CHECK(response.status == 403);
  const Json body(response.body);
  CHECK(body.Text("name") == "validation_error");
  CHECK(body.Text("policy") == "recipient_opted_out");
  CHECK(body.Text("scope") == "recipient");
  CHECK(HeaderOf(response, "Retry-After") == "7");
  CHECK(HeaderOf(response, "RateLimit").empty());
}

TEST_CASE("where no rule was asked there are no limit fields") {
  http::Response response;
  resources::AddLimitHeaders(response, {});
  CHECK(response.headers.empty());
}
