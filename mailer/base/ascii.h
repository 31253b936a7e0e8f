// ASCII letters, whatever the locale says.
#pragma once

#include <string>
#include <string_view>

namespace sealpost::base {

// All other octets stay as they are, also those of UTF-8.
inline std::string ToLower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

}  // namespace sealpost::base
