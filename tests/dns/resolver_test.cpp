#include "dns/resolver.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace sealpost::dns;
using namespace std::string_literals;

TEST_CASE("a server is an address with port 53 or its own") {
  const struct {
    const char* text;
    const char* shown;
  } cases[] = {
      {"192.0.2.53", "192.0.2.53:53"},       {"127.0.0.1:5300", "127.0.0.1:5300"},    {"::1", "[::1]:53"},
      {"2001:db8::53", "[2001:db8::53]:53"}, {"[2001:db8::53]", "[2001:db8::53]:53"}, {"[::1]:65535", "[::1]:65535"}};
  for (const auto& c : cases) {
    const auto server = ParseServer(c.text);
    REQUIRE_MESSAGE(server.has_value(), c.text);
    CHECK(ToString(*server) == c.shown);
    CHECK(ParseServer(c.shown) == server);
  }
}

TEST_CASE("what is no server is refused with a sentence that names it") {
  for (const std::string& text : {""s, "ns.example.com"s, "192.0.2.53:"s, "192.0.2.53:0"s, "192.0.2.53:65536"s,
                                  "192.0.2.53:53x"s, "192.0.2.53:-1"s, "192.0.2.53: 53"s, "[192.0.2.53]:53"s, "[::1"s,
                                  "[::1]53"s, "[]:53"s, ":53"s, "1.2.3.4:53:53"s, "192.0.2.53\0:53"s}) {
    const auto server = ParseServer(text);
    REQUIRE_MESSAGE(!server.has_value(), text);
    CHECK(server.error().starts_with("\"" + text + "\" is not a DNS server: "));
    CHECK(server.error().ends_with("."));
  }
}

TEST_CASE("each status has its own words, and only an answer or a denial says something about the domain") {
  std::set<std::string_view> words;
  for (int i = 0; i <= static_cast<int>(Status::kBadName); ++i) {
    Answer answer;
    answer.status = static_cast<Status>(i);
    CHECK(words.insert(StatusName(answer.status)).second);
    const bool denied = answer.status == Status::kNoData || answer.status == Status::kNxDomain;
    CHECK(answer.Void() == denied);
    CHECK(answer.Told() == (denied || answer.status == Status::kAnswer));
  }
  CHECK_FALSE(Answer{}.Told());
}
