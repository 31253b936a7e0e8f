#include "mailer/message/encoding.h"
#include "tests/mailer/message/crlf.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace sealpost::message;
using sealpost::tests::WithCrlf;

namespace {

const std::string kUnbreakable(44, 'M');

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  for (;;) {
    const std::size_t end = text.find("\r\n");
    lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 2);
  }
}

}  // namespace

TEST_CASE("plain text stays readable in quoted-printable") {
  CHECK(EncodeQuotedPrintable("Hello, world!\n", "") == "Hello, world!\r\n");
  CHECK(EncodeQuotedPrintable("a=b é\ttab", "") == "a=3Db =C3=A9\ttab");
  CHECK(EncodeQuotedPrintable("", "") == "");
}

TEST_CASE("every kind of line end becomes CRLF, and smuggling sequences none at all") {
  CHECK(EncodeQuotedPrintable("a\nb\r\nc\rd", "") == "a\r\nb\r\nc\r\nd");
  for (const char* text : {"a\n.\nb", "a\n.\r\nb", "a\r.\rb", "a\r\r\n.\nb", "a\r\n.\r\nb", "a\r\n.\rb", ".\r\n",
                           "\r\n.\r\nMAIL FROM:<>"}) {
    CAPTURE(text);
    const std::string encoded = EncodeQuotedPrintable(text, "");
    for (const std::string& line : Lines(encoded)) {
      CHECK(line.find_first_of("\r\n") == std::string::npos);
      CHECK_FALSE(line.starts_with('.'));
    }
  }
}

TEST_CASE("what a relay would mangle is encoded: trailing white space, a leading dot, a leading From") {
  CHECK(EncodeQuotedPrintable("a \nb\t\nc ", "") == "a=20\r\nb=09\r\nc=20");
  CHECK(EncodeQuotedPrintable("a  \n", "") == "a =20\r\n");
  CHECK(EncodeQuotedPrintable(".a\n..b", "") == "=2Ea\r\n=2E.b");
  CHECK(EncodeQuotedPrintable("From me\nFromage\n From", "") == "=46rom me\r\nFromage\r\n From");
  const std::string dots = EncodeQuotedPrintable(std::string(75, 'x') + ".y", "");
  CHECK(dots == std::string(75, 'x') + "=\r\n=2Ey");
}

TEST_CASE("an escape is never cut by a soft break") {
  for (std::size_t before = 60; before < 80; ++before) {
    const std::string text = std::string(before, 'x') + "éé";
    const std::string encoded = EncodeQuotedPrintable(text, "");
    CHECK(DecodeQuotedPrintable(encoded) == text);
    for (const std::string& line : Lines(encoded)) CHECK(line.size() <= 76);
  }
}

TEST_CASE("a slot is never folded, wherever it falls") {
  for (std::size_t before = 0; before < 160; ++before) {
    const std::string text = std::string(before, 'x') + "https://x.example/u/" + kUnbreakable + " " + kUnbreakable +
                             kUnbreakable + "\n" + kUnbreakable;
    const std::string encoded = EncodeQuotedPrintable(text, kUnbreakable);
    std::size_t found = 0;
    for (std::size_t at = encoded.find(kUnbreakable); at != std::string::npos;
         at = encoded.find(kUnbreakable, at + kUnbreakable.size()))
      ++found;
    CHECK(found == 4);
    for (const std::string& line : Lines(encoded)) CHECK(line.size() <= 76);
    CHECK(DecodeQuotedPrintable(encoded) == WithCrlf(text));
  }
}

TEST_CASE("white space before a slot is not trailing") {
  CHECK(EncodeQuotedPrintable("a " + kUnbreakable + " \n", kUnbreakable) == "a " + kUnbreakable + "=20\r\n");
}

TEST_CASE("decoding takes what other encoders and relays leave") {
  CHECK(DecodeQuotedPrintable("a=3db=3Dc") == "a=b=c");
  CHECK(DecodeQuotedPrintable("soft= \t\r\nbreak=\nagain") == "softbreakagain");
  CHECK(DecodeQuotedPrintable("pad   \r\nx\n") == "pad\r\nx\r\n");
  CHECK(DecodeQuotedPrintable("100=% =G1 =") == "100=% =G1 ");
  CHECK(DecodeQuotedPrintable("=4") == "=4");
  CHECK(DecodeQuotedPrintable("") == "");
}

TEST_CASE("every octet, wherever it stands in a word of eight, is escaped if it must be") {
  for (int value = 0; value < 256; ++value) {
    const char c = static_cast<char>(value);
    if (c == '\r' || c == '\n') continue;
    const bool literal = (value >= 0x20 && value < 0x7F && c != '=') || c == '\t';
    for (std::size_t before = 1; before < 20; ++before) {
      const std::string text = std::string(before, 'a') + c + std::string(20 - before, 'b');
      const std::string encoded = EncodeQuotedPrintable(text, "");
      CHECK(encoded.size() == text.size() + (literal ? 0 : 2));
      CHECK(DecodeQuotedPrintable(encoded) == text);
    }
  }
}

TEST_CASE("random octets come back exactly, but for their line ends") {
  std::mt19937 random(11);
  for (int round = 0; round < 20'000; ++round) {
    const std::string_view alphabet = round % 2 == 0 ? std::string_view(" \t\r\n.=Fromx-\0é\xFF", 17) : "ab c\n.";
    std::string text;
    for (auto count = random() % 200; count-- > 0;) {
      text += random() % 40 == 0   ? kUnbreakable
              : random() % 30 == 0 ? "From "
                                   : std::string(1, alphabet[random() % alphabet.size()]);
    }
    const std::string encoded = EncodeQuotedPrintable(text, kUnbreakable);
    REQUIRE(DecodeQuotedPrintable(encoded) == WithCrlf(text));
    for (const std::string& line : Lines(encoded)) {
      REQUIRE(line.size() <= 76);
      REQUIRE(line.find_first_of("\r\n") == std::string::npos);
      REQUIRE_FALSE(line.starts_with("From "));
      REQUIRE_FALSE((line.ends_with(' ') || line.ends_with('\t')));
      for (const char c : line) REQUIRE(((c >= 0x20 && c < 0x7F) || c == '\t'));
    }
  }
}

TEST_CASE("base64 follows the vectors of RFC 4648 and breaks at 76") {
  CHECK(EncodeBase64Lines("") == "");
  CHECK(EncodeBase64Lines("f") == "Zg==");
  CHECK(EncodeBase64Lines("fo") == "Zm8=");
  CHECK(EncodeBase64Lines("foo") == "Zm9v");
  CHECK(EncodeBase64Lines("foobar") == "Zm9vYmFy");
  CHECK(EncodeBase64Lines("\xFB\xFF\xFE") == "+//+");
  const auto lines = Lines(EncodeBase64Lines(std::string(58, '\0')));
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == std::string(76, 'A'));
  CHECK(lines[1] == "AA==");
  CHECK(EncodeBase64Lines(std::string(57, '\0')) == std::string(76, 'A'));
}
