#include "api/app/listen_check.h"

#include <charconv>

#include "api/app/host_port.h"
#include "api/http/origin.h"

namespace sealpost::app {

namespace {

constexpr std::string_view kUnix = "unix:";
constexpr std::size_t kUnixPathBytes = 107;  // sun_path with its terminator is 108

std::optional<int> ParsePort(std::string_view digits) {
  int port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port < 0 || port > 65'535) return std::nullopt;
  return port;
}

bool IsWildcard(std::string_view host) {
  return host == "0.0.0.0" || http::ParseAddress(host) == http::AddressBytes{};
}

}  // namespace

std::optional<Listen> ParseListen(std::string_view text) {
  if (text.starts_with(kUnix)) {
    const std::string_view path = text.substr(kUnix.size());
    if (path.empty() || path.size() > kUnixPathBytes) return std::nullopt;
    return Listen{"", std::string(path), 0, true};
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host == "localhost" && !bracketed) host = "127.0.0.1";
  const auto port = ParsePort(text.substr(colon + 1));
  // Brackets and colons come together: ::1:8025 could be read in two ways.
  if (!port || !http::ParseAddress(host) || bracketed != host.contains(':')) return std::nullopt;
  return Listen{std::string(host), "", *port, IsLoopbackHost(host)};
}

bool Clash(const Listen& left, const Listen& right) {
  if (!left.path.empty() || !right.path.empty()) return left.path == right.path;
  if (left.port != right.port || left.port == 0) return false;
  return left.host == right.host || IsWildcard(left.host) || IsWildcard(right.host);
}

}  // namespace sealpost::app
