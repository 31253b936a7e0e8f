#include "mailer/model/address.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <string_view>

using namespace sealpost::model;

namespace {

std::string Parsed(std::string_view text) {
  const auto address = ParseAddress(text);
  return address ? address->ToString() : "refused";
}

std::string Why(std::string_view text) {
  const auto address = ParseAddress(text);
  return address ? "accepted" : address.error().message;
}

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("an address keeps its local part and gets a lower-case domain") {
  CHECK(Parsed("Jo.Doe+tag@Example.COM") == "Jo.Doe+tag@example.com");
  CHECK(Parsed("!#$%&'*+-/=?^_`{|}~@example.com") == "!#$%&'*+-/=?^_`{|}~@example.com");
  CHECK(Parsed("a@xn--bcher-kva.example") == "a@xn--bcher-kva.example");
}

TEST_CASE("domains become A-labels by UTS 46, non-transitional") {
  CHECK(Parsed("a@BÜCHER.example") == "a@xn--bcher-kva.example");
  CHECK(Parsed("a@faß.de") == "a@xn--fa-hia.de");
  CHECK(Parsed("a@ｅxample。com") == "a@example.com");
  CHECK(Parsed("a@e\u0301x.com") == "a@xn--x-9fa.com");
  CHECK(ToAsciiDomain("Example.COM.").value() == "example.com");
  CHECK(ToAsciiDomain("ｘｎ－－bcher-kva.example").value() == "xn--bcher-kva.example");
}

TEST_CASE("a forbidden character in a domain is refused, never dropped") {
  for (const char* domain :
       {"a_b.example",    "é_b.example",   "a b.com",  "é＠x.com", "℀.com",     "a/b.com", "éx.com/", "a\\b.com",
        "xn--@x-9fa.com", "xn--a.example", "xn--.com", "-a.com",   "a-.com",    "a..com",  ".a.com",  "é..com",
        "a.com..",        "example",       "1.2.3.4",  "1.2.3",    "[1.2.3.4]", "",        ".",       "a.com\u2028",
        "é<x>.com",       "a,b.com"}) {
    CAPTURE(domain);
    CHECK_FALSE(ToAsciiDomain(domain));
  }
  CHECK_FALSE(ToAsciiDomain(std::string_view("é.com\0.evil.com", 15)));
  CHECK_FALSE(ToAsciiDomain("a." + std::string(64, 'b')));
  CHECK(ToAsciiDomain("a." + std::string(63, 'b')));
  CHECK_FALSE(ToAsciiDomain(std::string(60, 'a') + "." + std::string(60, 'a') + "." + std::string(60, 'a') + "." +
                            std::string(60, 'a') + "." + std::string(12, 'a')));
}

TEST_CASE("a quoted local part is split at the last @ that is not quoted") {
  const auto address = ParseAddress("\"a@evil.example x\"@good.example");
  REQUIRE(address);
  CHECK(address->domain == "good.example");
  CHECK(address->local == "\"a@evil.example x\"");
  CHECK(Parsed(R"("a\"b"@x.com)") == R"("a\"b"@x.com)");
  CHECK(Parsed(R"("a\\"@x.com)") == R"("a\\"@x.com)");
  CHECK(Has(Why(R"("a\"@x.com)"), "never closed"));
  CHECK(Has(Why(R"("a@x.com)"), "never closed"));
  CHECK(Has(Why(R"("a"b@x.com)"), "no @"));
  CHECK(Has(Why("\"a\tb\"@x.com"), "tab"));
}

TEST_CASE("what is no single plain address is refused") {
  for (const char* text : {"",
                           "a",
                           "@x.com",
                           "a@",
                           "a@b@x.com",
                           "a b@x.com",
                           ".a@x.com",
                           "a.@x.com",
                           "a..b@x.com",
                           "a(c)@x.com",
                           "a@x.com(c)",
                           "<a@x.com>",
                           "@r.com:a@x.com",
                           "a@[192.0.2.1]",
                           "a@x.com.",
                           "a,b@x.com",
                           "a@x.com,b@y.com",
                           "a@x.com ",
                           " a@x.com",
                           "a@x.com\r\nRCPT TO:<b@y.com>",
                           "a\n@x.com",
                           "a\x01@x.com",
                           "a@x.com> NOTIFY=NEVER",
                           "a\xff@x.com",
                           "a\u202e@x.com",
                           "a\u0085@x.com",
                           "a;b@x.com",
                           "a\\b@x.com"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseAddress(text));
  }
  CHECK_FALSE(ParseAddress(std::string_view("a\0b@x.com", 9)));
  CHECK(Has(Why("a@[192.0.2.1]"), "literal"));
}

TEST_CASE("lengths are held: 64 octets before the @, 254 in all") {
  const std::string domain = std::string(60, 'd') + "." + std::string(60, 'd') + "." + std::string(60, 'd') + ".com";
  CHECK(ParseAddress(std::string(64, 'a') + "@x.com"));
  CHECK(Has(Why(std::string(65, 'a') + "@x.com"), "64 octets"));
  CHECK(ParseAddress(std::string(64, 'a') + "@" + domain));
  CHECK(ParseAddress(std::string(64, 'a') + "@aa." + domain));
  CHECK(Has(Why(std::string(64, 'a') + "@aaa." + domain), "254"));
  CHECK(Has(Why(std::string(1 << 20, 'a') + "@x.com"), "254"));
  CHECK_FALSE(ParseMailbox(std::string(1 << 20, '<') + ">"));
  CHECK_FALSE(ParseMailbox(std::string(1 << 20, '"') + ">"));
}

TEST_CASE("a local part outside ASCII needs SMTPUTF8, a domain outside ASCII does not") {
  CHECK(ParseAddress("jörg@example.com")->NeedsSmtpUtf8());
  CHECK_FALSE(ParseAddress("jorg@bücher.example")->NeedsSmtpUtf8());
}

TEST_CASE("a mailbox may have a name in any usual form") {
  const auto name = [](std::string_view text) {
    const auto mailbox = ParseMailbox(text);
    return mailbox ? mailbox->name + "|" + mailbox->address.ToString() : "refused: " + mailbox.error().message;
  };
  CHECK(name("a@x.com") == "|a@x.com");
  CHECK(name("  <a@x.com> ") == "|a@x.com");
  CHECK(name("Acme <a@x.com>") == "Acme|a@x.com");
  CHECK(name("Acme<a@x.com>") == "Acme|a@x.com");
  CHECK(name("Acme, Inc. <a@x.com>") == "Acme, Inc.|a@x.com");
  CHECK(name("\"Na, \\\"me\\\\\" <a@x.com>") == "Na, \"me\\|a@x.com");
  CHECK(name("Jim \"The Fish\" Smith < a@x.com >") == "Jim The Fish Smith|a@x.com");
  CHECK(name("Jürgen\tMüller <a@x.com>") == "Jürgen Müller|a@x.com");
  CHECK(name("a@x.com <a@x.com>") == "a@x.com|a@x.com");
  CHECK(name("\"<b@y.com>\" <a@x.com>") == "<b@y.com>|a@x.com");
  CHECK(name("N <\"a<b> \"@x.com>") == "N|\"a<b> \"@x.com");
  CHECK(name("ab\u202Ecd\u2066 <a@x.com>") == "abcd|a@x.com");
}

TEST_CASE("a mailbox that hides something is refused") {
  for (const char* text : {"",
                           "<>",
                           "Name",
                           "Name <>",
                           "Name <a@x.com",
                           "Name a@x.com>",
                           "a@x.com, b@y.com",
                           "a@x.com, B <b@y.com>",
                           "A <a@x.com>, B <b@y.com>",
                           "A <a@x.com> B",
                           "\"A <a@x.com>",
                           "A\r\nBcc: b@y.com <a@x.com>",
                           "A\n <a@x.com>",
                           "A\x01 <a@x.com>",
                           "A\u0085 <a@x.com>",
                           "A\u2028 <a@x.com>",
                           "A\xc3 <a@x.com>",
                           "A <<a@x.com>>",
                           "A <@r.com:a@x.com>",
                           "group: a@x.com;",
                           "a@x.com (comment)"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseMailbox(text));
  }
  CHECK_FALSE(ParseMailbox(std::string_view("A\0B <a@x.com>", 13)));
}

TEST_CASE("names are quoted where RFC 5322 asks for it") {
  CHECK(QuotePhrase("Jo Doe") == "Jo Doe");
  CHECK(QuotePhrase("Jörg") == "Jörg");
  CHECK(QuotePhrase("J. Doe") == "\"J. Doe\"");
  CHECK(QuotePhrase("a  b") == "\"a  b\"");
  CHECK(QuotePhrase(" a") == "\" a\"");
  CHECK(QuotePhrase("a\"\\") == "\"a\\\"\\\\\"");
  CHECK(Format({"", {"a", "x.com"}}) == "a@x.com");
  CHECK(Format({"Do, Jo", {"a", "x.com"}}) == "\"Do, Jo\" <a@x.com>");
}

TEST_CASE("whatever is accepted parses back to itself and makes one line on the wire") {
  std::mt19937 random(7);
  const std::string_view pieces[] = {"a", "B", "@", ".",     "\"",     "\\", "<",  ">",      " ",  ",",        ";",
                                     ":", "(", ")", "x.com", "é",      "\t", "\r", "\n",     "名", "'",        "\xff",
                                     "-", "_", "[", "]",     "\u202e", "=",  "?",  "@x.com", "b ", "<a@x.com>"};
  int accepted = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string text;
    for (auto count = random() % 9; count-- > 0;) text += pieces[random() % std::size(pieces)];
    if (const auto address = ParseAddress(text)) {
      CHECK(ParseAddress(address->ToString()) == *address);
      CHECK(address->ToString().find_first_of("\r\n") == std::string::npos);
      // Outside quotes nothing may end the path or begin a parameter (RFC 5321 4.1.2).
      if (address->local.front() != '"') CHECK(address->ToString().find_first_of(" <>,") == std::string::npos);
    }
    if (const auto mailbox = ParseMailbox(text)) {
      ++accepted;
      CAPTURE(text);
      const auto again = ParseMailbox(Format(*mailbox));
      REQUIRE(again);
      CHECK(*again == *mailbox);
    }
  }
  CHECK(accepted > 1000);
}
