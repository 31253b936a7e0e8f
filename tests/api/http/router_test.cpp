#include "api/http/router.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>

using namespace sealpost;
using namespace sealpost::http;

namespace {

struct TwoKeys final : KeyBook {
  std::optional<model::ApiKey> Find(std::string_view token) const override {
    model::ApiKey key;
    key.id = token == "full" ? "1" : "2";
    if (token == "full") key.permission = model::Permission::kFullAccess;
    return token == "full" || token == "send" ? std::optional(key) : std::nullopt;
  }
};

Handler Says(std::string text) {
  return [text = std::move(text)](const Request& request) {
    std::string body = text;
    for (const auto& [name, value] : request.parameters) body += " " + name + "=" + value;
    return Response{.body = body};
  };
}

struct Fixture {
  TwoKeys keys;
  Router router{keys};

  Router::Match Ask(std::string method, std::string path, std::string token = "full") {
    Request request{.id = "id", .method = std::move(method), .path = std::move(path)};
    if (!token.empty()) request.headers["Authorization"] = "Bearer " + token;
    return router.Dispatch(request);
  }
};

std::string HeaderOf(const Response& response, std::string_view name) {
  const auto found = std::ranges::find_if(response.headers, [&](const auto& h) { return h.first == name; });
  return found == response.headers.end() ? "" : found->second;
}

bool Names(const Response& response, std::string_view name) {
  return response.body.find("\"name\":\"" + std::string(name) + "\"") != std::string::npos;
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "Literal segments win over parameters, whatever the order of adding") {
  router.Add("GET", "/emails/{id}", Access::kSend, Says("one"));
  router.Add("GET", "/emails/metrics", Access::kSend, Says("metrics"));
  router.Add("GET", "/{kind}/metrics", Access::kSend, Says("any"));
  router.Add("GET", "/", Access::kSend, Says("root"));
  CHECK(Ask("GET", "/emails/7").response.body == "one id=7");
  CHECK(Ask("GET", "/emails/metrics").response.body == "metrics");
  CHECK(Ask("GET", "/topics/metrics").response.body == "any kind=topics");
  CHECK(Ask("GET", "/").response.body == "root");
  CHECK(Ask("GET", "/emails/7").pattern == "/emails/{id}");
}

TEST_CASE_FIXTURE(Fixture, "A literal wins over a parameter with another method too") {
  router.Add("POST", "/emails/batch", Access::kSend, Says("batch"));
  router.Add("GET", "/emails/{id}", Access::kSend, Says("one"));
  router.Add("PATCH", "/emails/{id}", Access::kSend, Says("change"));
  for (const char* method : {"GET", "HEAD", "PATCH"}) {
    CAPTURE(method);
    const auto refused = Ask(method, "/emails/batch");
    CHECK(refused.response.status == 405);
    CHECK(HeaderOf(refused.response, "Allow") == "OPTIONS, POST");
    CHECK(refused.pattern == "/emails/batch");
  }
  CHECK(HeaderOf(Ask("OPTIONS", "/emails/batch").response, "Allow") == "OPTIONS, POST");
  CHECK(Ask("POST", "/emails/batch").response.body == "batch");
  CHECK(Ask("GET", "/emails/7").response.body == "one id=7");
}

TEST_CASE_FIXTURE(Fixture, "Segments split before decoding keep an encoded slash inside") {
  router.Add("GET", "/x/recipients/{address}/limits", Access::kFull, Says("limits"));
  Request request{.method = "GET", .path = "/x/recipients/a/b@example.com/limits"};
  request.segments = {"x", "recipients", "a/b@example.com", "limits"};
  request.headers["Authorization"] = "bearer  full";
  CHECK(router.Dispatch(request).response.body == "limits address=a/b@example.com");
}

TEST_CASE_FIXTURE(Fixture, "An unknown path is 404 and an unknown method 405 with Allow") {
  router.Add("GET", "/emails/{id}", Access::kSend, Says("one"));
  router.Add("PATCH", "/emails/{id}", Access::kSend, Says("change"));
  const auto missing = Ask("GET", "/email");
  CHECK(missing.response.status == 404);
  CHECK(Names(missing.response, "not_found"));
  CHECK(missing.pattern.empty());
  const auto wrong = Ask("DELETE", "/emails/7", "");
  CHECK(wrong.response.status == 405);
  CHECK(Names(wrong.response, "method_not_allowed"));
  CHECK(HeaderOf(wrong.response, "Allow") == "GET, HEAD, OPTIONS, PATCH");
  CHECK(wrong.pattern == "/emails/{id}");
}

TEST_CASE_FIXTURE(Fixture, "OPTIONS lists the methods of a path or of the server") {
  router.Add("GET", "/{id}", Access::kSend, Says("one"));
  const auto answer = Ask("OPTIONS", "/emails", "");
  CHECK(answer.response.status == 200);
  CHECK(HeaderOf(answer.response, "Allow") == "GET, HEAD, OPTIONS");
  CHECK(Ask("OPTIONS", "*", "").response.status == 200);
  CHECK(Ask("OPTIONS", "/a/b", "").response.status == 404);
}

TEST_CASE_FIXTURE(Fixture, "HEAD is GET without its body but with its length") {
  router.Add("GET", "/healthz", Access::kPublic, Says("twelve bytes"));
  const auto answer = Ask("HEAD", "/healthz", "");
  CHECK(answer.response.status == 200);
  CHECK(answer.response.body.empty());
  CHECK(HeaderOf(answer.response, "Content-Length") == "12");
}

TEST_CASE_FIXTURE(Fixture, "Keys open what they may open") {
  router.Add("GET", "/healthz", Access::kPublic, Says("ok"));
  router.Add("POST", "/emails", Access::kSend,
             [](const Request& request) { return Response{.body = request.caller ? request.caller->id : "nobody"}; });
  router.Add("GET", "/domains", Access::kFull, Says("domains"));
  CHECK(Ask("GET", "/healthz", "").response.status == 200);
  CHECK(Ask("POST", "/emails", "send").response.body == "2");
  CHECK(Ask("GET", "/domains", "full").response.status == 200);

  const auto restricted = Ask("GET", "/domains", "send").response;
  CHECK(restricted.status == 401);
  CHECK(Names(restricted, "restricted_api_key"));
  const auto missing = Ask("POST", "/emails", "").response;
  CHECK(missing.status == 401);
  CHECK(Names(missing, "missing_api_key"));
  CHECK(HeaderOf(missing, "WWW-Authenticate") == "Bearer");
  const auto wrong = Ask("POST", "/emails", "guess").response;
  CHECK(wrong.status == 403);
  CHECK(Names(wrong, "invalid_api_key"));
  CHECK(wrong.body.find("guess") == std::string::npos);

  Request basic{.method = "POST", .path = "/emails"};
  basic.headers["Authorization"] = "Basic Zm9vOmJhcg==";
  CHECK(router.Dispatch(basic).response.status == 401);
}

TEST_CASE_FIXTURE(Fixture, "A handler that throws is one failed request") {
  router.Add("GET", "/a", Access::kPublic,
             [](const Request&) -> Response { throw std::runtime_error("secret detail"); });
  router.Add("GET", "/b", Access::kPublic, [](const Request&) -> Response { throw 7; });
  const auto a = Ask("GET", "/a");
  CHECK(a.response.status == 500);
  CHECK(Names(a.response, "internal_server_error"));
  CHECK(a.response.body.find("secret detail") == std::string::npos);
  CHECK(a.fault == "secret detail");
  CHECK(Ask("GET", "/b").response.status == 500);
}

TEST_CASE_FIXTURE(Fixture, "The same route twice is a fault of ours") {
  router.Add("GET", "/emails/{id}", Access::kSend, Says("one"));
  CHECK_THROWS_AS(router.Add("GET", "/emails/{other}", Access::kSend, Says("two")), std::logic_error);
  CHECK_NOTHROW(router.Add("GET", "/emails/fixed", Access::kSend, Says("two")));
  CHECK_NOTHROW(router.Add("POST", "/emails/{id}", Access::kSend, Says("three")));
}
