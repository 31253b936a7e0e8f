// Header fields as octets. Folded only at white space and never before the first word (RFC 5322 2.2.3); encoded-words
// only where text or a phrase may hold them, at most 75 characters of whole UTF-8 characters each (RFC 2047 5).
// Pure: every function appends one whole field, CRLF included. Values hold no CR, LF or NUL and are valid UTF-8: the
// composer has refused the rest.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mailer/model/address.h"

namespace sealpost::message {

// A word longer than this cannot stand on a line of 998 octets beside any field name; text is encoded from here on.
constexpr std::size_t kWordAtMost = 900;

// Unstructured text: encoded where it is not printable ASCII or looks encoded already; white space at its ends is
// dropped, white space inside is kept.
void AppendText(std::string& out, std::string_view name, std::string_view value);
// Structured ASCII without encoded-words; runs of white space become one space. No word above kWordAtMost.
void AppendWords(std::string& out, std::string_view name, std::string_view value);
// From, To, Cc, Reply-To; nothing at all for an empty list. Local parts outside ASCII stay raw (RFC 6532).
void AppendMailboxes(std::string& out, std::string_view name, const std::vector<model::Mailbox>& mailboxes);
// A phrase and what stands in angle brackets after it, as in List-Id (RFC 2919).
void AppendPhraseAndToken(std::string& out, std::string_view name, std::string_view phrase, std::string_view token);

}  // namespace sealpost::message
