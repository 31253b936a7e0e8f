// The grammar of SMTP commands (RFC 5321 4.1.1, 4.1.2) as far as a server has to read it. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sealpost::smtpd {

struct Command {
  std::string verb;      // upper case
  std::string argument;  // without surrounding white space
};

// `line` comes without its CRLF.
Command ParseCommand(std::string_view line);

// The argument of MAIL and RCPT.
struct Path {
  std::string address;  // without brackets and source route (RFC 5321 appendix F.2 ignores it); empty: <>
  std::vector<std::pair<std::string, std::string>> parameters;  // keyword in upper case, value
};

// Reads `keyword` ("FROM:" or "TO:", any case), the path in its brackets, and the parameters.
std::optional<Path> ParsePath(std::string_view argument, std::string_view keyword);

// local@domain or local@[literal] within the limits of RFC 5321 4.5.3.1: 64 octets before the last unquoted @, 254 in
// all, no control characters, white space only inside quotes. UTF-8 is let through (RFC 6531). Single-label domains
// are fine: who may be written to is not a matter of grammar.
bool IsMailbox(std::string_view address);
bool IsAscii(std::string_view text);

}  // namespace sealpost::smtpd
