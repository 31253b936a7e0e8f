#include "dns/spf_macro.h"

#include <doctest/doctest.h>

#include "dns/name.h"

using namespace sealpost::dns;

namespace {

// The examples of RFC 7208 7.4.
MacroValues Example() {
  MacroValues values;
  values.ip = ParseIp("192.0.2.3").value();
  values.sender = "strong-bad@email.example.com";
  values.domain = "email.example.com";
  values.helo = "mx.example.org";
  values.now = std::chrono::sys_seconds(std::chrono::seconds(1'700'000'000));
  return values;
}
std::string Domain(std::string_view text, const MacroValues& values = Example()) {
  REQUIRE(CheckMacros(text, MacroPlace::kDomainSpec));
  return ExpandMacros(text, values, MacroPlace::kDomainSpec);
}
std::string Explanation(std::string_view text, const MacroValues& values = Example()) {
  REQUIRE(CheckMacros(text, MacroPlace::kExplanation));
  return ExpandMacros(text, values, MacroPlace::kExplanation);
}
bool LegalMacros(std::string_view text) {
  return CheckMacros(text, MacroPlace::kDomainSpec).has_value();
}

}  // namespace

TEST_CASE("macros expand as the examples of RFC 7208 7.4 do") {
  CHECK(Domain("%{s}") == "strong-bad@email.example.com");
  CHECK(Domain("%{o}") == "email.example.com");
  CHECK(Domain("%{d}") == "email.example.com");
  CHECK(Domain("%{d4}") == "email.example.com");
  CHECK(Domain("%{d2}") == "example.com");
  CHECK(Domain("%{d1}") == "com");
  CHECK(Domain("%{dr}") == "com.example.email");
  CHECK(Domain("%{d2r}") == "example.email");
  CHECK(Domain("%{l}") == "strong-bad");
  CHECK(Domain("%{l-}") == "strong.bad");
  CHECK(Domain("%{lr}") == "strong-bad");
  CHECK(Domain("%{lr-}") == "bad.strong");
  CHECK(Domain("%{l1r-}") == "strong");
  CHECK(Domain("%{ir}.%{v}._spf.%{d2}") == "3.2.0.192.in-addr._spf.example.com");
  CHECK(Domain("%{lr-}.lp._spf.%{d2}") == "bad.strong.lp._spf.example.com");
  CHECK(Domain("%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}") == "3.2.0.192.in-addr.strong.lp._spf.example.com");
  CHECK(Domain("%{d2}.trusted-domains.example.net") == "example.com.trusted-domains.example.net");
}

TEST_CASE("an IPv6 address is nibbles in %{i} and text in %{c}") {
  MacroValues values = Example();
  values.ip = ParseIp("2001:db8::cb01").value();
  CHECK(Domain("%{ir}.%{v}._spf.%{d2}", values) ==
        "1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2.ip6._spf.example.com");
  CHECK(Explanation("%{c}", values) == "2001:db8::cb01");
}

TEST_CASE("letters are read in any case, capitals escape for URLs") {
  MacroValues values = Example();
  values.sender = "a b&c=~d_e@example.com";
  CHECK(Domain("%{L}", values) == "a%20b%26c%3D~d_e");
  CHECK(Domain("%{l}", values) == "a b&c=~d_e");
  CHECK(Domain("%{DR}") == "com.example.email");
  values.sender = "\xc3\xa9@example.com";
  CHECK(Domain("%{L}", values) == "%C3%A9");
}

TEST_CASE("escapes stand for a percent sign, a blank and its URL form") {
  CHECK(Domain("a%%b%_c%-d.example.com") == "a%b c%20d.example.com");
}

TEST_CASE("an explanation may hold blanks and the macros c, r and t") {
  CHECK(Explanation("%{c} at %{t} for %{r}.") == "192.0.2.3 at 1700000000 for unknown.");
  MacroValues values = Example();
  values.receiver = "mx.example.net";
  CHECK(Explanation("%{r}", values) == "mx.example.net");
  for (const char* text : {"%{c}.example.com", "%{R}.example.com", "%{t}.example.com", "a b.example.com"})
    CHECK_MESSAGE(!LegalMacros(text), text);
}

TEST_CASE("what is no macro is an error") {
  for (const char* text : {"%", "a%.com", "%(d}", "%{", "%{}", "%{x}", "%{d", "%{d0}", "%{d00}", "%{dx}", "%{dr2}",
                           "%{d-r}", "%{d*}", "100%", "%{d}%", "\x80%{d}", "%{d\x01}", "%{%{d}}"})
    CHECK_MESSAGE(!LegalMacros(text), text);
  for (const char* text : {"", "%%", "%{d}", "%{D2R.-+,/_=}", "%{d01}", "%{d99999999999999999999}"})
    CHECK_MESSAGE(LegalMacros(text), text);
}

TEST_CASE("a number beyond the parts keeps them all, however long it is") {
  CHECK(Domain("%{d99999999999999999999999}") == "email.example.com");
  CHECK(Domain("%{d128}") == "email.example.com");
}

TEST_CASE("delimiters split where any of them stands and join with dots") {
  MacroValues values = Example();
  values.sender = "foo-bar+zip+quux@example.com";
  CHECK(Domain("%{l+-}", values) == "foo.bar.zip.quux");
  CHECK(Domain("%{l2r+-}", values) == "bar.foo");
  values.sender = "--@example.com";
  CHECK(Explanation("%{l-}", values) == "..");
}

TEST_CASE("a name over 253 bytes loses labels from the left") {
  MacroValues values = Example();
  values.helo = std::string(60, 'a') + ".b.c." + std::string(120, 'd') + "." + std::string(120, 'e') + ".example.com.";
  const std::string name = Domain("%{h}", values);
  CHECK(name == std::string(120, 'd') + "." + std::string(120, 'e') + ".example.com");
  SUBCASE("a label that alone is too long stays, and cannot be asked for") {
    values.helo = std::string(300, 'a');
    CHECK_FALSE(IsQueryable(NameOf(Domain("%{h}", values))));
  }
  SUBCASE("an explanation is not cut") {
    CHECK(Explanation("%{h}", values) == values.helo);
  }
}

TEST_CASE("the dot at the end goes from a domain, not from an explanation") {
  CHECK(Domain("%{d}.") == "email.example.com");
  CHECK(Explanation("%{d}.") == "email.example.com.");
}

TEST_CASE("the validated name is asked for once, and only if it is used") {
  int asked = 0;
  MacroValues values = Example();
  CHECK(Domain("%{p}", values) == "unknown");
  values.validated = [&] {
    ++asked;
    return std::string("mx.example.com");
  };
  CHECK(Domain("%{d}", values) == "email.example.com");
  CHECK(asked == 0);
  CHECK(Domain("%{p2}.%{p}", values) == "example.com.mx.example.com");
  CHECK(asked == 1);
}

TEST_CASE("which texts vary between messages is known without expanding them") {
  CHECK_FALSE(VariesByMessage("example.com"));
  CHECK_FALSE(VariesByMessage("_spf.%{d2}%%%_%-.example.com"));
  for (const char* text : {"%{s}", "%{L}", "%{o}", "%{ir}.x", "%{p}", "%{v}", "%{h}", "%{c}", "%{r}", "%{t}"})
    CHECK_MESSAGE(VariesByMessage(text), text);
  CHECK(HasMacros("%{d}.example.com"));
  CHECK_FALSE(HasMacros("example.com"));
}

TEST_CASE("a backslash of an expansion is a byte of the name asked for") {
  CHECK(NameOf("a\\.b.example.com") == "a\\\\.b.example.com");
  CHECK(NameOf("example.com") == "example.com");
}
