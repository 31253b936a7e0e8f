#include "dns/ip.h"

#include <doctest/doctest.h>

#include <string>

using namespace sealpost::dns;
using namespace std::string_literals;

namespace {

Ip IpOf(const char* text) {
  const auto ip = ParseIp(text);
  REQUIRE_MESSAGE(ip.has_value(), text);
  return *ip;
}

}  // namespace

TEST_CASE("an address is read and written back in the form of RFC 5952") {
  const struct {
    const char* text;
    const char* canonical;
  } cases[] = {
      {"192.0.2.1", "192.0.2.1"},
      {"0.0.0.0", "0.0.0.0"},
      {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"},
      {"::", "::"},
      {"::1", "::1"},
      {"::2:0", "::2:0"},
      {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
      {"::ffff:c000:201", "::ffff:192.0.2.1"},
      {"64:ff9b::192.0.2.1", "64:ff9b::c000:201"},
  };
  for (const auto& c : cases) {
    CHECK(ToString(IpOf(c.text)) == c.canonical);
    CHECK(IpOf(c.canonical) == IpOf(c.text));
  }
}

TEST_CASE("what is not exactly an address is none") {
  for (const std::string& text : {""s,
                                  "1.2.3"s,
                                  "1.2.3.4.5"s,
                                  "1.2.3.04"s,
                                  "1.2.3.256"s,
                                  " 1.2.3.4"s,
                                  "1.2.3.4 "s,
                                  "1.2.3.4\n"s,
                                  "1.2.3.4/32"s,
                                  "0x7f.1.1.1"s,
                                  "127.1"s,
                                  "[::1]"s,
                                  "fe80::1%eth0"s,
                                  "1:2:3:4:5:6:7"s,
                                  "1:2:3:4:5:6:7:8:9"s,
                                  "1::2::3"s,
                                  "12345::"s,
                                  ":::"s,
                                  "::1.2.3"s,
                                  "::g"s,
                                  "example.com"s,
                                  "1.2.3.4\0"s,
                                  "1.2.3.4\0x"s,
                                  std::string(100'000, '1')}) {
    CHECK_MESSAGE(!ParseIp(text), text.substr(0, 40));
  }
}

TEST_CASE("an IPv4-mapped address is IPv6 until it is unmapped") {
  const Ip mapped = IpOf("::ffff:192.0.2.1");
  CHECK(mapped.v6);
  CHECK(Unmapped(mapped) == IpOf("192.0.2.1"));
  CHECK(Unmapped(IpOf("::192.0.2.1")) == IpOf("::192.0.2.1"));
  CHECK(Unmapped(IpOf("2001:db8::1")) == IpOf("2001:db8::1"));
  CHECK(Unmapped(IpOf("192.0.2.1")) == IpOf("192.0.2.1"));
}

TEST_CASE("a network holds addresses of its own family by its prefix") {
  CHECK(InNetwork(IpOf("192.0.2.127"), IpOf("192.0.2.0"), 25));
  CHECK_FALSE(InNetwork(IpOf("192.0.2.128"), IpOf("192.0.2.0"), 25));
  CHECK(InNetwork(IpOf("192.0.2.1"), IpOf("192.0.2.1"), 32));
  CHECK_FALSE(InNetwork(IpOf("192.0.2.2"), IpOf("192.0.2.1"), 32));
  CHECK(InNetwork(IpOf("8.8.8.8"), IpOf("0.0.0.0"), 0));
  CHECK(InNetwork(IpOf("192.0.2.1"), IpOf("192.0.2.77"), 24));
  CHECK(InNetwork(IpOf("2001:db8::1"), IpOf("2001:db8::"), 127));
  CHECK_FALSE(InNetwork(IpOf("2001:db8::2"), IpOf("2001:db8::"), 127));
  CHECK(InNetwork(IpOf("2001:db8::2"), IpOf("2001:db8::2"), 128));
  CHECK_FALSE(InNetwork(IpOf("::"), IpOf("0.0.0.0"), 0));
  CHECK_FALSE(InNetwork(IpOf("::ffff:192.0.2.1"), IpOf("192.0.2.1"), 32));
  CHECK_FALSE(InNetwork(IpOf("192.0.2.1"), IpOf("192.0.2.1"), 33));
  CHECK_FALSE(InNetwork(IpOf("::1"), IpOf("::1"), 129));
}

TEST_CASE("the reverse name turns octets or nibbles around") {
  CHECK(ReverseName(IpOf("192.0.2.1")) == "1.2.0.192.in-addr.arpa");
  CHECK(ReverseName(IpOf("4321:0:1:2:3:4:567:89ab")) ==
        "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa");
}

TEST_CASE("public is what the special-purpose registries leave to the internet") {
  for (const char* text : {"8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.0", "172.32.0.1", "192.0.0.9",
                           "192.0.1.1", "198.20.0.1", "223.255.255.255", "2a00:1450::1", "2001:4860::1",
                           "2001:4:112::1", "::ffff:8.8.8.8", "2002:808:808::1", "64:ff9b::8.8.8.8"}) {
    CHECK_MESSAGE(IsPublic(IpOf(text)), text);
  }
  for (const char* text : {"0.1.2.3",
                           "10.1.2.3",
                           "100.64.0.1",
                           "127.0.0.1",
                           "169.254.1.1",
                           "172.31.255.255",
                           "192.0.0.1",
                           "192.0.2.1",
                           "192.168.1.1",
                           "198.19.255.255",
                           "198.51.100.1",
                           "203.0.113.1",
                           "224.0.0.1",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::ffff:10.0.0.1",
                           "fe80::1",
                           "fc00::1",
                           "fd12::1",
                           "ff02::1",
                           "2001:db8::1",
                           "3fff::1",
                           "2001:0:1::1",
                           "100::1",
                           "64:ff9b:1::1",
                           "2002:a00:1::1",
                           "64:ff9b::10.0.0.1",
                           "4000::1"}) {
    CHECK_MESSAGE(!IsPublic(IpOf(text)), text);
  }
}
