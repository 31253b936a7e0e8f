#include "dns/resolver.h"

#include <charconv>

namespace sealpost::dns {
namespace {

std::unexpected<std::string> Refuse(std::string_view text, const std::string& why) {
  return std::unexpected("\"" + std::string(text) + "\" is not a DNS server: " + why +
                         ". Give an IP address, 192.0.2.53, or one with a port, 192.0.2.53:53 or [2001:db8::1]:53.");
}

struct HostPort {
  std::string_view host;
  std::string_view port;
  bool has_port = false;
};

HostPort SplitHostPort(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == text.npos) return {text, {}, false};
    const std::string_view rest = text.substr(close + 1);
    if (rest.empty()) return {text.substr(1, close - 1), {}, false};
    return rest.front() == ':' ? HostPort{text.substr(1, close - 1), rest.substr(1), true} : HostPort{text, {}, false};
  }
  const std::size_t colon = text.find(':');
  // Two colons and no bracket: a bare IPv6 address.
  if (colon == text.npos || text.find(':', colon + 1) != text.npos) return {text, {}, false};
  return {text.substr(0, colon), text.substr(colon + 1), true};
}

}  // namespace

std::expected<Server, std::string> ParseServer(std::string_view text) {
  const HostPort parts = SplitHostPort(text);
  const std::optional<Ip> ip = ParseIp(parts.host);
  if (!ip) return Refuse(text, "\"" + std::string(parts.host) + "\" is not an IP address");
  if (text.starts_with('[') && !ip->v6) return Refuse(text, "only an IPv6 address stands in brackets");
  Server server{*ip, 53};
  if (!parts.has_port) return server;
  const auto [end, error] = std::from_chars(parts.port.begin(), parts.port.end(), server.port);
  if (error != std::errc{} || end != parts.port.end() || server.port == 0) {
    return Refuse(text, "its port is not a number from 1 to 65535");
  }
  return server;
}

std::string ToString(const Server& server) {
  const std::string host = ToString(server.ip);
  return (server.ip.v6 ? "[" + host + "]" : host) + ":" + std::to_string(server.port);
}

std::string_view StatusName(Status status) {
  switch (status) {
    case Status::kAnswer:
      return "answer";
    case Status::kNoData:
      return "no such record";
    case Status::kNxDomain:
      return "NXDOMAIN";
    case Status::kServfail:
      return "SERVFAIL";
    case Status::kRefused:
      return "REFUSED";
    case Status::kOtherRcode:
      return "an error of the server";
    case Status::kTimeout:
      return "timeout";
    case Status::kUnreachable:
      return "no server reachable";
    case Status::kMalformed:
      return "malformed answer";
    case Status::kBadName:
      return "not a name that can be asked for";
  }
  return "unknown";
}

bool Answer::Told() const {
  return status == Status::kAnswer || Void();
}

bool Answer::Void() const {
  return status == Status::kNoData || status == Status::kNxDomain;
}

}  // namespace sealpost::dns
