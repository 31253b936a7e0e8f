#include <doctest/doctest.h>

#include <algorithm>
#include <array>

#include "tests/scenarios/steps.h"

using namespace sealpost::scenarios;

namespace {

constexpr auto kNames = std::to_array<std::string_view>({"invalid_idempotency_key",
                                                         "validation_error",
                                                         "missing_api_key",
                                                         "restricted_api_key",
                                                         "invalid_api_key",
                                                         "not_found",
                                                         "method_not_allowed",
                                                         "invalid_idempotent_request",
                                                         "concurrent_idempotent_requests",
                                                         "missing_required_field",
                                                         "invalid_attachment",
                                                         "invalid_from_address",
                                                         "invalid_parameter",
                                                         "invalid_region",
                                                         "invalid_access",
                                                         "rate_limit_exceeded",
                                                         "daily_quota_exceeded",
                                                         "monthly_quota_exceeded",
                                                         "security_error",
                                                         "application_error",
                                                         "internal_server_error"});

// A refusal that every client of the contract can read.
void CheckProblem(const HttpReply& reply, int status, std::string_view name = "") {
  CAPTURE(reply.body);
  CHECK(reply.status == status);
  CHECK(reply.Header("Content-Type").starts_with("application/json"));
  const Json problem = Json::Of(reply.body);
  CHECK(problem["statusCode"].Number() == status);
  CHECK_FALSE(problem["message"].Text().empty());
  const std::string given = problem["name"].Text();
  CHECK(std::find(kNames.begin(), kNames.end(), given) != kNames.end());
  if (!name.empty()) CHECK(given == name);
}

struct Row {
  std::string_view body;
  int status;
  std::string_view name;
};

constexpr Row kBodies[] = {
    {"", 400, "validation_error"},
    {"{", 400, "validation_error"},
    {"nonsense", 400, "validation_error"},
    {"{\"from\": \"\xff\"}", 400, "validation_error"},
    {"[]", 422, "validation_error"},
    {"null", 422, "validation_error"},
    {"\"text\"", 422, "validation_error"},
    {"{}", 422, "missing_required_field"},
    {R"({"from": 1, "to": "a@example.com", "subject": "x", "text": "x"})", 422, "validation_error"},
    {R"({"from": "a@acme.example", "to": 7, "subject": "x", "text": "x"})", 422, "validation_error"},
    {R"({"from": "a@acme.example", "to": [7], "subject": "x", "text": "x"})", 422, "validation_error"},
    {R"({"from": "a@acme.example", "to": [], "subject": "x", "text": "x"})", 422, "missing_required_field"},
    {R"({"from": "a@acme.example", "to": "a@example.com", "subject": {}, "text": "x"})", 422, "validation_error"},
    {R"({"from": "a@acme.example", "to": "a@example.com", "subject": "x"})", 422, "missing_required_field"},
    {R"({"from": "a@acme.example", "to": "a@example.com", "text": "x"})", 422, "missing_required_field"},
    {R"({"from": "a@acme.example", "to": "a@example.com", "subject": "x", "text": false})", 422, "validation_error"},
    {R"({"from": "nobody", "to": "a@example.com", "subject": "x", "text": "x"})", 422, "invalid_from_address"},
    {R"({"from": "a@acme.example", "to": "nobody", "subject": "x", "text": "x"})", 422, "validation_error"},
    {R"({"from": "a@acme.example", "to": "a@example.com, b@example.com", "subject": "x", "text": "x"})", 422,
     "validation_error"},
    {R"({"from": "a@acme.example", "to": "a@[127.0.0.1]", "subject": "x", "text": "x"})", 422, "validation_error"},
    {R"({"from": "a@acme.example", "to": "a@example.com", "subject": "x", "text": "x", "headers": []})", 422,
     "validation_error"},
    {R"({"from": "a@acme.example", "to": "a@example.com", "subject": "x", "text": "x", "headers": {"Bcc": "b@example.com"}})",
     422, "validation_error"},
    {R"({"from": "a@acme.example", "to": "a@example.com", "subject": "x", "text": "x", "tags": "x"})", 422,
     "validation_error"},
    {R"({"from": "a@acme.example", "to": "a@example.com", "subject": "x", "text": "x", "tags": [{"name": "a b", "value": "x"}]})",
     422, "validation_error"},
    {R"({"from": "a@acme.example", "to": "a@example.com", "subject": "x", "text": "x", "topic_id": "x"})", 422,
     "invalid_parameter"},
    {R"({"from": "a@acme.example", "to": "a@example.com", "subject": "x", "text": "x", "topic_id": "01890000-0000-7000-8000-000000000000"})",
     404, "not_found"},
    {R"({"from": "a@acme.example", "to": "a@example.com", "template": {"id": "no-such"}})", 404, "not_found"},
    {R"({"from": "a@acme.example", "to": "a@example.com", "template": {}})", 422, "missing_required_field"},
    {R"({"from": "a@acme.example", "to": "a@example.com", "subject": "x", "text": "x", "template": {"id": "a"}})", 422,
     "validation_error"},
    {R"({"from": "a@acme.example", "to": "a@example.com", "subject": "x", "text": "x", "attachments": {}})", 422,
     "validation_error"},
    {R"({"from": "a@acme.example", "to": "a@example.com", "subject": "x", "text": "x", "attachments": [{"filename": "a", "content": "*"}]})",
     422, "invalid_attachment"},
    {R"({"from": "a@acme.example", "to": "a@example.com", "subject": "x", "text": "x", "attachments": [{"filename": "a", "content": [256]}]})",
     422, "invalid_attachment"},
    {R"({"from": "a@acme.example", "to": "a@example.com", "subject": "x", "text": "x", "attachments": [{"filename": "a", "path": "http://127.0.0.1/"}]})",
     422, "invalid_attachment"},
    {R"({"from": "a@acme.example", "to": "a@example.com", "subject": "x", "text": "x", "expires_at": "tomorrow"})", 422,
     "validation_error"},
    {R"({"from": "a@acme.example", "to": "a@example.com", "subject": "x", "text": "x", "expires_at": "2001-01-01T00:00:00Z"})",
     422, "validation_error"},
    {R"({"from": "a@acme.example", "to": "a@example.com", "subject": "x", "text": "x", "trust": "me"})", 422,
     "validation_error"},
    {R"({"from": "a@acme.example", "to": "a@example.com", "subject": "x", "text": "x", "metadata": "x"})", 422,
     "validation_error"},
};

// A message in which {} stands where a string of the caller's goes. Every field of a send that takes one is here.
constexpr std::string_view kFields[] = {
    R"({"from": "Acme{} <a@acme.example>", "to": "@", "subject": "x", "text": "x"})",
    R"({"from": "a@acme.example{}", "to": "@", "subject": "x", "text": "x"})",
    R"({"from": "a@acme.example", "to": "Ann{} <@>", "subject": "x", "text": "x"})",
    R"({"from": "a@acme.example", "to": "@{}", "subject": "x", "text": "x"})",
    R"({"from": "a@acme.example", "to": "\"ann{}\"@example.com", "subject": "x", "text": "x"})",
    R"({"from": "a@acme.example", "to": "@", "cc": "x@example.com{}", "subject": "x", "text": "x"})",
    R"({"from": "a@acme.example", "to": "@", "bcc": "x@example.com{}", "subject": "x", "text": "x"})",
    R"({"from": "a@acme.example", "to": "@", "reply_to": "Me{} <x@example.com>", "subject": "x", "text": "x"})",
    R"({"from": "a@acme.example", "to": "@", "subject": "x{}", "text": "x"})",
    R"({"from": "a@acme.example", "to": "@", "subject": "x", "text": "x", "topic_id": "{}"})",
    R"({"from": "a@acme.example", "to": "@", "subject": "x", "text": "x", "category": "otp{}"})",
    R"({"from": "a@acme.example", "to": "@", "subject": "x", "text": "x", "trust": "session{}"})",
    R"({"from": "a@acme.example", "to": "@", "subject": "x", "text": "x", "client_ip": "192.0.2.1{}"})",
    R"({"from": "a@acme.example", "to": "@", "subject": "x", "text": "x", "user_id": "u{}"})",
    R"({"from": "a@acme.example", "to": "@", "subject": "x", "text": "x", "dedupe_key": "d{}"})",
    R"({"from": "a@acme.example", "to": "@", "subject": "x", "text": "x", "priority": "high{}"})",
    R"({"from": "a@acme.example", "to": "@", "subject": "x", "text": "x", "expires_at": "2099-01-01T00:00:00Z{}"})",
    R"({"from": "a@acme.example", "to": "@", "subject": "x", "text": "x", "metadata": {"k{}": "v{}"}})",
    R"({"from": "a@acme.example", "to": "@", "subject": "x", "text": "x", "headers": {"X-Mine{}": "v"}})",
    R"({"from": "a@acme.example", "to": "@", "subject": "x", "text": "x", "headers": {"X-Mine": "v{}"}})",
    R"({"from": "a@acme.example", "to": "@", "subject": "x", "text": "x", "headers": {"X-Sealpost-User-Id": "v{}"}})",
    R"({"from": "a@acme.example", "to": "@", "subject": "x", "text": "x", "headers": {"References": "<a@b>{}"}})",
    R"({"from": "a@acme.example", "to": "@", "subject": "x", "text": "x", "headers": {"List-Unsubscribe": "<https://a.example/{}>"}})",
    R"({"from": "a@acme.example", "to": "@", "subject": "x", "text": "x", "tags": [{"name": "n{}", "value": "v"}]})",
    R"({"from": "a@acme.example", "to": "@", "subject": "x", "text": "x", "tags": [{"name": "n", "value": "v{}"}]})",
    R"({"from": "a@acme.example", "to": "@", "template": {"id": "hello{}", "variables": {"NAME": "x"}}})",
    R"({"from": "a@acme.example", "to": "@", "template": {"id": "hello", "variables": {"NAME": "x{}"}}})",
    R"({"from": "a@acme.example", "to": "@", "subject": "x", "text": "x", "attachments": [{"filename": "a{}", "content": "YQ=="}]})",
    R"({"from": "a@acme.example", "to": "@", "subject": "x", "text": "x", "attachments": [{"filename": "a", "content": "YQ=={}"}]})",
    R"({"from": "a@acme.example", "to": "@", "subject": "x", "text": "x", "attachments": [{"filename": "a", "content": "YQ==", "content_type": "text/plain{}"}]})",
    R"({"from": "a@acme.example", "to": "@", "subject": "x", "html": "x", "attachments": [{"filename": "a", "content": "YQ==", "content_id": "i{}"}]})",
};

// As they stand inside a JSON string.
constexpr std::string_view kInjections[] = {R"(\r\nX-Injected: yes)",
                                            R"(\nX-Injected: yes)",
                                            R"(\rX-Injected: yes)",
                                            R"(\r\n\r\nX-Injected: yes)",
                                            R"(\u0000)",
                                            R"(\u2028X-Injected: yes)"};

bool HasInjectedLine(const std::string& raw) {
  return std::any_of(raw.begin(), raw.end(), [&](const char& c) {
    return (c == '\n' || c == '\r') && std::string_view(&c + 1, raw.data() + raw.size()).starts_with("X-Injected");
  });
}

}  // namespace

TEST_CASE("whatever is wrong with a body is said in the words of the contract, and nothing is sent") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  for (const Row& row : kBodies) {
    CAPTURE(row.body);
    CheckProblem(service.Post("/emails", row.body), row.status, row.name);
  }
  CheckProblem(service.Post("/emails/batch", "{}"), 422);
  CheckProblem(service.Post("/emails/batch", "[]"), 422);
  CheckProblem(service.Post("/emails/batch", "[1]"), 422);
  CheckProblem(service.Post("/emails", std::string(200, '[')), 400);
  CheckProblem(service.Post("/templates", R"({"name": "x", "html": "{{#open}}"})"), 422);
  CheckProblem(service.Post("/templates", R"({"name": 1, "html": "x"})"), 422);
  CheckProblem(service.Post("/topics", R"({"name": "a\r\nb"})"), 422);
  CheckProblem(service.Get("/emails/not-an-id"), 422, "invalid_parameter");
  CheckProblem(service.Get("/emails/01890000-0000-7000-8000-000000000000"), 404, "not_found");
  CheckProblem(service.Get("/no/such/path"), 404, "not_found");
  CheckProblem(service.Delete("/emails"), 405, "method_not_allowed");

  const std::string last = Send(service, Message("ann@example.com"));
  CHECK(AwaitState(service, last, "delivered"));
  CHECK(Inbox(service).Size() == 1);
}

TEST_CASE("no field lets a line break or NUL through into a mail") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  REQUIRE(service
              .Post("/templates",
                    R"({"name": "hello", "alias": "hello", "subject": "Hello {{NAME}}", "html": "<p>{{NAME}}</p>"})")
              .status == 201);
  REQUIRE(service.Post("/templates/hello/publish", "").status == 200);
  std::vector<std::string> accepted;
  int number = 0;
  for (const std::string_view field : kFields) {
    for (const std::string_view injection : kInjections) {
      std::string body(field);
      const std::string recipient = "r" + std::to_string(number++) + "@example.com";
      const std::size_t place = body.find("\"@\"") != std::string::npos ? body.find("\"@\"") + 1 : body.find("<@>") + 1;
      if (body.find("\"@{}\"") != std::string::npos) {
        body.replace(body.find("\"@{}\"") + 1, 1, recipient);
      } else if (place != 0) {
        body.replace(place, 1, recipient);
      }
      ReplaceAll(body, "{}", injection);
      CAPTURE(body);
      const HttpReply reply = service.Post("/emails", body);
      if (reply.status == 200) {
        accepted.push_back(Json::Of(reply.body)["id"].Text());
      } else {
        CHECK(reply.status >= 400);
        CheckProblem(reply, reply.status);
        CHECK(reply.status < 500);
      }
    }
  }
  for (const std::string& id : accepted) CHECK(AwaitState(service, id, "delivered"));
  const Json mails = Inbox(service);
  CHECK(mails.Size() == accepted.size());
  for (std::size_t i = 0; i < mails.Size(); ++i) {
    const std::string raw = mails[i]["raw"].Text();
    CAPTURE(raw);
    CHECK_FALSE(HasInjectedLine(raw));
    CHECK(raw.find('\0') == std::string::npos);
  }
}

TEST_CASE("without a key, or with a wrong one, nothing is answered and nothing sent") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  tests::HttpClient stranger(service.port());
  CheckProblem(stranger.Post("/emails", {}, Message("ann@example.com")), 401, "missing_api_key");
  for (const std::string wrong : {"Bearer sp_wrong", "Bearer sp_dev2", "bearer SP_DEV"}) {
    CheckProblem(stranger.Post("/emails", {{"Authorization", wrong}}, Message("ann@example.com")), 403,
                 "invalid_api_key");
  }
  for (const std::string none : {"Basic c3BfZGV2", "sp_dev", "Bearer", "Bearer "}) {
    CheckProblem(stranger.Post("/emails", {{"Authorization", none}}, Message("ann@example.com")), 401,
                 "missing_api_key");
  }
  CHECK(Inbox(service).Size() == 0);
}
