#include "ratelimit/source.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

namespace sealpost::ratelimit {
namespace {

std::string Format4(in_addr address) {
  std::array<char, INET_ADDRSTRLEN> text{};
  inet_ntop(AF_INET, &address, text.data(), text.size());
  return text.data();
}

std::string Format6(in6_addr address, std::size_t bytes) {
  std::fill(address.s6_addr + bytes, address.s6_addr + sizeof address.s6_addr, 0);
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(AF_INET6, &address, text.data(), text.size());
  return std::string(text.data()) + '/' + std::to_string(bytes * 8);
}

bool IsInternal4(in_addr address) {
  constexpr std::pair<std::uint32_t, std::uint32_t> kNets[] = {
      {0x00000000U, 0xFF000000U}, {0x0A000000U, 0xFF000000U}, {0x7F000000U, 0xFF000000U}, {0x64400000U, 0xFFC00000U},
      {0xA9FE0000U, 0xFFFF0000U}, {0xAC100000U, 0xFFF00000U}, {0xC0A80000U, 0xFFFF0000U}};
  const std::uint32_t bits = ntohl(address.s_addr);
  return std::ranges::any_of(kNets, [bits](const auto& net) { return (bits & net.second) == net.first; });
}

bool IsInternal6(const in6_addr& address) {
  return IN6_IS_ADDR_LOOPBACK(&address) || IN6_IS_ADDR_UNSPECIFIED(&address) || IN6_IS_ADDR_LINKLOCAL(&address) ||
         (address.s6_addr[0] & 0xFE) == 0xFC;
}

Source Of4(in_addr address) {
  const in_addr net{htonl(ntohl(address.s_addr) & 0xFFFFFF00U)};
  return {.prefix = Format4(address), .net = Format4(net) + "/24", .internal = IsInternal4(address)};
}

}  // namespace

std::optional<Source> ParseSource(std::string_view ip) {
  if (ip.size() >= INET6_ADDRSTRLEN || ip.contains('\0')) return std::nullopt;
  const std::string text(ip);
  in_addr four{};
  if (inet_pton(AF_INET, text.c_str(), &four) == 1) return Of4(four);
  in6_addr six{};
  if (inet_pton(AF_INET6, text.c_str(), &six) != 1) return std::nullopt;
  if (IN6_IS_ADDR_V4MAPPED(&six)) {
    std::memcpy(&four, six.s6_addr + 12, sizeof four);
    return Of4(four);
  }
  return Source{.prefix = Format6(six, 8), .net = Format6(six, 6), .internal = IsInternal6(six)};
}

}  // namespace sealpost::ratelimit
