#include "ratelimit/source.h"

#include <doctest/doctest.h>

#include <string>

using namespace sealpost::ratelimit;

namespace {

std::string Text(std::string_view ip) {
  const auto source = ParseSource(ip);
  return source ? source->prefix + " " + source->net : "nothing";
}

}  // namespace

TEST_CASE("an IPv4 address stands for itself and its /24") {
  CHECK(Text("192.0.2.77") == "192.0.2.77 192.0.2.0/24");
  CHECK(Text("0.0.0.0") == "0.0.0.0 0.0.0.0/24");
}

TEST_CASE("an IPv6 address stands for its /64 and its /48, however it is written") {
  CHECK(Text("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64 2001:db8:1::/48");
  CHECK(Text("2001:0DB8:0001:0002::1") == "2001:db8:1:2::/64 2001:db8:1::/48");
}

TEST_CASE("an IPv4 address in IPv6 is that IPv4 address") {
  CHECK(Text("::ffff:192.0.2.77") == Text("192.0.2.77"));
  CHECK(Text("::FFFF:c000:024d") == Text("192.0.2.77"));
}

TEST_CASE("what is no address is nothing, never a source that all share") {
  for (const char* text : {"", "unknown", "192.0.2", "192.0.2.1:80", "[2001:db8::1]", "fe80::1%eth0",
                           "192.0.2.1, 10.0.0.1", "1.2.3.4\n", " 1.2.3.4", "999.1.1.1"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseSource(text).has_value());
  }
  CHECK_FALSE(ParseSource(std::string("1.2.3.4\0", 8)).has_value());
  CHECK_FALSE(ParseSource(std::string(10'000, '1')).has_value());
}
