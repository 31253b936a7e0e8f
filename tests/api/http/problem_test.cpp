#include "api/http/problem.h"

#include <doctest/doctest.h>

#include <set>

#include "mailer/base/json.h"

using namespace sealpost;
using namespace sealpost::http;

namespace {

base::JsonDocument Parse(const Response& response) {
  auto document = base::JsonDocument::Parse(response.body);
  REQUIRE(document.has_value());
  return std::move(*document);
}

Request WithAccept(std::string accept) {
  Request request{.id = "0199c2f0-1111-7222-8333-444455556666"};
  if (!accept.empty()) request.headers["Accept"] = std::move(accept);
  return request;
}

}  // namespace

TEST_CASE("The error names are the 21 of the contract") {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Name::kInternalServerError); ++i) names.insert(NameText(static_cast<Name>(i)));
  CHECK(names.size() == 21);
  CHECK(NameText(Name::kInvalidIdempotencyKey) == "invalid_idempotency_key");
  CHECK(NameText(Name::kConcurrentIdempotentRequests) == "concurrent_idempotent_requests");
  CHECK(NameText(Name::kInternalServerError) == "internal_server_error");
}

TEST_CASE("A problem serves the contract's clients and RFC 9457 in one body") {
  const Problem problem{.status = 422,
                        .name = Name::kValidationError,
                        .message = "to[2] is no \"address\"",
                        .errors = {{"/to/2", "no @"}, {"/from", "missing"}}};
  const Response response = ToResponse(problem, WithAccept(""));
  CHECK(response.status == 422);
  CHECK(response.content_type == "application/json");
  const auto document = Parse(response);
  const auto root = document.Root();
  CHECK(root["statusCode"].Integer() == 422);
  CHECK(root["name"].String() == "validation_error");
  CHECK(root["message"].String() == "to[2] is no \"address\"");
  CHECK(root["type"].String() == "about:blank");
  CHECK(root["title"].String() == "Unprocessable Content");
  CHECK(root["status"].Integer() == 422);
  CHECK(root["detail"].String() == root["message"].String());
  CHECK(root["instance"].String() == "urn:uuid:0199c2f0-1111-7222-8333-444455556666");
  CHECK(root["request_id"].String() == "0199c2f0-1111-7222-8333-444455556666");
  CHECK(root["errors"].Size() == 2);
  // The PHP client takes a member of this name as the whole error.
  CHECK_FALSE(root["error"].Exists());
}

TEST_CASE("Extra members stand beside the others") {
  const Problem problem{
      .status = 429, .name = Name::kRateLimitExceeded, .message = "m", .extra_members = R"("retry_after":3,"a":["b"])"};
  const auto document = Parse(ToResponse(problem, WithAccept("")));
  CHECK(document.Root()["retry_after"].Integer() == 3);
  CHECK(document.Root()["a"].Size() == 1);
}

TEST_CASE("The problem media type is only for clients that name it") {
  const Problem problem{.status = 404, .name = Name::kNotFound, .message = "m"};
  for (const char* accept : {"", "*/*", "application/json", "application/*", "application/problem+json;q=0",
                             "application/problem+json; q=0.0", "application/problem+jsonx"}) {
    CAPTURE(accept);
    CHECK(ToResponse(problem, WithAccept(accept)).content_type == "application/json");
  }
  for (const char* accept : {"application/problem+json", "text/html, Application/Problem+JSON;q=0.5",
                             "application/json,application/problem+json;q=1"}) {
    CAPTURE(accept);
    CHECK(ToResponse(problem, WithAccept(accept)).content_type == "application/problem+json");
  }
}

TEST_CASE("The problem media type gives way to JSON where that is preferred") {
  const Problem problem{.status = 404, .name = Name::kNotFound, .message = "m"};
  for (const char* accept :
       {"application/json, application/problem+json;q=0.5", "application/problem+json;q=0.5, application/json;q=0.501",
        "application/problem+json;q=0.9, */*", "application/problem+json ; Q=0.1, application/*;q=0.2",
        "application/problem+json;q=0.000, application/json;q=0",
        "application/json, application/problem+json;v=1;q=0.3"}) {
    CAPTURE(accept);
    CHECK(ToResponse(problem, WithAccept(accept)).content_type == "application/json");
  }
  for (const char* accept : {"application/problem+json;q=0.5, application/json;q=0.5",
                             "application/json;q=0.1, application/problem+json;q=0.2, */*",
                             "application/problem+json;q=0.3, application/*;q=0.2, */*;q=0.9",
                             "application/problem+json;q=0.1, text/html", "application/problem+json;q=1.000, */*"}) {
    CAPTURE(accept);
    CHECK(ToResponse(problem, WithAccept(accept)).content_type == "application/problem+json");
  }
}

TEST_CASE("Each kind of error has its status and name") {
  const auto invalid =
      FromError({.kind = base::ErrorKind::kInvalid, .message = "bad", .field = "attachments[0].content"});
  CHECK(invalid.status == 422);
  CHECK(invalid.name == Name::kValidationError);
  REQUIRE(invalid.errors.size() == 1);
  CHECK(invalid.errors[0].pointer == "/attachments/0/content");
  CHECK(FromError({.kind = base::ErrorKind::kInvalid, .message = "bad"}).errors.empty());
  CHECK(FromError({.kind = base::ErrorKind::kNotFound, .message = "m"}).status == 404);
  CHECK(FromError({.kind = base::ErrorKind::kConflict, .message = "m"}).status == 409);
}

TEST_CASE("Our own faults and those of the world keep their details to the log") {
  for (const auto kind : {base::ErrorKind::kUnavailable, base::ErrorKind::kInternal}) {
    const auto problem = FromError({.kind = kind, .message = "disk /var/lib/x is full"});
    CHECK(problem.status == (kind == base::ErrorKind::kInternal ? 500 : 503));
    CHECK(problem.name == Name::kInternalServerError);
    CHECK(problem.message.find("disk") == std::string::npos);
  }
}
