#include "mailer/model/utf8.h"

#include <cstdint>
#include <cstring>

#include "mailer/base/utf8.h"

namespace sealpost::model {

CodePoint FirstCodePoint(std::string_view text) {
  const std::size_t length = base::Utf8Length(text);
  if (length == 0) return {};
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (length == 1) return {octet(0), 1};
  char32_t value = octet(0) & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) value = (value << 6) | (octet(i) & 0x3Fu);
  return {value, length};
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
    const std::size_t length = base::Utf8Length(text);
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
