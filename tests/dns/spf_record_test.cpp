#include "dns/spf_record.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace sealpost::dns;

namespace {

SpfRecord ReadSpf(const std::string& text) {
  auto record = ParseSpf(text);
  INFO(text);
  REQUIRE(record);
  return *record;
}
SpfTerm ReadTerm(const std::string& term) {
  return ReadSpf("v=spf1 " + term).terms.at(0);
}
bool LegalTerm(const std::string& term) {
  return ParseSpf("v=spf1 " + term).has_value();
}
SpfError SpfErrorOf(const std::string& term) {
  const auto record = ParseSpf("v=spf1 " + term);
  INFO(term);
  REQUIRE_FALSE(record);
  REQUIRE(record.error().size() == 1);
  return record.error()[0];
}

}  // namespace

TEST_CASE("a record is known by its first token, in any case") {
  for (const char* text : {"v=spf1", "v=spf1 -all", "V=SpF1 ~all", "v=spf1  "}) CHECK_MESSAGE(IsSpfRecord(text), text);
  for (const char* text :
       {"", "v=spf", "v=spf10", "v=spf1;", "v=spf1mx", " v=spf1 -all", "\"v=spf1 -all\"", "v=spf2.0", "v=spf1\t-all"})
    CHECK_MESSAGE(!IsSpfRecord(text), text);
  CHECK(ParseSpf("v=spf2.0/pra").error().at(0).message == "the record must begin with v=spf1 and a space");
}

TEST_CASE("a whole record comes out in order, with qualifiers and places") {
  const SpfRecord record = ReadSpf("v=spf1 +a -MX:example.com/24//64  ~include:_spf.%{d2} ?exists:%{i}.x.org all");
  REQUIRE(record.terms.size() == 5);
  CHECK(record.terms[0].mechanism == Mechanism::kA);
  CHECK(record.terms[0].domain.empty());
  CHECK(record.terms[1].qualifier == Qualifier::kFail);
  CHECK(record.terms[1].text == "-MX:example.com/24//64");
  CHECK(record.terms[1].column == 11);
  CHECK(record.terms[1].domain == "example.com");
  CHECK(record.terms[1].prefix4 == 24);
  CHECK(record.terms[1].prefix6 == 64);
  CHECK(record.terms[2].qualifier == Qualifier::kSoftfail);
  CHECK(record.terms[2].domain == "_spf.%{d2}");
  CHECK(record.terms[3].qualifier == Qualifier::kNeutral);
  CHECK(record.terms[4].qualifier == Qualifier::kPass);
  CHECK(record.terms[4].mechanism == Mechanism::kAll);
}

TEST_CASE("modifiers are told from mechanisms by an equals sign behind a name") {
  const SpfRecord record =
      ReadSpf("v=spf1 Redirect=a.example exp=%{d}.b.example moo.cow-1_x=man:dog/cat include=c.example v=spf1");
  CHECK(record.terms.empty());
  CHECK(record.redirect->value == "a.example");
  CHECK(record.redirect->name == "redirect");
  CHECK(record.redirect->column == 8);
  CHECK(record.exp->value == "%{d}.b.example");
  REQUIRE(record.unknown.size() == 3);
  CHECK(record.unknown[0].name == "moo.cow-1_x");
  CHECK(record.unknown[1].text == "include=c.example");
  for (const char* term : {"1up=x", "=x", "-x=y", "+redirect=a.example", "m/x=y", "m:x=y", "x=%y", "x=%{y}",
                           "redirect=", "exp=", "exp=-all", "redirect=-all", "redirect=%{c}.example"})
    CHECK_MESSAGE(!LegalTerm(term), term);
  CHECK(LegalTerm("x="));
  CHECK(LegalTerm("x=%{c}"));
}

TEST_CASE("redirect and exp stand once at most") {
  CHECK(SpfErrorOf("redirect=a.example REDIRECT=a.example").message == "redirect stands more than once");
  CHECK(SpfErrorOf("exp=a.example -all exp=b.example").column == 27);
  CHECK(LegalTerm("x=1 x=1"));
}

TEST_CASE("networks are full addresses of their family with a prefix without leading zeros") {
  CHECK(ReadTerm("ip4:192.0.2.0/24").network == ParseIp("192.0.2.0").value());
  CHECK(ReadTerm("ip4:192.0.2.0/24").prefix4 == 24);
  CHECK(ReadTerm("ip4:0.0.0.0/0").prefix4 == 0);
  CHECK(ReadTerm("IP6:2001:DB8::/32").prefix6 == 32);
  CHECK(ReadTerm("ip6:::ffff:192.0.2.1").prefix6 == 128);
  for (const char* term : {"ip4", "ip4:", "ip4:192.0.2", "ip4:192.0.2.1:25", "ip4:192.0.2.256", "ip4:192.0.2.01",
                           "ip4:192.0.2.1/", "ip4:192.0.2.1/33", "ip4:192.0.2.1/032", "ip4:192.0.2.1//24", "ip4/24",
                           "ip4:192.0.2.1/-1", "ip4:192.0.2.1/4294967297", "ip4:%{i}", "ip6", "ip6:2001:db8::/129",
                           "ip6:2001:db8:://64", "ip6:2001::db8::1", "ip6:fe80::1%eth0"})
    CHECK_MESSAGE(!LegalTerm(term), term);
}

TEST_CASE("an address behind the wrong family is told where it belongs") {
  CHECK(SpfErrorOf("ip4:2001:db8::1").message == "\"2001:db8::1\" belongs behind ip6:");
  CHECK(SpfErrorOf("ip6:192.0.2.1").message == "\"192.0.2.1\" belongs behind ip4:");
  CHECK(SpfErrorOf("a:192.0.2.1").message == "an address stands where a domain belongs: write ip4:192.0.2.1");
  CHECK(SpfErrorOf("ipv4:192.0.2.1").message == "there is no mechanism \"ipv4\": write ip4");
}

TEST_CASE("a and mx take a domain and two prefix lengths") {
  CHECK(ReadTerm("a/24").prefix4 == 24);
  CHECK(ReadTerm("a//64").prefix6 == 64);
  CHECK(ReadTerm("a//64").prefix4 == 32);
  CHECK(ReadTerm("mx:foo:bar/baz.example.com").domain == "foo:bar/baz.example.com");
  CHECK(ReadTerm("a:example.com.").domain == "example.com.");
  CHECK(ReadTerm("a:%{d}//0").prefix6 == 0);
  for (const char* term : {"a:",
                           "a/33",
                           "a//129",
                           "a/24/64",
                           "a/024",
                           "a/",
                           "a//",
                           "a:/24",
                           "a:example.com/",
                           "a:museum",
                           "a:museum.",
                           "a:abc.123",
                           "a:example.-com",
                           "a:example.com-",
                           "a:example.com:8080",
                           "a:example.com/24/64",
                           "a:%{d}com",
                           "a:b..",
                           "a.example.com",
                           "a:foo.example.com\x7f"})
    CHECK_MESSAGE(!LegalTerm(term), term);
  for (const char* term : {"a:foo.xn--zckzah", "a:x.1-2", "a:%{d}", "a:b.%%", "a:%{d}.com.", "a:mail.example...com"})
    CHECK_MESSAGE(LegalTerm(term), term);
}

TEST_CASE("include and exists need a domain, ptr may have one, all stands alone") {
  for (const char* term : {"include", "include:", "include:a.example/24", "exists", "exists:", "exists:a.example/24",
                           "ptr:", "ptr/0", "all.", "all:x", "all/8", "+", "-", "+-all", "moo", "redirect:a.example"})
    CHECK_MESSAGE(!LegalTerm(term), term);
  CHECK(LegalTerm("ptr"));
  CHECK(LegalTerm("ptr:example.com"));
  CHECK(SpfErrorOf("redirect:a.example").message == "redirect is a modifier: write \"redirect=\"");
  CHECK(SpfErrorOf("include").message == "include needs \":\" and a domain");
}

TEST_CASE("terms are separated by spaces only, and records are ASCII") {
  CHECK(SpfErrorOf("a\tmx").message.starts_with("the control character 0x09"));
  CHECK(SpfErrorOf("ip4:192.0.2.5\n").column == 21);
  CHECK(SpfErrorOf("include:a.example\xc2\xa0-all").column == 25);
  CHECK(SpfErrorOf("include:a.example\xc2\xa0-all").message == "the byte 0xc2 is not ASCII");
  CHECK(SpfErrorOf(std::string("a:foo.example.com\0", 18)).message.starts_with("the control character 0x00"));
  CHECK(LegalTerm("  a   -all  "));
}

TEST_CASE("mistakes that people publish are named") {
  CHECK(SpfErrorOf("ip4:192.0.2.1~all").message ==
        "\"192.0.2.1~all\" is no IPv4 address; a space is missing in front of \"~all\"");
  CHECK(SpfErrorOf("include:a.example~all").message ==
        "a domain cannot end in \"example~all\"; a space is missing in front of \"~all\"");
  CHECK(SpfErrorOf("-all\"").message.ends_with("quotes are part of a zone file, not of the record"));
}

TEST_CASE("every error is found, also behind a match, each with its place") {
  const auto record = ParseSpf("v=spf1 +all ip4:192.0.2.1/33 moo a:museum %{d} -all");
  REQUIRE_FALSE(record);
  REQUIRE(record.error().size() == 4);
  CHECK(record.error()[0].term == "ip4:192.0.2.1/33");
  CHECK(record.error()[0].column == 26);
  CHECK(record.error()[0].message == "ip4 needs a prefix length of 0 to 32, without leading zeros");
  CHECK(record.error()[1].column == 30);
  CHECK(record.error()[2].column == 36);
  CHECK(record.error()[3].term == "%{d}");
}

TEST_CASE("what costs one of the ten lookups") {
  for (const Mechanism m : {Mechanism::kInclude, Mechanism::kA, Mechanism::kMx, Mechanism::kPtr, Mechanism::kExists})
    CHECK(CostsLookup(m));
  for (const Mechanism m : {Mechanism::kAll, Mechanism::kIp4, Mechanism::kIp6}) CHECK_FALSE(CostsLookup(m));
  CHECK(MechanismName(Mechanism::kExists) == "exists");
}
