#include "dns/ip.h"

#include <arpa/inet.h>

#include <algorithm>
#include <span>
#include <vector>

namespace sealpost::dns {
namespace {

constexpr std::size_t kV4Bytes = 4;
constexpr std::size_t kV6Groups = 8;
constexpr char kHex[] = "0123456789abcdef";

Ip V4At(const Ip& ip, std::size_t offset) {
  Ip v4;
  std::copy_n(ip.bytes.begin() + offset, kV4Bytes, v4.bytes.begin());
  return v4;
}

std::string DottedQuad(std::span<const std::uint8_t> bytes) {
  std::string text;
  for (std::size_t i = 0; i < kV4Bytes; ++i) text += (i == 0 ? "" : ".") + std::to_string(bytes[i]);
  return text;
}

bool IsMapped(const Ip& ip) {
  return ip.v6 && std::all_of(ip.bytes.begin(), ip.bytes.begin() + 10, [](std::uint8_t b) { return b == 0; }) &&
         ip.bytes[10] == 0xff && ip.bytes[11] == 0xff;
}

std::string Group(unsigned value) {
  std::string text;
  for (int shift = 12; shift >= 0; shift -= 4) {
    const unsigned digit = value >> shift & 0xf;
    if (digit != 0 || !text.empty() || shift == 0) text += kHex[digit];
  }
  return text;
}

struct Run {
  std::size_t begin = kV6Groups;
  std::size_t length = 0;
};

// The first of the longest runs of zero groups; one group alone is not shortened (RFC 5952 4.2.2, 4.2.3).
Run LongestZeros(const std::array<unsigned, kV6Groups>& groups) {
  Run best;
  for (std::size_t i = 0; i < kV6Groups; ++i) {
    std::size_t end = i;
    while (end < kV6Groups && groups[end] == 0) ++end;
    if (end - i >= 2 && end - i > best.length) best = {i, end - i};
  }
  return best;
}

struct Block {
  Ip network;
  unsigned prefix;
  bool global;
};

struct BlockText {
  const char* network;
  unsigned prefix;
  bool global;
};

// IANA's special-purpose address registries with what RFC 6890 leaves to others (multicast, 240/4); the first row that
// holds the address decides.
constexpr BlockText kSpecial[] = {
    {"0.0.0.0", 8, false},      {"10.0.0.0", 8, false},      {"100.64.0.0", 10, false},  {"127.0.0.0", 8, false},
    {"169.254.0.0", 16, false}, {"172.16.0.0", 12, false},   {"192.0.0.9", 32, true},    {"192.0.0.10", 32, true},
    {"192.0.0.0", 24, false},   {"192.0.2.0", 24, false},    {"192.88.99.0", 24, false}, {"192.168.0.0", 16, false},
    {"198.18.0.0", 15, false},  {"198.51.100.0", 24, false}, {"203.0.113.0", 24, false}, {"224.0.0.0", 4, false},
    {"240.0.0.0", 4, false},    {"0.0.0.0", 0, true},        {"64:ff9b::", 96, true},    {"2001:1::1", 128, true},
    {"2001:1::2", 128, true},   {"2001:1::3", 128, true},    {"2001:3::", 32, true},     {"2001:4:112::", 48, true},
    {"2001:20::", 28, true},    {"2001:30::", 28, true},     {"2001::", 23, false},      {"2001:db8::", 32, false},
    {"3fff::", 20, false},      {"2000::", 3, true},         {"::", 0, false},
};

const std::vector<Block>& Special() {
  static const std::vector<Block> blocks = [] {
    std::vector<Block> parsed;
    for (const BlockText& row : kSpecial) parsed.push_back({ParseIp(row.network).value(), row.prefix, row.global});
    return parsed;
  }();
  return blocks;
}

}  // namespace

std::optional<Ip> ParseIp(std::string_view text) {
  // inet_pton reads a C string and would take "192.0.2.1\0x" for an address.
  if (text.empty() || text.size() > INET6_ADDRSTRLEN || text.contains('\0')) return std::nullopt;
  const std::string copy(text);
  Ip ip;
  if (inet_pton(AF_INET, copy.c_str(), ip.bytes.data()) == 1) return ip;
  ip = {};
  ip.v6 = true;
  if (inet_pton(AF_INET6, copy.c_str(), ip.bytes.data()) == 1) return ip;
  return std::nullopt;
}

std::string ToString(const Ip& ip) {
  if (!ip.v6) return DottedQuad(ip.bytes);
  if (IsMapped(ip)) return "::ffff:" + DottedQuad(std::span(ip.bytes).subspan(12));
  std::array<unsigned, kV6Groups> groups{};
  for (std::size_t i = 0; i < kV6Groups; ++i) groups[i] = unsigned{ip.bytes[2 * i]} << 8 | ip.bytes[2 * i + 1];
  const Run zeros = LongestZeros(groups);
  std::string text;
  for (std::size_t i = 0; i < kV6Groups;) {
    if (i == zeros.begin) {
      text += "::";
      i += zeros.length;
      continue;
    }
    if (!text.empty() && !text.ends_with(':')) text += ':';
    text += Group(groups[i++]);
  }
  return text;
}

Ip Unmapped(const Ip& ip) {
  return IsMapped(ip) ? V4At(ip, 12) : ip;
}

bool InNetwork(const Ip& ip, const Ip& network, unsigned prefix) {
  if (ip.v6 != network.v6 || prefix > (ip.v6 ? 128u : 32u)) return false;
  const std::size_t whole = prefix / 8;
  if (!std::equal(ip.bytes.begin(), ip.bytes.begin() + whole, network.bytes.begin())) return false;
  const unsigned rest = prefix % 8;
  return rest == 0 || (ip.bytes[whole] ^ network.bytes[whole]) >> (8 - rest) == 0;
}

std::string ReverseName(const Ip& ip) {
  std::string name;
  if (!ip.v6) {
    for (std::size_t i = kV4Bytes; i-- > 0;) name += std::to_string(ip.bytes[i]) + ".";
    return name + "in-addr.arpa";
  }
  for (std::size_t i = ip.bytes.size(); i-- > 0;) {
    name += {kHex[ip.bytes[i] & 0xf], '.', kHex[ip.bytes[i] >> 4], '.'};
  }
  return name + "ip6.arpa";
}

bool IsPublic(const Ip& ip) {
  static const Ip six_to_four = ParseIp("2002::").value();
  static const Ip nat64 = ParseIp("64:ff9b::").value();
  if (IsMapped(ip)) return IsPublic(Unmapped(ip));
  if (InNetwork(ip, six_to_four, 16) && !IsPublic(V4At(ip, 2))) return false;
  if (InNetwork(ip, nat64, 96) && !IsPublic(V4At(ip, 12))) return false;
  const auto& blocks = Special();
  const auto block = std::ranges::find_if(blocks, [&](const Block& b) { return InNetwork(ip, b.network, b.prefix); });
  return block->global;  // the table ends with both whole families
}

}  // namespace sealpost::dns
