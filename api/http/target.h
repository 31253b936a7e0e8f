// The request target taken apart: path, segments, query. Pure, strict: what cannot be decoded is refused, not guessed.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/guard.h"

namespace sealpost::http {

struct Target {
  std::string path = {};                   // decoded, repeated slashes collapsed, no trailing slash but for "/"
  std::vector<std::string> segments = {};  // split at "/" before decoding
  std::map<std::string, std::string, std::less<>> query = {};  // of a name given twice the first counts
  std::string authority = {};  // of an absolute target (RFC 9112 3.2.2): it replaces Host
};

// `text` has passed the guard. Percent-encoding per RFC 3986 2.1; the result is UTF-8 without control characters.
// In the query "+" is a space, as forms and URLSearchParams write it.
std::expected<Target, Refusal> ParseTarget(std::string_view text);

// No overlong forms, no surrogates, nothing above U+10FFFF (RFC 3629).
bool IsUtf8(std::string_view text);

}  // namespace sealpost::http
