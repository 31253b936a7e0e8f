// UTF-8 (RFC 3629): checking, stepping, and the characters that have no place in names. Pure functions.
#pragma once

#include <cstddef>
#include <string_view>

namespace sealpost::model {

struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;  // octets; 0: the text is empty or does not begin with a well-formed character
};

// The first character of `text`.
CodePoint FirstCodePoint(std::string_view text);

bool IsValidUtf8(std::string_view text);

// C0 and C1 controls, DEL, and the line and paragraph separators.
bool IsControl(char32_t character);
// Marks, embeddings, overrides and isolates that change the direction of text (UTS 39).
bool IsBidiControl(char32_t character);

}  // namespace sealpost::model
