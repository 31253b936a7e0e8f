// An IPv4 or IPv6 address as a value.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sealpost::dns {

// Network order; an IPv4 address has its bytes in front and the rest zero. ::ffff:192.0.2.1 stays IPv6 until
// Unmapped().
struct Ip {
  std::array<std::uint8_t, 16> bytes{};
  bool v6 = false;

  auto operator<=>(const Ip&) const = default;
};

// Strict: four decimal octets without leading zeros, or RFC 4291 text; no zone, no brackets, no blanks.
std::optional<Ip> ParseIp(std::string_view text);
// Dotted quad, or RFC 5952.
std::string ToString(const Ip& ip);
// An IPv4-mapped IPv6 address as IPv4 (RFC 7208 5), any other as it is.
Ip Unmapped(const Ip& ip);
// False where the families differ. `prefix` is 0..32 or 0..128.
bool InNetwork(const Ip& ip, const Ip& network, unsigned prefix);
// "1.2.0.192.in-addr.arpa" (RFC 1035 3.5), or the 32 nibbles under ip6.arpa (RFC 3596 2.5).
std::string ReverseName(const Ip& ip);
// Reachable over the internet by the special-purpose registries (RFC 6890): not private, shared, loopback, link-local,
// documentation, benchmarking, multicast, unspecified or reserved; an IPv6 address that carries an IPv4 one (mapped,
// 6to4, NAT64) is judged by it too.
bool IsPublic(const Ip& ip);

}  // namespace sealpost::dns
