// UTF-8, one character at a time (RFC 3629). Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace sealpost::base {

// Octets of the well-formed character that `text` begins with; 0 if there is none.
std::size_t Utf8Length(std::string_view text);

}  // namespace sealpost::base
