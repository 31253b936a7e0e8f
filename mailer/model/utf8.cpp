#include "mailer/model/utf8.h"

#include <cstdint>
#include <cstring>

namespace sealpost::model {

namespace {

struct Lead {
  std::size_t length = 0;
  unsigned char second_least = 0x80, second_most = 0xBF;
};

// Unicode table 3-7: the bounds of the second octet keep out overlong forms, surrogates and what is above U+10FFFF.
Lead ReadLead(unsigned char octet) {
  if (octet < 0x80) return {1};
  if (octet < 0xC2) return {};
  if (octet < 0xE0) return {2};
  if (octet == 0xE0) return {3, 0xA0, 0xBF};
  if (octet == 0xED) return {3, 0x80, 0x9F};
  if (octet < 0xF0) return {3};
  if (octet == 0xF0) return {4, 0x90, 0xBF};
  if (octet < 0xF4) return {4};
  if (octet == 0xF4) return {4, 0x80, 0x8F};
  return {};
}

}  // namespace

CodePoint FirstCodePoint(std::string_view text) {
  if (text.empty()) return {};
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const Lead lead = ReadLead(octet(0));
  if (lead.length == 1) return {octet(0), 1};
  if (lead.length == 0 || text.size() < lead.length) return {};
  if (octet(1) < lead.second_least || octet(1) > lead.second_most) return {};
  char32_t value = octet(0) & (0x7Fu >> lead.length);
  for (std::size_t i = 1; i < lead.length; ++i) {
    if ((octet(i) & 0xC0) != 0x80) return {};
    value = (value << 6) | (octet(i) & 0x3Fu);
  }
  return {value, lead.length};
}

bool IsValidUtf8(std::string_view text) {
  while (!text.empty()) {
    // Bodies are mostly ASCII: eight octets at a time cost a tenth of stepping.
    std::uint64_t block = 0;
    if (text.size() >= sizeof block) {
      std::memcpy(&block, text.data(), sizeof block);
      if ((block & 0x8080808080808080u) == 0) {
        text.remove_prefix(sizeof block);
        continue;
      }
    }
    const std::size_t length = FirstCodePoint(text).length;
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool IsControl(char32_t character) {
  return character < 0x20 || (character >= 0x7F && character < 0xA0) || character == 0x2028 || character == 0x2029;
}

bool IsBidiControl(char32_t character) {
  return character == 0x061C || character == 0x200E || character == 0x200F ||
         (character >= 0x202A && character <= 0x202E) || (character >= 0x2066 && character <= 0x2069);
}

}  // namespace sealpost::model
