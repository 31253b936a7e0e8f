// Line ends as the encoders give them: CRLF for CRLF, CR and LF.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sealpost::tests {

inline std::string WithCrlf(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r' && text[i] != '\n') {
      out += text[i];
      continue;
    }
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
    out += "\r\n";
  }
  return out;
}

}  // namespace sealpost::tests
