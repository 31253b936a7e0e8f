#include "mailer/base/id.h"

#include "mailer/base/crypto.h"

namespace sealpost::base {
namespace {

constexpr std::size_t kTextWidth = 36;

constexpr bool IsHyphenPlace(std::size_t i) {
  return i == 8 || i == 13 || i == 18 || i == 23;
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string NewId(Time now) {
  IdBytes bytes;
  const std::string random = RandomBytes(10);
  const auto millis = static_cast<std::uint64_t>(ToMillis(now));
  for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<std::uint8_t>(millis >> (40 - 8 * i));
  for (std::size_t i = 0; i < random.size(); ++i) bytes[6 + i] = static_cast<std::uint8_t>(random[i]);
  bytes[6] = static_cast<std::uint8_t>(0x70 | (bytes[6] & 0x0f));
  bytes[8] = static_cast<std::uint8_t>(0x80 | (bytes[8] & 0x3f));
  return FormatId(bytes);
}

bool IsId(std::string_view text) {
  return ParseId(text).has_value();
}

std::optional<IdBytes> ParseId(std::string_view text) {
  if (text.size() != kTextWidth) return std::nullopt;
  IdBytes bytes{};
  std::size_t digit = 0;
  for (std::size_t i = 0; i < kTextWidth; ++i) {
    if (IsHyphenPlace(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int value = HexValue(text[i]);
    if (value < 0) return std::nullopt;
    bytes[digit / 2] = static_cast<std::uint8_t>(bytes[digit / 2] << 4 | value);
    ++digit;
  }
  return bytes;
}

std::string FormatId(const IdBytes& bytes) {
  const std::string hex = HexEncode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  std::string text;
  text.reserve(kTextWidth);
  for (const char c : hex) {
    if (IsHyphenPlace(text.size())) text.push_back('-');
    text.push_back(c);
  }
  return text;
}

}  // namespace sealpost::base
