#include "api/app/relay_url.h"

#include "api/app/host_port.h"

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
  const auto parsed = ParseHostPort(rest);
  if (!parsed) return refuse();
  peer.host = parsed->host;
  if (parsed->port) peer.port = *parsed->port;
  return peer;
}

net::TlsDemand ParseTlsDemand(std::string_view word) {
  if (word == "none") return net::TlsDemand::kNone;
  return word == "opportunistic" ? net::TlsDemand::kOpportunistic : net::TlsDemand::kRequired;
}

}  // namespace sealpost::app
