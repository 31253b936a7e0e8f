#include "api/app/config_check.h"

#include <doctest/doctest.h>

using namespace sealpost;
using app::Config;

namespace {

Config Good() {
  Config config;
  config.server.public_url = "https://mail.example.com";
  config.delivery.relay = "smtp://relay.example.com:587";
  return config;
}

template <class Change>
std::string Refused(Change change) {
  Config config = Good();
  change(config);
  const auto checked = app::CheckConfig("f.toml", config);
  return checked ? "(accepted)" : checked.error().message;
}

bool Begins(const std::string& text, const std::string& key) {
  return text.starts_with("f.toml: " + key + " ");
}

std::string RelayTls(const std::string& relay, const std::string& configured = "") {
  Config config = Good();
  config.delivery.relay = relay;
  config.delivery.relay_tls = configured;
  return app::RelayTls(config);
}

}  // namespace

TEST_CASE("public_url is the https root of a host") {
  for (const char* good : {"https://mail.example.com", "https://mail.example.com:8443", "https://mail.example.com//",
                           "https://[2001:db8::1]"}) {
    CHECK_MESSAGE(Refused([&](Config& c) { c.server.public_url = good; }) == "(accepted)", std::string(good));
  }
  for (const char* bad :
       {"", "http://mail.example.com", "https://", "https:///x", "https://mail.example.com/mail",
        "https://a@mail.example.com", "https://mail.example.com?x", "https://mail.example.com#x",
        "https://mail example.com", "https://mail.example.com\r\nX: y", "https://mail.example.com>", "https://:8443"}) {
    CHECK_MESSAGE(Begins(Refused([&](Config& c) { c.server.public_url = bad; }), "server.public_url"),
                  std::string(bad));
  }
  Config config = Good();
  config.server.public_url += "//";
  REQUIRE(app::CheckConfig("f.toml", config));
  CHECK(config.server.public_url == "https://mail.example.com");
}

TEST_CASE("direct delivery is refused with the reason and the remedy") {
  const std::string message = Refused([](Config& c) { c.delivery.mode = "direct"; });
  CHECK(Begins(message, "delivery.mode"));
  CHECK(message.find("comes with the delivery engine: it needs the address guard and the TLS policy first") !=
        std::string::npos);
  CHECK(Begins(Refused([](Config& c) { c.delivery.mode = "Relay"; }), "delivery.mode"));
}

TEST_CASE("the relay is a URL that can be dialled, without credentials") {
  for (const char* bad :
       {"", "relay.example.com", "http://relay.example.com", "smtp://", "smtp://user@relay.example.com", "smtp://h:0",
        "smtp://h:65536", "smtp://h:x", "smtp://h/path"}) {
    CHECK_MESSAGE(Begins(Refused([&](Config& c) { c.delivery.relay = bad; }), "delivery.relay"), std::string(bad));
  }
  CHECK(Begins(Refused([](Config& c) { c.delivery.relay_user = "u"; }), "delivery.relay_user"));
  CHECK(Begins(Refused([](Config& c) { c.delivery.relay_tls = "yes"; }), "delivery.relay_tls"));
  CHECK(Begins(Refused([](Config& c) {
                 c.delivery.relay = "smtps://relay.example.com";
                 c.delivery.relay_tls = "none";
               }),
               "delivery.relay_tls"));
}

TEST_CASE("numbers have bounds, and files come in pairs") {
  CHECK(Begins(Refused([](Config& c) { c.server.connections = 15; }), "server.connections"));
  CHECK(Begins(Refused([](Config& c) { c.server.connections = 20'001; }), "server.connections"));
  CHECK(Begins(Refused([](Config& c) { c.server.requests_per_second = 0; }), "server.requests_per_second"));
  CHECK(Begins(Refused([](Config& c) { c.delivery.relay_connections = 0; }), "delivery.relay_connections"));
  CHECK(Begins(Refused([](Config& c) { c.delivery.retry_seconds = {30, 0}; }), "delivery.retry_seconds"));
  CHECK(Begins(Refused([](Config& c) { c.server.certificate_file = "x"; }), "server.certificate_file"));
  CHECK(Begins(Refused([](Config& c) { c.log_level = "loud"; }), "log.level"));
}

TEST_CASE("TLS towards the relay is required but on loopback, and a name that only begins like loopback is none") {
  CHECK(RelayTls("smtp://relay.example.com:25") == "required");
  CHECK(RelayTls("smtp://relay.example.com:25", "none") == "none");
  CHECK(RelayTls("smtps://127.0.0.1:465") == "required");
  for (const char* loopback :
       {"smtp://127.0.0.1:2525", "smtp://127.1.2.3", "smtp://localhost:2525", "smtp://[::1]:2525"}) {
    CHECK_MESSAGE(RelayTls(loopback) == "opportunistic", std::string(loopback));
  }
  for (const char* remote : {"smtp://127.relay.example.com", "smtp://localhost.example.com:25",
                             "smtp://127.0.0.1.example.com:25", "smtp://[::2]:25"}) {
    CHECK_MESSAGE(RelayTls(remote) == "required", std::string(remote));
  }
}
