#include "api/app/listen_check.h"

#include <doctest/doctest.h>

using sealpost::app::Clash;
using sealpost::app::ParseListen;

TEST_CASE("an address, its port and whether it is this machine's alone") {
  const auto v6 = ParseListen("[::1]:0");
  REQUIRE(v6.has_value());
  CHECK(v6->host == "::1");
  CHECK(v6->port == 0);
  CHECK(v6->local);
  CHECK(ParseListen("localhost:1")->host == "127.0.0.1");
  CHECK(ParseListen("127.9.9.9:1")->local);
  CHECK(ParseListen("unix:/run/a.sock")->path == "/run/a.sock");
  CHECK(ParseListen("unix:/run/a.sock")->local);
  for (const char* open : {"0.0.0.0:1", "[::]:1", "192.0.2.1:65535"}) CHECK_FALSE(ParseListen(open)->local);
}

TEST_CASE("what is neither an address with a port nor a socket is nothing") {
  for (const std::string& bad : {std::string(""), std::string(":"), std::string(":1"), std::string("1"),
                                 std::string("::1:1"), std::string("[127.0.0.1]:1"), std::string("[::1]"),
                                 std::string("[localhost]:1"), std::string("host:1"), std::string("127.0.0.1:-1"),
                                 std::string("127.0.0.1:1 "), std::string("unix:"), "unix:/" + std::string(107, 'x')}) {
    CHECK_MESSAGE(!ParseListen(bad), bad);
  }
}

TEST_CASE("two clash on the same port of the same or of every address") {
  const auto clash = [](const char* left, const char* right) { return Clash(*ParseListen(left), *ParseListen(right)); };
  CHECK(clash("127.0.0.1:1", "localhost:1"));
  CHECK(clash("0.0.0.0:1", "127.0.0.1:1"));
  CHECK(clash("127.0.0.1:1", "[::]:1"));
  CHECK(clash("unix:/a", "unix:/a"));
  CHECK_FALSE(clash("127.0.0.1:1", "127.0.0.1:2"));
  CHECK_FALSE(clash("127.0.0.1:1", "127.0.0.2:1"));
  CHECK_FALSE(clash("127.0.0.1:0", "127.0.0.1:0"));
  CHECK_FALSE(clash("unix:/a", "127.0.0.1:1"));
}
