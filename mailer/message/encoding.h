// Transfer encodings of bodies: quoted-printable and base64 (RFC 2045 6.7, 6.8), and UTF-8 checking. Pure functions.
// What they give has CRLF between lines and none after the last, because the CRLF before a MIME boundary belongs to
// the boundary (RFC 2046 5.1.1).
#pragma once

#include <string>
#include <string_view>

namespace sealpost::message {

bool IsValidUtf8(std::string_view text);

// Quoted-printable with CRLF lines of at most 76 characters; trailing white space, a leading "." and a leading
// "From " are encoded. CRLF, LF and CR all are line ends. Never breaks inside `unbreakable` (a run of at most 75
// [A-Za-z0-9_-]; empty: nothing to keep whole).
std::string EncodeQuotedPrintable(std::string_view text, std::string_view unbreakable);
void AppendQuotedPrintable(std::string& out, std::string_view text, std::string_view unbreakable);
// The text again, exactly but for its line ends: every one is CRLF, a caller that wants LF turns them. Takes what
// other encoders write too (white space after a soft break, lower-case digits); a "=" that is no escape stays.
std::string DecodeQuotedPrintable(std::string_view encoded);

// Base64 in CRLF lines of 76 characters.
std::string EncodeBase64Lines(std::string_view data);
void AppendBase64Lines(std::string& out, std::string_view data);

}  // namespace sealpost::message
