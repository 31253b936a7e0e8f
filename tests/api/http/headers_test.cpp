#include "api/http/headers.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace sealpost::http;

namespace {

std::string Value(const Response& response, std::string_view name) {
  const auto found = std::ranges::find_if(response.headers, [&](const auto& h) { return h.first == name; });
  return found == response.headers.end() ? "(none)" : found->second;
}

}  // namespace

TEST_CASE("Every answer carries the security headers and its request id") {
  Response response;
  AddSecurityHeaders(response, Request{.id = "abc"}, {});
  CHECK(Value(response, "Content-Security-Policy").starts_with("default-src 'none';"));
  CHECK(Value(response, "Content-Security-Policy").find("frame-ancestors 'none'") != std::string::npos);
  CHECK(Value(response, "X-Content-Type-Options") == "nosniff");
  CHECK(Value(response, "X-Frame-Options") == "DENY");
  CHECK(Value(response, "Referrer-Policy") == "no-referrer");
  CHECK(Value(response, "Cross-Origin-Opener-Policy") == "same-origin");
  CHECK(Value(response, "Cross-Origin-Resource-Policy") == "same-origin");
  CHECK(Value(response, "Permissions-Policy").find("camera=()") != std::string::npos);
  CHECK(Value(response, "Cache-Control") == "no-store");
  CHECK(Value(response, "X-XSS-Protection") == "0");
  CHECK(Value(response, "X-Request-Id") == "abc");
  CHECK(Value(response, "Server") == "(none)");
}

TEST_CASE("Strict transport is promised only over TLS and only where it was asked for") {
  for (const bool secure : {false, true}) {
    for (const bool wanted : {false, true}) {
      Response response;
      AddSecurityHeaders(response, Request{.secure = secure}, {.hsts = wanted});
      CHECK((Value(response, "Strict-Transport-Security") != "(none)") == (secure && wanted));
    }
  }
}

TEST_CASE("What the handler set stays as it is") {
  Response response;
  response.headers = {{"cache-control", "public"}, {"Content-Security-Policy", "sandbox; frame-ancestors 'self'"}};
  AddSecurityHeaders(response, Request{}, {});
  CHECK(Value(response, "cache-control") == "public");
  CHECK(Value(response, "Cache-Control") == "(none)");
  CHECK(Value(response, "Content-Security-Policy") == "sandbox; frame-ancestors 'self'");
  CHECK(Value(response, "X-Frame-Options") == "(none)");
  CHECK(Value(response, "Referrer-Policy") == "no-referrer");

  Response own;
  own.headers = {{"X-Frame-Options", "SAMEORIGIN"}};
  AddSecurityHeaders(own, Request{}, {});
  CHECK(std::ranges::count(own.headers, "X-Frame-Options", [](const auto& h) { return h.first; }) == 1);
}

TEST_CASE("A policy of the handler's own that says nothing of framing still forbids it") {
  Response response;
  response.headers = {{"Content-Security-Policy", "default-src 'self'"}};
  AddSecurityHeaders(response, Request{}, {});
  CHECK(Value(response, "X-Frame-Options") == "DENY");
}
