#include "api/http/origin.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "api/http/field_text.h"

namespace sealpost::http {
namespace {

constexpr AddressBytes kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr int kMappedBits = 96;

bool SameBits(const AddressBytes& left, const AddressBytes& right, int bits) {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (std::memcmp(left.data(), right.data(), whole) != 0) return false;
  if (bits % 8 == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - bits % 8));
  return ((left[whole] ^ right[whole]) & mask) == 0;
}

bool IsMapped(const AddressBytes& address) {
  return SameBits(address, kMappedPrefix, kMappedBits);
}

std::string_view WithoutPort(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, std::min(host.find(']') + 1, host.size()));
  return host.substr(0, host.find(':'));
}

// Some proxies write "192.0.2.1:5678" or "[2001:db8::1]:5678".
std::string_view BareAddress(std::string_view entry) {
  if (entry.starts_with('[')) return entry.substr(1, std::min(entry.find(']'), entry.size()) - 1);
  return std::ranges::count(entry, ':') == 1 ? entry.substr(0, entry.find(':')) : entry;
}

bool Names(const std::vector<std::string>& hosts, std::string_view host) {
  return std::ranges::any_of(
      hosts, [&](const std::string& own) { return SameText(own, host) || SameText(own, WithoutPort(host)); });
}

// The last member of a list such as "a, b".
std::string_view TakeLast(std::string_view& list) {
  const auto comma = list.rfind(',');
  const std::string_view last = Trim(comma == std::string_view::npos ? list : list.substr(comma + 1));
  list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
  return last;
}

}  // namespace

std::optional<AddressBytes> ParseAddress(std::string_view text) {
  const std::string copy(text);  // inet_pton wants a terminator
  AddressBytes bytes = kMappedPrefix;
  if (inet_pton(AF_INET, copy.c_str(), bytes.data() + 12) == 1) return bytes;
  if (inet_pton(AF_INET6, copy.c_str(), bytes.data()) == 1) return bytes;
  return std::nullopt;
}

base::Result<TrustedProxies> TrustedProxies::Parse(const std::vector<std::string>& entries) {
  TrustedProxies proxies;
  for (const std::string& entry : entries) {
    const auto slash = std::min(entry.find('/'), entry.size());
    const auto address = ParseAddress(std::string_view(entry).substr(0, slash));
    const int most = address && IsMapped(*address) ? 32 : 128;
    int bits = most;
    bool good = address.has_value();
    if (good && slash < entry.size()) {
      const char* end = entry.data() + entry.size();
      const auto [stop, error] = std::from_chars(entry.data() + slash + 1, end, bits);
      good = error == std::errc() && stop == end && bits >= 0 && bits <= most;
    }
    if (!good) {
      return base::Fail(base::ErrorKind::kInvalid,
                        "trusted_proxies: \"" + entry + "\" is neither an IP address nor a block such as 10.0.0.0/8",
                        "trusted_proxies");
    }
    proxies.blocks_.push_back({*address, most == 32 ? bits + kMappedBits : bits});
  }
  return proxies;
}

bool TrustedProxies::Contains(std::string_view address) const {
  const auto bytes = ParseAddress(address);
  return bytes &&
         std::ranges::any_of(blocks_, [&](const Block& block) { return SameBits(block.address, *bytes, block.bits); });
}

void SetClient(Request& request, const std::string& peer, bool tls, const TrustedProxies& proxies) {
  request.client = peer;
  request.secure = tls;
  if (!proxies.Contains(peer)) return;
  std::string_view protocols = request.Header("X-Forwarded-Proto");
  if (SameText(TakeLast(protocols), "https")) request.secure = true;
  std::string_view hops = request.Header("X-Forwarded-For");
  while (!hops.empty()) {
    const std::string_view hop = BareAddress(TakeLast(hops));
    if (!ParseAddress(hop)) return;  // what stands left of nonsense cannot be trusted
    request.client = hop;
    if (!proxies.Contains(hop)) return;
  }
}

std::string CountingKey(const std::string& peer) {
  const auto bytes = ParseAddress(peer);
  if (!bytes || IsMapped(*bytes)) return peer;
  return {reinterpret_cast<const char*>(bytes->data()), 8};
}

bool IsLoopback(std::string_view address) {
  const auto bytes = ParseAddress(address);
  if (!bytes) return false;
  constexpr AddressBytes kOne = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return *bytes == kOne || (IsMapped(*bytes) && (*bytes)[12] == 127);
}

std::optional<std::string> ForeignTo(const std::vector<std::string>& hosts, const Request& request) {
  if (hosts.empty()) return std::nullopt;
  if (!Names(hosts, request.Header("Host"))) return "Host";
  if (!request.headers.contains("Origin")) return std::nullopt;
  std::string_view origin = request.Header("Origin");
  const auto scheme = origin.find("://");
  if (scheme == std::string_view::npos) return "Origin";  // "null" is somebody's sandbox
  return Names(hosts, origin.substr(scheme + 3)) ? std::nullopt : std::optional<std::string>("Origin");
}

}  // namespace sealpost::http
