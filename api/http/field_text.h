// What field values, targets and chunks are read with (RFC 9110 5.5 and 5.6). Pure.
#pragma once

#include <string_view>

#include "api/http/message.h"

namespace sealpost::http {

// Names, schemes and tokens that are equal but for the case of ASCII letters.
inline bool SameText(std::string_view left, std::string_view right) {
  const CaseInsensitive less;
  return !less(left, right) && !less(right, left);
}

// Without the optional whitespace (OWS, RFC 9110 5.6.3) at both ends.
constexpr std::string_view Trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// -1 if `c` is no hexadecimal digit.
constexpr int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace sealpost::http
