// Where reports and logos are to be found: the URIs in DMARC, TLS-RPT and BIMI records (RFC 3986, RFC 6068). Pure.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace sealpost::dns {

struct Uri {
  std::string scheme;  // lower case
  std::string host;    // lower case; domain of a mailto's mailbox, otherwise the authority's host; may be empty
};

// Otherwise a sentence what is wrong: no scheme, a character that has to be percent-encoded, a mailto without a mailbox
// or whose domain is no host name, an http(s) without a host.
std::expected<Uri, std::string> ParseUri(std::string_view text);

}  // namespace sealpost::dns
