#include "mailer/model/utf8.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace sealpost::model;

namespace {

std::string Encode(char32_t c) {
  const auto octet = [](char32_t bits) { return static_cast<char>(bits); };
  if (c < 0x80) return {octet(c)};
  if (c < 0x800) return {octet(0xC0 | c >> 6), octet(0x80 | (c & 0x3F))};
  if (c < 0x10000) return {octet(0xE0 | c >> 12), octet(0x80 | (c >> 6 & 0x3F)), octet(0x80 | (c & 0x3F))};
  return {octet(0xF0 | c >> 18), octet(0x80 | (c >> 12 & 0x3F)), octet(0x80 | (c >> 6 & 0x3F)),
          octet(0x80 | (c & 0x3F))};
}

}  // namespace

TEST_CASE("every scalar value is read back, every surrogate refused") {
  for (char32_t c = 0; c < 0x110000; ++c) {
    const std::string text = Encode(c);
    const CodePoint first = FirstCodePoint(text + "x");
    const bool surrogate = c >= 0xD800 && c < 0xE000;
    if (first.length != (surrogate ? 0 : text.size()) || (!surrogate && first.value != c))
      FAIL("code point ", static_cast<unsigned>(c));
  }
}

TEST_CASE("overlong, truncated and out of range sequences are refused wherever they stand") {
  for (const std::string_view bad :
       {"\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\x80",
        "\xC3", "\xE2\x82", "\xF0\x9F\x98", "\xFF", "\xC3\x28"}) {
    for (std::size_t before = 0; before < 18; ++before) {
      CHECK_FALSE(IsValidUtf8(std::string(before, 'a') + std::string(bad)));
      CHECK_FALSE(IsValidUtf8(std::string(before, 'a') + std::string(bad) + std::string(9, 'b')));
    }
  }
  CHECK(IsValidUtf8(""));
  CHECK(IsValidUtf8(std::string_view("\0abc", 4)));
  CHECK(IsValidUtf8("Grüße, 世界 😀, and a longer tail of ASCII"));
}

TEST_CASE("controls and direction marks are known") {
  for (const char32_t c : {0x00, 0x0A, 0x1F, 0x7F, 0x85, 0x9F, 0x2028, 0x2029}) CHECK(IsControl(c));
  for (const char32_t c : {0x20, 0x7E, 0xA0, 0xE9, 0x202E}) CHECK_FALSE(IsControl(c));
  for (const char32_t c : {0x061C, 0x200E, 0x200F, 0x202A, 0x202E, 0x2066, 0x2069}) CHECK(IsBidiControl(c));
  for (const char32_t c : {0x200D, 0x2029, 0x202F, 0x2065, 0x206A}) CHECK_FALSE(IsBidiControl(c));
}
