// The tree of a MIME message (RFC 2045, 2046) and its octets. Leaves view the contents they are given: those must
// outlive the tree.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mailer/model/raw_message.h"

namespace sealpost::message {

struct Part {
  std::string fields;           // Content-* fields, each ending in CRLF; all of them for a leaf
  std::string_view content;     // of a leaf
  bool is_text = false;         // quoted-printable; base64 otherwise
  model::Span* span = nullptr;  // where the encoded content came to lie; may be null
  std::string subtype;          // of a multipart
  std::vector<Part> children;   // not empty: a multipart
};

// text/plain or text/html in UTF-8.
Part TextPart(std::string_view subtype, std::string_view content, model::Span* span);
// `fields` without the transfer encoding.
Part DataPart(std::string fields, std::string_view content);
// The only child itself if there is one: a multipart of one part says nothing and confuses filters.
Part Multipart(std::string_view subtype, std::vector<Part> children);

// Appends the root's Content-* fields, the empty line and the body, which ends in CRLF. `seed` makes the boundaries
// (at most 50 characters of [A-Za-z0-9_-]); `unbreakable` stays whole in the text parts.
void AppendEntity(std::string& out, const Part& root, std::string_view seed, std::string_view unbreakable);

}  // namespace sealpost::message
