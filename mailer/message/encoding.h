// Transfer and header encodings: quoted-printable and base64 bodies (RFC 2045 6.7, 6.8), encoded-words (RFC 2047),
// parameter values (RFC 2231), UTF-8 checking. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace sealpost::message {

bool IsValidUtf8(std::string_view text);

// Quoted-printable with CRLF lines of at most 76 characters; trailing white space, a leading "." and a leading
// "From " are encoded. Never breaks inside `unbreakable` (not empty: a run of [A-Za-z0-9_-]).
std::string EncodeQuotedPrintable(std::string_view text, std::string_view unbreakable);
std::string DecodeQuotedPrintable(std::string_view encoded);
// Base64 in CRLF lines of 76 characters.
std::string EncodeBase64Lines(std::string_view data);

}  // namespace sealpost::message
