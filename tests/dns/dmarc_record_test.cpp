#include "dns/dmarc_record.h"

#include <doctest/doctest.h>

#include <string>

using namespace sealpost::dns;
using namespace std::string_literals;

namespace {

using Texts = std::vector<std::string>;

DmarcRecord ReadDmarc(const std::string& text) {
  const auto record = ParseDmarc(text);
  REQUIRE_MESSAGE(record, text);
  return *record;
}

}  // namespace

TEST_CASE("a record is a candidate if v is first and exactly DMARC1") {
  for (const char* text : {"v=DMARC1", "v=DMARC1;", "v=DMARC1; p=none", "v = DMARC1 ; p = reject", "v\t=\tDMARC1\t;"})
    CHECK_MESSAGE(IsDmarcRecord(text), text);
  for (const char* text : {"", "v", "v=", "v=dmarc1; p=none", "v=DMARC1x; p=none", "v=DMARC1 p=none",
                           "v=DMARC1, p=none", " v=DMARC1; p=none", "\"v=DMARC1; p=none", "V=DMARC1; p=none",
                           "p=none; v=DMARC1", "v=spf1 -all", "x v=DMARC1;", "vv=DMARC1"})
    CHECK_FALSE_MESSAGE(IsDmarcRecord(text), text);
}

TEST_CASE("a record has defaults for what it leaves out") {
  const DmarcRecord record = ReadDmarc("v=DMARC1");
  CHECK(record.text == "v=DMARC1");
  CHECK_FALSE(record.p);
  CHECK_FALSE(record.sp);
  CHECK_FALSE(record.np);
  CHECK_FALSE(record.strict_dkim);
  CHECK_FALSE(record.strict_spf);
  CHECK_FALSE(record.testing);
  CHECK(record.psd == 'u');
  CHECK(record.percent == 100);
  CHECK_FALSE(record.has_percent);
  CHECK(record.fo.empty());
  CHECK_FALSE(record.policy_second);
}

TEST_CASE("every tag is read, blanks around it and the case of values apart") {
  const DmarcRecord record = ReadDmarc(
      "v = DMARC1 ; p = Reject ; sp=QUARANTINE; np=none; adkim=S; aspf=s; t=Y; psd=N; pct=50; rf=afrf; ri=3600; "
      "fo=1:d; "
      "rua=mailto:a@Example.com; ruf=mailto:b@example.net ;");
  CHECK(record.p == Policy::kReject);
  CHECK(record.sp == Policy::kQuarantine);
  CHECK(record.np == Policy::kNone);
  CHECK(record.strict_dkim);
  CHECK(record.strict_spf);
  CHECK(record.testing);
  CHECK(record.psd == 'n');
  CHECK(record.percent == 50);
  CHECK(record.has_percent);
  CHECK(record.historic_tags == Texts{"pct", "rf", "ri"});
  CHECK(record.fo == "1:d");
  REQUIRE(record.rua.size() == 1);
  CHECK(record.rua[0].uri == "mailto:a@Example.com");
  CHECK(record.rua[0].host == "example.com");
  CHECK(record.rua[0].mailto);
  CHECK(record.ruf[0].host == "example.net");
  CHECK(record.policy_second);
  CHECK(record.bad_policies.empty());
  CHECK(record.bad_values.empty());
  CHECK(record.bad_reports.empty());
  CHECK(record.unknown_tags.empty());
}

TEST_CASE("sp is never taken for p") {
  const DmarcRecord record = ReadDmarc("v=DMARC1; sp=reject; p=none");
  CHECK(record.p == Policy::kNone);
  CHECK(record.sp == Policy::kReject);
  CHECK_FALSE(record.policy_second);
  CHECK_FALSE(ReadDmarc("v=DMARC1; sp=reject").p);
}

TEST_CASE("policies that are none of the three are told, absent or empty ones too") {
  const DmarcRecord record = ReadDmarc("v=DMARC1; p=quarantin; sp=; np=monitor");
  CHECK_FALSE(record.p);
  CHECK(record.bad_policies == Texts{"p=quarantin", "sp=", "np=monitor"});
}

TEST_CASE("other values that are wrong fall back to their defaults and are told") {
  const DmarcRecord record =
      ReadDmarc("v=DMARC1; p=reject; adkim=strict; aspf=x; t=yes; psd=1; pct=fifty; fo=0:1; pct2=1; ri=weekly");
  CHECK_FALSE(record.strict_dkim);
  CHECK_FALSE(record.strict_spf);
  CHECK_FALSE(record.testing);
  CHECK(record.psd == 'u');
  CHECK(record.percent == 100);
  CHECK(record.bad_values == Texts{"adkim=strict", "aspf=x", "t=yes", "psd=1", "pct=fifty", "fo=0:1"});
  CHECK(record.p == Policy::kReject);
}

TEST_CASE("pct is a whole number from 0 to 100") {
  CHECK(ReadDmarc("v=DMARC1; p=none; pct=0").percent == 0);
  CHECK(ReadDmarc("v=DMARC1; p=none; pct=100").percent == 100);
  for (const char* value : {"101", "1000", "-1", "5%", "", "1 0", "99999999999999999999", "4294967297"}) {
    const DmarcRecord record = ReadDmarc("v=DMARC1; p=none; pct="s + value);
    CHECK_MESSAGE(record.percent == 100, value);
    CHECK_FALSE(record.has_percent);
    CHECK(record.historic_tags == Texts{"pct"});
  }
}

TEST_CASE("fo holds 0 or 1, d and s, each once at most") {
  for (const char* value : {"0", "1", "d", "s", "d:s", "s:d", "1:d:s", "d:0:s", "D : S"})
    CHECK_MESSAGE(ReadDmarc("v=DMARC1; p=none; fo="s + value).fo == value, value);
  for (const char* value : {"", "2", "ds", "d:d", "0:1", "1:d:s:0", "d,s", ":"})
    CHECK_MESSAGE(ReadDmarc("v=DMARC1; p=none; fo="s + value).bad_values.size() == 1, value);
}

TEST_CASE("report addresses are separated by commas, their size suffix is dropped") {
  const DmarcRecord record = ReadDmarc(
      "v=DMARC1; p=none; rua=mailto:a@x.example!10m , mailto:b%21@y.example!5,https://Z.example/in; "
      "ruf=MAILTO:c@w.example");
  REQUIRE(record.rua.size() == 3);
  CHECK(record.rua[0].uri == "mailto:a@x.example");
  CHECK(record.rua[1].uri == "mailto:b%21@y.example");
  CHECK(record.rua[2].host == "z.example");
  CHECK_FALSE(record.rua[2].mailto);
  CHECK(record.ruf[0].mailto);
}

TEST_CASE("report addresses that are no URI are told with the reason, the others stay") {
  const DmarcRecord record =
      ReadDmarc("v=DMARC1; p=none; rua=dmarc@example.com,mailto:a@x.example,,mailto:,mailto:a!b@x.example");
  REQUIRE(record.rua.size() == 1);
  REQUIRE(record.bad_reports.size() == 4);
  CHECK(record.bad_reports[0] == "\"dmarc@example.com\": no scheme such as \"mailto:\" in front");
  CHECK(record.bad_reports[3] == "\"mailto:a!b@x.example\": \"!\" has to be percent-encoded");
  CHECK(ReadDmarc("v=DMARC1; p=none; rua=").bad_reports.size() == 1);
}

TEST_CASE("unknown tags and tags in the wrong case are told and ignored") {
  const DmarcRecord record = ReadDmarc("v=DMARC1; P=reject; rue=mailto:a@x.example; policy=none");
  CHECK_FALSE(record.p);
  CHECK(record.unknown_tags == Texts{"P", "rue", "policy"});
}

TEST_CASE("broken entries are passed over and told by their column") {
  const DmarcRecord record = ReadDmarc("v=DMARC1;; p=reject; quarantine; sp=\xe2\x80\x9cnone; np=no\0ne"s);
  CHECK(record.p == Policy::kReject);
  CHECK_FALSE(record.sp);
  CHECK(record.bad_values == Texts{"column 10: an empty entry", "column 22: \"quarantine\" has no \"=\"",
                                   "column 37: byte 0xE2 is not printable ASCII",
                                   "column 51: byte 0x00 is not printable ASCII"});
}

TEST_CASE("a tag that stands twice makes the whole list invalid") {
  CHECK(ParseDmarc("v=DMARC1; p=reject; p=none").error().column == 11);
  CHECK(ParseDmarc("v=DMARC1; p=reject; p=none").error().message == "the tag p= stands more than once");
  CHECK_FALSE(ParseDmarc("v=DMARC1; p=reject; v=DMARC1"));
  CHECK_FALSE(ParseDmarc("v=spf1 -all"));
}

TEST_CASE("policies are ordered by strictness and have names") {
  CHECK(Policy::kNone < Policy::kQuarantine);
  CHECK(Policy::kQuarantine < Policy::kReject);
  CHECK(PolicyName(Policy::kQuarantine) == "quarantine");
}
