#include "api/http/target.h"

#include <doctest/doctest.h>

using namespace sealpost::http;

TEST_CASE("A path is decoded, its slashes collapsed, its last one dropped") {
  const auto path = [](std::string_view text) { return ParseTarget(text).value().path; };
  CHECK(path("/") == "/");
  CHECK(path("//") == "/");
  CHECK(path("/emails") == "/emails");
  CHECK(path("//emails///7/") == "/emails/7");
  CHECK(path("/a%20b/caf%C3%a9") == "/a b/caf\xc3\xa9");
  CHECK(path("/a+b") == "/a+b");
  CHECK(path("/a?b/c") == "/a");
  CHECK(path("*") == "*");
}

TEST_CASE("An encoded slash stays inside its segment") {
  const auto target = ParseTarget("/x/recipients/a%2Fb@example.com/limits").value();
  CHECK(target.segments == std::vector<std::string>{"x", "recipients", "a/b@example.com", "limits"});
}

TEST_CASE("The query is read as forms write it") {
  const auto target = ParseTarget("/a?to=a%2Bb%40c&wait=5&x=1+2&empty=&flag&&to=second&=v").value();
  CHECK(target.query.at("to") == "a+b@c");
  CHECK(target.query.at("wait") == "5");
  CHECK(target.query.at("x") == "1 2");
  CHECK(target.query.at("empty").empty());
  CHECK(target.query.at("flag").empty());
  CHECK(target.query.at("") == "v");
  CHECK(target.query.size() == 6);
}

TEST_CASE("An absolute target brings its authority") {
  const auto target = ParseTarget("http://example.com:80/a?b=c").value();
  CHECK(target.authority == "example.com:80");
  CHECK(target.path == "/a");
  CHECK(target.query.at("b") == "c");
  CHECK(ParseTarget("https://example.com").value().path == "/");
  CHECK(ParseTarget("https://example.com?x").value().query.contains("x"));
}

TEST_CASE("What cannot be decoded is refused") {
  for (const char* text : {"/%", "/%4", "/%zz", "/%+1", "/%00", "/a%0Ab", "/%0d", "/%7f", "/%ff", "/%c3", "/%c0%af",
                           "/%ed%a0%80", "/%f4%90%80%80", "/?a=%", "/?%00=1", "/?a=%0a", "/?a=%e2%82"}) {
    CAPTURE(text);
    const auto target = ParseTarget(text);
    REQUIRE_FALSE(target.has_value());
    CHECK(target.error().status == 400);
  }
}

TEST_CASE("UTF-8 is told from what only looks like it") {
  CHECK(IsUtf8("plain"));
  CHECK(IsUtf8("\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xef\xbf\xbf \xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"));
  for (const char* text : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                           "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\xff"}) {
    CHECK_FALSE(IsUtf8(text));
  }
}
