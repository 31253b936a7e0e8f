#include "dns/uri.h"

#include <doctest/doctest.h>

#include <string>

using namespace sealpost::dns;
using namespace std::string_literals;

TEST_CASE("a mailto names the domain of its mailbox") {
  for (const char* text : {"mailto:a@Reports.Example.COM", "MAILTO:a@reports.example.com",
                           "mailto:a%2Bb@reports.example.com", "mailto:a@reports.example.com?subject=x",
                           "mailto:%22a%20b%22@reports.example.com", "mailto:a@reports%2Eexample.com"}) {
    CAPTURE(text);
    const auto uri = ParseUri(text);
    REQUIRE(uri);
    CHECK(uri->scheme == "mailto");
    CHECK(uri->host == "reports.example.com");
  }
}

TEST_CASE("a mailto without a mailbox and a domain is refused") {
  for (const char* text : {"mailto:", "mailto:@example.com", "mailto:a", "mailto:a@", "mailto:a@b",
                           "mailto:a@-x.example", "mailto:a%20b@example.com", "mailto:a@x.example%2Cb@y.example",
                           "mailto:a@example.com.", "mailto://a@example.com@", "mailto:a@b_c.example%00"})
    CHECK_FALSE_MESSAGE(ParseUri(text), text);
}

TEST_CASE("another URI names its host, if it has one") {
  CHECK(ParseUri("https://Logo.example/x.svg")->host == "logo.example");
  CHECK(ParseUri("https://u:p@logo.example:8443?x=1")->host == "logo.example");
  CHECK(ParseUri("https://[2001:db8::1]:443/")->host == "[2001:db8::1]");
  CHECK(ParseUri("https://[2001:db8::1")->host == "[2001:db8::1");
  CHECK(ParseUri("urn:x:y")->host == "");
  CHECK_FALSE(ParseUri("https:logo.example"));
  CHECK_FALSE(ParseUri("https:///x"));
}

TEST_CASE("what is no URI says why") {
  CHECK(ParseUri("").error() == "no scheme such as \"mailto:\" in front");
  CHECK(ParseUri("a@example.com").error() == "no scheme such as \"mailto:\" in front");
  CHECK(ParseUri("1x:y").error() == "no scheme such as \"mailto:\" in front");
  CHECK(ParseUri("mailto: a@example.com").error() == "character 8 of the URI has to be percent-encoded");
  CHECK(ParseUri("mailto:a%2@example.com").error() == "character 9 of the URI has to be percent-encoded");
  CHECK(ParseUri("mailto:\xc3\xa4@example.com").error() == "character 8 of the URI has to be percent-encoded");
  CHECK_FALSE(ParseUri("mailto:a\0@example.com"s));
}
