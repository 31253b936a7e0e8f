#include "api/app/host_port.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace sealpost::app {

namespace {

bool IsBracketed(std::string_view host) {
  return host.size() > 2 && host.front() == '[' && host.back() == ']';
}

bool IsHost(std::string_view host) {
  if (IsBracketed(host)) {
    in6_addr address{};
    return inet_pton(AF_INET6, std::string(host.substr(1, host.size() - 2)).c_str(), &address) == 1;
  }
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
  };
  return !host.empty() && std::all_of(host.begin(), host.end(), allowed);
}

}  // namespace

std::optional<HostPort> ParseHostPort(std::string_view text) {
  const std::size_t bracket = text.rfind(']');
  const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  HostPort parsed{std::string(text.substr(0, colon)), std::nullopt};
  if (!IsHost(parsed.host)) return std::nullopt;
  if (colon == std::string_view::npos) return parsed;
  const std::string_view digits = text.substr(colon + 1);
  int port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port < 1 || port > 65'535) return std::nullopt;
  parsed.port = port;
  return parsed;
}

bool IsLoopbackHost(std::string_view host) {
  if (host == "localhost") return true;
  const std::string text(IsBracketed(host) ? host.substr(1, host.size() - 2) : host);
  in_addr v4{};
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, text.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace sealpost::app
