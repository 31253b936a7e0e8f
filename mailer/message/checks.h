// What the composer refuses before it writes a single octet. Pure functions; errors name the field by its path in the
// request ("headers/X-Team", "attachments/0/filename").
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "mailer/base/error.h"

namespace sealpost::message {

// A value that goes into a header field: valid UTF-8 without CR, LF, NUL.
base::Result<void> CheckHeaderValue(std::string_view value, const std::string& field);
// A body: valid UTF-8 without NUL.
base::Result<void> CheckBody(std::string_view body, const std::string& field);

// Printable ASCII without space, so that it can stand as one word of a structured field.
bool IsVisibleAscii(std::string_view text);
// A token of RFC 2045 5.1.
bool IsToken(std::string_view text);
// An http, https or mailto URI of RFC 3986 characters, at most 900 octets.
bool IsUri(std::string_view text);

// "`field` what", of a field by its path in the request.
std::unexpected<base::Error> Refuse(const std::string& field, const std::string& what);

}  // namespace sealpost::message
