#include "dns/mta_sts.h"

#include <doctest/doctest.h>

#include <string>

using namespace sealpost::dns;
using namespace std::string_literals;

namespace {

const std::string kGood = "version: STSv1\nmode: enforce\nmx: mail.example.com\nmx: *.example.net\nmax_age: 604800\n";

std::string StsErrorOf(const std::string& body) {
  const auto policy = ParseStsPolicy(body);
  return policy ? "" : policy.error();
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

}  // namespace

TEST_CASE("an MTA-STS record begins with v=STSv1 and a semicolon") {
  CHECK(IsStsRecord("v=STSv1; id=1"));
  CHECK(IsStsRecord("v=STSv1;id=1;"));
  CHECK_FALSE(IsStsRecord("v=STSv1"));
  CHECK_FALSE(IsStsRecord("v=STSv1 ; id=1"));
  CHECK_FALSE(IsStsRecord("v=stsv1; id=1"));
  CHECK_FALSE(IsStsRecord("v=STSv11; id=1"));
  CHECK_FALSE(IsStsRecord(""));
}

TEST_CASE("the id has 1 to 32 letters and digits") {
  CHECK(ParseStsRecord("v=STSv1; id=20260501T000000;") == "20260501T000000");
  CHECK(ParseStsRecord("v=STSv1; x-y=1; id=" + std::string(32, '9')).has_value());
  CHECK(ParseStsRecord("v=STSv1; id=" + std::string(33, '9')).error().ends_with("is not 1 to 32 letters and digits"));
  CHECK(ParseStsRecord("v=STSv1; id=2026-05-01").error() == "id=2026-05-01 is not 1 to 32 letters and digits");
  CHECK(ParseStsRecord("v=STSv1; id=").error() == "column 10: \"id=\" has no value");
  CHECK(ParseStsRecord("v=STSv1;").error() == "no id=");
  CHECK(ParseStsRecord("v=STSv1; id=1; id=2").error() == "id= stands more than once");
  CHECK(ParseStsRecord("v=STSv1; id=1\0"s).error() == "column 14: byte 0x00 is not printable ASCII");
}

TEST_CASE("a policy file is read, its lines ending in LF or CRLF, in any order") {
  for (const std::string& body :
       {kGood, "version: STSv1\r\nmode:enforce\r\nmx:\tMail.example.com\r\nmx: *.example.net\r\nmax_age: 604800"s,
        "max_age: 604800\nmx: mail.example.com\nmx: *.example.net\nmode: enforce\nversion: STSv1\n"s}) {
    const auto policy = ParseStsPolicy(body);
    REQUIRE(policy);
    CHECK(policy->mode == StsMode::kEnforce);
    CHECK(policy->max_age == 604800);
    CHECK(policy->mx == std::vector<std::string>{"mail.example.com", "*.example.net"});
  }
}

TEST_CASE("of a field that stands twice the first counts, unknown fields are told") {
  const auto policy = ParseStsPolicy(kGood + "mode: none\nmax_age: x\nversion: 2\ncontact: \xc3\xa4 b\n");
  REQUIRE(policy);
  CHECK(policy->mode == StsMode::kEnforce);
  CHECK(policy->unknown_fields == std::vector<std::string>{"contact"});
}

TEST_CASE("mode none may do without mx") {
  CHECK(StsErrorOf("version: STSv1\nmode: none\nmax_age: 86400\n") == "");
  CHECK(StsErrorOf("version: STSv1\nmode: testing\nmax_age: 86400\n") ==
        "no \"mx\", which only \"mode: none\" may do without");
}

TEST_CASE("max_age has ten digits and a year at most") {
  CHECK(StsErrorOf(Replaced(kGood, "604800", "0")) == "");
  CHECK(StsErrorOf(Replaced(kGood, "604800", "0031557600")) == "");
  CHECK(StsErrorOf(Replaced(kGood, "604800", "31557601")) ==
        "line 5: max_age is 31557601, more than a year (31557600)");
  CHECK(StsErrorOf(Replaced(kGood, "604800", "00000000001")) ==
        "line 5: max_age is \"00000000001\", not 1 to 10 digits");
  CHECK(StsErrorOf(Replaced(kGood, "604800", "-1")) == "line 5: max_age is \"-1\", not 1 to 10 digits");
}

TEST_CASE("a broken policy file says where") {
  CHECK(StsErrorOf("") == "the file is empty");
  CHECK(StsErrorOf("<html>") == "line 1: \"<html>\" is not \"key: value\"");
  CHECK(StsErrorOf(Replaced(kGood, "STSv1", "stsv1")) == "line 1: version is \"stsv1\", not STSv1");
  CHECK(StsErrorOf(Replaced(kGood, "version", "Version")) == "no \"version: STSv1\"");
  CHECK(StsErrorOf(Replaced(kGood, "enforce", "Enforce")) ==
        "line 2: mode is \"Enforce\", not enforce, testing or none");
  CHECK(StsErrorOf(Replaced(kGood, "mode: enforce\n", "")) == "no \"mode\"");
  CHECK(StsErrorOf(Replaced(kGood, "max_age: 604800\n", "")) == "no \"max_age\"");
  CHECK(StsErrorOf(Replaced(kGood, "enforce\n", "enforce\n\n")) == "line 3: is empty");
  CHECK(StsErrorOf(Replaced(kGood, "enforce\n", "enforce \n")) == "line 2: mode ends in a blank");
  CHECK(StsErrorOf(Replaced(kGood, "mode: enforce", "mode:")) == "line 2: mode has no value");
  CHECK(StsErrorOf(Replaced(kGood, "mode: ", "mode : ")) == "line 2: \"mode : enforce\" is not \"key: value\"");
  CHECK(StsErrorOf(Replaced(kGood, "*.example.net", "*.*.example.net")).starts_with("line 4: mx is"));
  CHECK(StsErrorOf(Replaced(kGood, "*.example.net", "*example.net")).starts_with("line 4: mx is"));
  CHECK(StsErrorOf(Replaced(kGood, "*.example.net", "*")).starts_with("line 4: mx is"));
  CHECK(StsErrorOf(Replaced(kGood, "enforce", "en\0force"s)) == "line 2: \"en\\x00force\" holds a NUL or a CR");
  CHECK(StsErrorOf("\xef\xbb\xbf" + kGood).starts_with("line 1: \"\\xEF\\xBB\\xBFversion"));
}

TEST_CASE("a policy file of more than 64 KiB is not read") {
  CHECK(StsErrorOf(kGood + "x: " + std::string(65536, 'y')) == "longer than 64 KiB");
  CHECK(StsErrorOf(std::string(65536, '\n')) == "line 1: is empty");
}

TEST_CASE("a wildcard stands for exactly one leftmost label") {
  CHECK(StsMatches("mail.example.com", "MAIL.example.com"));
  CHECK(StsMatches("*.example.com", "mx1.Example.com"));
  CHECK_FALSE(StsMatches("*.example.com", "example.com"));
  CHECK_FALSE(StsMatches("*.example.com", "a.mx1.example.com"));
  CHECK_FALSE(StsMatches("mail.example.com", "mx.mail.example.com"));
  CHECK_FALSE(StsMatches("*.example.com", ""));
  CHECK_FALSE(StsMatches("", "example.com"));
}
