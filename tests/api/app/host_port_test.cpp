#include "api/app/host_port.h"

#include <doctest/doctest.h>

using namespace sealpost;

TEST_CASE("a host comes with or without a port, IPv6 in brackets") {
  CHECK(app::ParseHostPort("mail.example.com")->host == "mail.example.com");
  CHECK_FALSE(app::ParseHostPort("mail.example.com")->port);
  CHECK(app::ParseHostPort("192.0.2.1:1")->port == 1);
  CHECK(app::ParseHostPort("h:65535")->port == 65'535);
  CHECK(app::ParseHostPort("[2001:db8::1]")->host == "[2001:db8::1]");
  CHECK(app::ParseHostPort("[::1]:25")->port == 25);
}

TEST_CASE("anything beside host and port is none") {
  for (const std::string bad : {"", ":25", "h:", "h:0", "h:65536", "h:+1", "h:25x", "h:25:26", "u@h", "h/p", "h p",
                                "::1", "[::1", "[]", "[h]", "[::1]x:25", "x[::1]:25", "h\r\n", "h?q"}) {
    CHECK_MESSAGE(!app::ParseHostPort(bad).has_value(), bad);
  }
}

TEST_CASE("loopback is what cannot be reached from elsewhere") {
  for (const std::string host : {"localhost", "127.0.0.1", "127.255.255.254", "::1", "[::1]"})
    CHECK_MESSAGE(app::IsLoopbackHost(host), host);
  for (const std::string host : {"", "0.0.0.0", "128.0.0.1", "127.1", "127.example.com", "localhost.example.com",
                                 "::", "::ffff:127.0.0.1x", "10.0.0.1"}) {
    CHECK_MESSAGE(!app::IsLoopbackHost(host), host);
  }
}
