// Reads what stands in header fields, for showing: encoded words (RFC 2047), parameters (RFC 2045 5.1, RFC 2231) and
// charsets. Tolerant: what makes no sense is shown as it is. Pure functions; every answer is valid UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace sealpost::dev {

// UTF-8, US-ASCII, ISO-8859-1 and Windows-1252 are read; of others only what is valid UTF-8 remains, the rest is
// shown as U+FFFD.
std::string ToUtf8(std::string_view bytes, std::string_view charset);

// "=?utf-8?Q?Gr=C3=BC=C3=9Fe?= you" => "Grüße you".
std::string DecodeWords(std::string_view value);

// The first word of a structured field in lower case: "text/html" of "Text/HTML; charset=utf-8".
std::string FirstWord(std::string_view value);
// A parameter of such a field, `name` in lower case; "" if it has none.
std::string Parameter(std::string_view value, std::string_view name);

// Base64 as mailers write it: what is no base64 character is skipped.
std::string DecodeBase64(std::string_view encoded);

bool EqualsIgnoringCase(std::string_view left, std::string_view right);

}  // namespace sealpost::dev
