// The characters that every grammar of the DNS records is made of (RFC 5234 B.1): ASCII whatever the locale. Pure.
#pragma once

#include <string_view>

namespace sealpost::dns {

constexpr bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

constexpr bool IsAlpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr bool IsAlphanumeric(char c) {
  return IsAlpha(c) || IsDigit(c);
}

// Without the blanks and tabs at both ends.
constexpr std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace sealpost::dns
