#include "mailer/message/checks.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace sealpost::message;

TEST_CASE("a header value is one line of valid UTF-8") {
  CHECK(CheckHeaderValue("Größe\t=?", "subject"));
  CHECK(CheckHeaderValue("", "subject"));
  for (const std::string_view value :
       {std::string_view("\r"), std::string_view("\n"), std::string_view("\0", 1), std::string_view("\xC3")}) {
    const auto check = CheckHeaderValue(value, "subject");
    REQUIRE_FALSE(check);
    CHECK(check.error().field == "subject");
  }
}

TEST_CASE("a body may have lines but no NUL") {
  CHECK(CheckBody("a\r\n.\r\nb", "text"));
  CHECK_FALSE(CheckBody(std::string_view("a\0", 2), "text"));
  CHECK_FALSE(CheckBody("\xF5", "text"));
}

TEST_CASE("a URI is made of RFC 3986 characters and has a scheme that a reader may follow") {
  for (const char* uri :
       {"https://x.example/u?a=b&c=%20#d", "HTTP://127.0.0.1:8025/u/a_b-c", "mailto:u@x.example?subject=stop"}) {
    CHECK(IsUri(uri));
  }
  for (const char* uri : {"", "https:", "x", "javascript:alert(1)", "https://x/ä", "https://x/a b", "https://x/<",
                          "https://x/\"", "https://x/\\", "https://x/\x7F", "https://x/{a}", "://x"}) {
    CAPTURE(uri);
    CHECK_FALSE(IsUri(uri));
  }
  CHECK_FALSE(IsUri("https://" + std::string(900, 'x')));
}

TEST_CASE("a token has no space, no special and nothing outside ASCII") {
  CHECK(IsToken("text"));
  CHECK(IsToken("vnd.ms-excel+x_1!"));
  for (const char* text : {"", "a b", "a/b", "a;b", "a\"", "ä", "a\x01", "a=b", "[a]"}) CHECK_FALSE(IsToken(text));
}
