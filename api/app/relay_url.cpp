#include "api/app/relay_url.h"

#include <charconv>

namespace sealpost::app {

base::Result<net::SmtpPeer> ParseRelayUrl(std::string_view url) {
  const auto refuse = [&] {
    return base::Fail(base::ErrorKind::kInvalid,
                      "the relay \"" + std::string(url) + "\" is not smtp://HOST:PORT or smtps://HOST:PORT");
  };
  net::SmtpPeer peer;
  std::string_view rest = url;
  if (rest.starts_with("smtp://")) {
    rest.remove_prefix(7);
  } else if (rest.starts_with("smtps://")) {
    rest.remove_prefix(8);
    peer.implicit_tls = true;
    peer.port = 465;
  } else {
    return refuse();
  }
  while (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find_first_of("/@?# ") != std::string_view::npos) return refuse();
  const std::size_t bracket = rest.find(']');
  const std::size_t colon = rest.find(':', rest.starts_with('[') && bracket != std::string_view::npos ? bracket : 0);
  peer.host = std::string(rest.substr(0, colon));
  if (peer.host.empty()) return refuse();
  if (colon != std::string_view::npos) {
    const std::string_view port = rest.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), peer.port);
    if (error != std::errc() || end != port.data() + port.size() || peer.port < 1 || peer.port > 65'535)
      return refuse();
  }
  return peer;
}

net::TlsDemand ParseTlsDemand(std::string_view word) {
  if (word == "none") return net::TlsDemand::kNone;
  return word == "opportunistic" ? net::TlsDemand::kOpportunistic : net::TlsDemand::kRequired;
}

}  // namespace sealpost::app
