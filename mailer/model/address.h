// Mail addresses: parsing, and the parsed form that everything else uses.
// Rules: RFC 5321 4.1.2 (quoted local parts kept), RFC 5322 3.4 for "Name <a@b>", UTS 46 non-transitional with
// STD3 rules for the domain (A-label, lower case). Split at the last unquoted @; local part at most 64 octets,
// whole address at most 254. Comments, source routes, address literals, control characters are refused.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mailer/base/error.h"

namespace sealpost::model {

struct Address {
  std::string local;   // as given, quotes included
  std::string domain;  // lower-case A-label without trailing dot

  // The one canonical form on the wire: local@domain.
  std::string ToString() const { return local + "@" + domain; }
  // A local part outside ASCII needs SMTPUTF8 (RFC 6531) on the whole way.
  bool NeedsSmtpUtf8() const;
  bool operator==(const Address&) const = default;
};

struct Mailbox {
  std::string name;  // display name in UTF-8, unquoted; may be empty
  Address address;
  bool operator==(const Mailbox&) const = default;
};

// Errors say what is wrong with which part, without a field name: the caller adds it.
base::Result<Address> ParseAddress(std::string_view text);
// "a@b", "<a@b>", "Name <a@b>" or "\"Na, me\" <a@b>". Bidi controls in the name are dropped (UTS 39), other
// control characters refused.
base::Result<Mailbox> ParseMailbox(std::string_view text);
// A domain in any spelling to its lower-case A-label; refuses what is no host name of at least two labels.
base::Result<std::string> ToAsciiDomain(std::string_view domain);
// A display name as RFC 5322 3.2.5 phrase: itself if made of atoms, a quoted string otherwise.
std::string QuotePhrase(std::string_view name);
// "Name <a@b>" for showing and storing; the name is quoted where RFC 5322 asks for it. Parses back to itself.
std::string Format(const Mailbox& mailbox);

}  // namespace sealpost::model
