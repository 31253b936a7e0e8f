#include "api/app/relay_url.h"

#include <doctest/doctest.h>

using namespace sealpost;

namespace {

struct Peer {
  std::string host;
  int port;
  bool tls;
  bool operator==(const Peer&) const = default;
};

Peer ReadPeer(const char* url) {
  const auto peer = app::ParseRelayUrl(url);
  REQUIRE_MESSAGE(peer.has_value(), url);
  return {peer->host, static_cast<int>(peer->port), peer->implicit_tls};
}

}  // namespace

TEST_CASE("a relay has a host, a port by its scheme, and TLS from the first byte with smtps") {
  CHECK(ReadPeer("smtp://relay.example.com") == Peer{"relay.example.com", 25, false});
  CHECK(ReadPeer("smtp://relay.example.com:587/") == Peer{"relay.example.com", 587, false});
  CHECK(ReadPeer("smtps://relay.example.com") == Peer{"relay.example.com", 465, true});
  CHECK(ReadPeer("smtps://192.0.2.1:10465") == Peer{"192.0.2.1", 10465, true});
  CHECK(ReadPeer("smtp://[2001:db8::1]:2525") == Peer{"[2001:db8::1]", 2525, false});
  CHECK(ReadPeer("smtp://[::1]") == Peer{"[::1]", 25, false});
}

TEST_CASE("what is no relay is refused by its own words") {
  for (const char* bad : {"",
                          "relay",
                          "http://relay",
                          "smtp:relay",
                          "smtp://",
                          "smtp://:25",
                          "smtp://h:",
                          "smtp://h:0",
                          "smtp://h:65536",
                          "smtp://h:-1",
                          "smtp://h:25x",
                          "smtp://u@h",
                          "smtp://h/p",
                          "smtp://h?x",
                          "smtp://h h",
                          "smtp://::1:25",
                          "smtp://[::1",
                          "smtp://[::1]x:25",
                          "smtp://[]:25",
                          "smtp://h\r\nRCPT",
                          "SMTP://h"}) {
    const auto peer = app::ParseRelayUrl(bad);
    CHECK_MESSAGE(!peer.has_value(), std::string(bad));
    if (!peer) CHECK(peer.error().message.find(bad) != std::string::npos);
  }
}

TEST_CASE("a word that is no demand demands most") {
  CHECK(app::ParseTlsDemand("none") == net::TlsDemand::kNone);
  CHECK(app::ParseTlsDemand("opportunistic") == net::TlsDemand::kOpportunistic);
  CHECK(app::ParseTlsDemand("required") == net::TlsDemand::kRequired);
  CHECK(app::ParseTlsDemand("") == net::TlsDemand::kRequired);
}
