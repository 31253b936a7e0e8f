#include "api/resources/key_rate.h"

#include <doctest/doctest.h>

#include "tests/api/resources/fixture.h"

using namespace sealpost;
using resources::tests::HeaderOf;

namespace {

http::Request From(const std::string& key) {
  http::Request request;
  request.caller.emplace().id = key;
  return request;
}

}  // namespace

TEST_CASE("a key has its requests in each second, told in every answer, and another key its own") {
  tests::ManualClock clock;
  resources::KeyRate rate(2, clock);
  int handled = 0;
  const http::Handler handler = rate.Wrap([&](const http::Request&) {
    ++handled;
    return http::Response();
  });
  const http::Response first = handler(From("a"));
  CHECK(HeaderOf(first, "RateLimit-Limit") == "2");
  CHECK(HeaderOf(first, "RateLimit-Remaining") == "1");
  CHECK(HeaderOf(first, "RateLimit-Reset") == "1");
  CHECK(HeaderOf(first, "RateLimit-Policy") == "\"key\";q=2;w=1");
  CHECK(HeaderOf(handler(From("a")), "RateLimit-Remaining") == "0");
  const http::Response third = handler(From("a"));
  CHECK(third.status == 429);
  CHECK(resources::tests::Json(third.body).Text("name") == "rate_limit_exceeded");
  CHECK(HeaderOf(third, "Retry-After") == "1");
  CHECK(HeaderOf(third, "RateLimit-Remaining") == "0");
  CHECK(handler(From("b")).status == 200);
  clock.Advance(std::chrono::seconds(1));
  CHECK(handler(From("a")).status == 200);
  CHECK(handled == 4);
}

TEST_CASE("a mailbox's rule in an answer is not spoken over") {
  tests::ManualClock clock;
  resources::KeyRate rate(2, clock);
  const http::Handler handler = rate.Wrap([](const http::Request&) {
    http::Response response;
    response.headers.emplace_back("RateLimit-Limit", "12");
    return response;
  });
  const http::Response response = handler(From("a"));
  CHECK(response.headers.size() == 1);
}
