// Where a request comes from: the client behind proxies, and whether Host and Origin are ours. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/message.h"
#include "mailer/base/error.h"

namespace sealpost::http {

// An address in 16 bytes; IPv4 as ::ffff:a.b.c.d, so that one comparison serves both.
using AddressBytes = std::array<std::uint8_t, 16>;
std::optional<AddressBytes> ParseAddress(std::string_view text);

// Proxies whose X-Forwarded-For and X-Forwarded-Proto count. Immutable, thread safe.
class TrustedProxies {
 public:
  // Addresses or CIDR blocks ("10.0.0.0/8", "fd00::/8"). kInvalid names the entry that is neither.
  static base::Result<TrustedProxies> Parse(const std::vector<std::string>& entries);
  bool Contains(std::string_view address) const;
  bool empty() const { return blocks_.empty(); }

 private:
  struct Block {
    AddressBytes address;
    int bits;
  };
  std::vector<Block> blocks_;
};

// Sets client and secure. Behind a trusted peer the client is the right-most address of X-Forwarded-For that is not
// a trusted proxy itself: everything left of it was written by the client.
void SetClient(Request& request, const std::string& peer, bool tls, const TrustedProxies& proxies);

// What connections are counted under: an IPv4 address, or the /64 of an IPv6 address, which is one household.
std::string CountingKey(const std::string& peer);
bool IsLoopback(std::string_view address);

// Nothing if `hosts` is empty or names the request's Host (an entry without a port stands for every port) and its
// Origin, if there is one; otherwise what is foreign, "Host" or "Origin".
std::optional<std::string> ForeignTo(const std::vector<std::string>& hosts, const Request& request);

}  // namespace sealpost::http
