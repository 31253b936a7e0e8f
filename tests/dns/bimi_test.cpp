#include "dns/bimi.h"

#include <doctest/doctest.h>

#include <string>

using namespace sealpost::dns;
using namespace std::string_literals;

TEST_CASE("a BIMI record begins with v=BIMI1") {
  CHECK(IsBimiRecord("v=BIMI1; l=https://example.com/logo.svg"));
  CHECK(IsBimiRecord("v = BIMI1;"));
  CHECK_FALSE(IsBimiRecord(" v=BIMI1;"));
  CHECK_FALSE(IsBimiRecord("v=bimi1;"));
  CHECK_FALSE(IsBimiRecord("v=BIMI10;"));
  CHECK_FALSE(IsBimiRecord("l=https://example.com/logo.svg; v=BIMI1"));
  CHECK_FALSE(IsBimiRecord(""));
}

TEST_CASE("a BIMI record names the logo and its certificate") {
  const auto record = ParseBimi("v=BIMI1; l=https://example.com/logo.svg; a=https://example.com/vmc.pem; avp=brand");
  REQUIRE(record);
  CHECK(record->location == "https://example.com/logo.svg");
  CHECK(record->authority == "https://example.com/vmc.pem");
}

TEST_CASE("an empty l= declines, an empty a= has no certificate") {
  CHECK(ParseBimi("v=BIMI1; l=; a=;")->location.empty());
  CHECK(ParseBimi("v=BIMI1; l=https://example.com/logo.svg; a=")->authority.empty());
}

TEST_CASE("what no receiver shows says why") {
  CHECK(ParseBimi("v=BIMI1;").error() == "no l=");
  CHECK(ParseBimi("v=BIMI1; l=http://example.com/logo.svg").error() == "l= is not an https URI");
  CHECK(ParseBimi("v=BIMI1; l=logo.svg").error() == "l=: no scheme such as \"mailto:\" in front");
  CHECK(ParseBimi("v=BIMI1; l=; a=https://example.com/vmc.pem").error() == "a= without a logo in l=");
  CHECK(ParseBimi("v=BIMI1; l=https://a.example/x; l=https://b.example/y").error() ==
        "the tag l= stands more than once");
  CHECK(ParseBimi("v=BIMI1; l=https://a.example/\0"s).error() == "column 30: byte 0x00 is not printable ASCII");
  CHECK(ParseBimi("v=spf1 -all").error() == "does not begin with \"v=BIMI1\"");
}
