// The networks an IP address counts under.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sealpost::ratelimit {

struct Source {
  std::string prefix;     // the IPv4 address, or the IPv6 /64: what one subscriber commands
  std::string net;        // the /24 or the /48
  bool internal = false;  // of a network of one's own (RFC 1918, 4193, 6598), link-local, loopback or unspecified
};

// Nothing for text that is no IP address. An IPv6 address that carries an IPv4 address (::ffff:192.0.2.1) is that one.
std::optional<Source> ParseSource(std::string_view ip);

}  // namespace sealpost::ratelimit
