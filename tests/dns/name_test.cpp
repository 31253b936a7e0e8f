#include "dns/name.h"
#include "tests/dns/texts.h"

#include <doctest/doctest.h>

#include <string>

using namespace sealpost::dns;
using sealpost::tests::Repeat;
using namespace std::string_literals;

namespace {}  // namespace

TEST_CASE("names are the same without ASCII case, and only without that") {
  CHECK(SameName("Example.COM", "eXample.com"));
  CHECK_FALSE(SameName("example.com", "example.com."));
  CHECK_FALSE(SameName("a@b", "a`b"));
  CHECK_FALSE(SameName("\xc3\x84.example", "\xc3\xa4.example"));
  CHECK(Lower("A[Z]\xc3\x84") == "a[z]\xc3\x84");
}

TEST_CASE("a name is within itself, its ancestors and the root") {
  CHECK(IsWithin("mail.example.com", "example.COM"));
  CHECK(IsWithin("example.com", "example.com"));
  CHECK(IsWithin("example.com", ""));
  CHECK(IsWithin("", ""));
  CHECK_FALSE(IsWithin("badexample.com", "example.com"));
  CHECK_FALSE(IsWithin("example.com", "mail.example.com"));
  CHECK_FALSE(IsWithin("", "com"));
}

TEST_CASE("an escaped dot belongs to its label") {
  CHECK(Labels(R"(john\.doe.example.com)").size() == 3);
  CHECK(Labels(R"(john\.doe.example.com)").front() == R"(john\.doe)");
  CHECK(Parent(R"(john\.doe.example.com)") == "example.com");
  CHECK(Labels(R"(a\\.b)").size() == 2);
  CHECK_FALSE(IsWithin(R"(a\.example.com)", "example.com"));
  CHECK(IsWithin(R"(a\\.example.com)", "example.com"));
}

TEST_CASE("labels and parents are taken from the front") {
  CHECK(Labels("a.b.c") == std::vector<std::string_view>{"a", "b", "c"});
  CHECK(Labels("").empty());
  CHECK(Labels("a..b").at(1).empty());
  CHECK(Parent("com").empty());
  CHECK(Parent("").empty());
  CHECK(Labels("a\\").size() == 1);
}

TEST_CASE("a name may be asked for if its labels and its length fit the wire") {
  const std::string label63(63, 'a');
  CHECK(IsQueryable("com"));
  CHECK(IsQueryable("_dmarc.example.com"));
  CHECK(IsQueryable(label63 + ".example"));
  CHECK(IsQueryable("a b/c%d:\xff.example"));
  CHECK(IsQueryable("nul\0.example"s));
  CHECK_FALSE(IsQueryable(""));
  CHECK_FALSE(IsQueryable("."));
  CHECK_FALSE(IsQueryable("a..b"));
  CHECK_FALSE(IsQueryable(".a"));
  CHECK_FALSE(IsQueryable("a."));
  CHECK_FALSE(IsQueryable("a" + label63 + ".example"));
  const std::string longest = Repeat(label63 + ".", 3) + std::string(61, 'b');
  CHECK(longest.size() == 253);
  CHECK(IsQueryable(longest));
  CHECK_FALSE(IsQueryable(longest + "b"));
  CHECK_FALSE(IsQueryable(Repeat("a.", 150) + "a"));
}

TEST_CASE("an escape does not count against the limits") {
  CHECK(IsQueryable(Repeat("\\.", 63) + ".example"));
  CHECK_FALSE(IsQueryable(Repeat("\\.", 64) + ".example"));
}

TEST_CASE("a hostname has letters, digits and inner hyphens in two labels or more") {
  for (const char* name : {"example.com", "EXAMPLE.com", "a-b.xn--p1ai", "1.2.3.example", "3com.com", "a.b1"}) {
    CHECK_MESSAGE(IsHostname(name), name);
  }
  for (const char* name :
       {"", "localhost", "example.com.", "_dmarc.example.com", "-a.example", "a-.example", "a..example", "a b.example",
        "192.0.2.1", "example.123", "ex\\.ample.com", "m\xc3\xbcller.de"}) {
    CHECK_MESSAGE(!IsHostname(name), name);
  }
}

TEST_CASE("what an operator types becomes A-labels in lower case") {
  CHECK(ToAscii("Example.COM.") == "example.com");
  CHECK(ToAscii("b\xc3\xbc"
                "cher.example") == "xn--bcher-kva.example");
  CHECK(ToAscii("B\xc3\x9c"
                "CHER.Example") == "xn--bcher-kva.example");
  CHECK(ToAscii("fa\xc3\x9f.de") == "xn--fa-hia.de");
  CHECK(ToAscii("b\xc3\xbc"
                "cher\xe3\x80\x82"
                "example\xe3\x80\x82") == "xn--bcher-kva.example");
  CHECK(ToAscii("XN--BCHER-KVA.example") == "xn--bcher-kva.example");
}

TEST_CASE("what is no domain is refused with a sentence that names it and says why") {
  const struct {
    std::string typed;
    const char* why;
  } cases[] = {{"", "empty"},
               {".", "empty"},
               {"localhost", "no dot"},
               {"https://example.com", "URL"},
               {"joe@example.com", "address"},
               {"192.0.2.1", "IP address"},
               {"2001:db8::1", "IP address"},
               {"exa mple.com", "\" \""},
               {"a_b.example", "\"_\""},
               {"a\\.b.example", "\"\\\""},
               {"-a.example", "hyphen"},
               {"a..example", "two dots"},
               {"example.123", "number"},
               {std::string(64, 'a') + ".example", "longer than 63"},
               {Repeat("a.", 150) + "example", "longer than 253"},
               {"\xff\xfe.example", "IDNA 2008"},
               {"b\xc3\xbc"
                "c_her.example",
                "\"_\""},
               {"\xe2\x98\x83\xcc\x88\xff.example", "IDNA 2008"},
               {"nul\0.example"s, "cannot stand"},
               {"b\xc3\xbc\0.example"s, "NUL"}};
  for (const auto& c : cases) {
    const auto name = ToAscii(c.typed);
    REQUIRE_MESSAGE(!name.has_value(), c.typed);
    CHECK_MESSAGE(name.error().contains(c.why), name.error());
    CHECK(name.error().size() < 400);
  }
  CHECK(ToAscii("localhost").error() ==
        "\"localhost\" is not a domain: it has no dot; give the full domain, such as example.com.");
}

TEST_CASE("a refusal carries no control characters to the terminal") {
  CHECK_FALSE(ToAscii("a\x1b[31m.example").error().contains('\x1b'));
  CHECK_FALSE(ToAscii(std::string(300, 'a') + "\x07.example").error().contains('\x07'));
}

TEST_CASE("A-labels are shown as U-labels where they are some") {
  CHECK(ToUnicode("xn--bcher-kva.example") ==
        "b\xc3\xbc"
        "cher.example");
  CHECK(ToUnicode("example.com") == "example.com");
  CHECK(ToUnicode("xn--\xff.example") == "xn--\xff.example");
  CHECK(ToUnicode("nul\0.xn--bcher-kva"s) == "nul\0.xn--bcher-kva"s);
  CHECK(ToUnicode("").empty());
}
