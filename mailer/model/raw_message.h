// A composed message: CRLF bytes, and the places that differ from recipient to recipient.
// A message to 50 mailboxes is composed and stored once; slots are filled, then it is signed, at delivery.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sealpost::model {

struct Span {
  std::size_t offset = 0;
  std::size_t length = 0;
  bool operator==(const Span&) const = default;
};

struct RawMessage {
  std::string bytes;  // header and body, every line ends in CRLF, 7-bit but for SMTPUTF8 addresses
  std::vector<std::size_t> unsubscribe_slots;  // ascending offsets of base::TokenSigner::kUrlWidth characters
  Span text_part;  // the encoded (quoted-printable) text part inside bytes; empty if there is none
  Span html_part;
  bool smtputf8 = false;  // a header holds a raw UTF-8 address: needs SMTPUTF8 to leave
};

// The bytes with `token` in every slot. The token has exactly the slot's width.
std::string FillSlots(const RawMessage& message, std::string_view token);

}  // namespace sealpost::model
