// An attachment's own header fields: media type (RFC 2045 5), disposition and filename (RFC 2183, RFC 2231),
// Content-ID (RFC 2392). Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "mailer/base/error.h"
#include "mailer/message/compose.h"

namespace sealpost::message {

// The Content-* fields but for the transfer encoding, each ending in CRLF. `field` is the attachment's path in the
// request ("attachments/0"). `is_inline`: shown inside the html, named by its Content-ID.
base::Result<std::string> AttachmentFields(const Attachment& attachment, bool is_inline, const std::string& field);

// Path separators become "_"; control and bidi characters go; at most 255 octets, cut before the extension. Never "."
// or "..". May be empty. `filename` is valid UTF-8.
std::string SafeFilename(std::string_view filename);

// By the extension; "application/octet-stream" if it says nothing.
std::string_view GuessContentType(std::string_view filename);

}  // namespace sealpost::message
