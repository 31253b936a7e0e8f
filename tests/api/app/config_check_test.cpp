#include "api/app/config_check.h"

#include <doctest/doctest.h>

using namespace sealpost;
using app::Config;

namespace {

Config GoodConfig() {
  Config config;
  config.server.public_url = "https://mail.example.com";
  config.delivery.relay = "smtp://relay.example.com:587";
  return config;
}

template <class Change>
std::string Refused(Change change) {
  Config config = GoodConfig();
  change(config);
  const auto checked = app::CheckConfig("f.toml", config);
  return checked ? "(accepted)" : checked.error().message;
}

bool Begins(const std::string& text, const std::string& key) {
  return text.starts_with("f.toml: " + key + (key.ends_with(':') ? "" : " "));
}

std::string RelayTls(const std::string& relay, const std::string& configured = "") {
  Config config = GoodConfig();
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
  Config config = GoodConfig();
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

TEST_CASE("listen is an address that can be bound, and one that others reach has TLS or a proxy") {
  for (const char* good : {"127.0.0.1:8025", "127.0.0.1:0", "localhost:8025", "[::1]:8025", "unix:/run/a.sock"}) {
    CHECK_MESSAGE(Refused([&](Config& c) { c.server.listen = good; }) == "(accepted)", std::string(good));
  }
  for (const char* bad : {"", "junk", ":8025", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:http",
                          "::1:8025", "mail.example.com:8025", "999.0.0.1:8025", "unix:"}) {
    CHECK_MESSAGE(Begins(Refused([&](Config& c) { c.server.listen = bad; }), "server.listen"), std::string(bad));
  }
  for (const char* open : {"0.0.0.0:8025", "[::]:8025", "192.0.2.1:8025"}) {
    const auto listen = [&](Config& c) { c.server.listen = open; };
    CHECK_MESSAGE(Begins(Refused(listen), "server.listen"), std::string(open));
    CHECK(Refused([&](Config& c) {
            listen(c);
            c.server.certificate_file = c.server.key_file = "x";
          }) == "(accepted)");
    CHECK(Refused([&](Config& c) {
            listen(c);
            c.server.trusted_proxies = {"10.0.0.0/8"};
          }) == "(accepted)");
  }
}

TEST_CASE("metrics are for this machine, on an address of their own") {
  const auto metrics = [](const char* listen) {
    return Refused([&](Config& c) {
      c.server.certificate_file = c.server.key_file = "x";
      c.server.metrics_listen = listen;
    });
  };
  for (const char* good : {"", "127.0.0.1:9025", "[::1]:8025", "unix:/run/metrics.sock"}) {
    CHECK_MESSAGE(metrics(good) == "(accepted)", std::string(good));
  }
  for (const char* bad : {"junk", "0.0.0.0:9025", "192.0.2.1:9025", "127.0.0.1:8025", "localhost:8025"}) {
    CHECK_MESSAGE(Begins(metrics(bad), "server.metrics_listen"), std::string(bad));
  }
  CHECK(Begins(Refused([](Config& c) {
                 c.server.trusted_proxies = {"10.0.0.1"};
                 c.server.listen = "0.0.0.0:8025";
                 c.server.metrics_listen = "127.0.0.1:8025";
               }),
               "server.metrics_listen"));
  CHECK(Refused([](Config& c) { c.server.listen = c.server.metrics_listen = "127.0.0.1:0"; }) == "(accepted)");
}

TEST_CASE("a trusted proxy is an address or a block") {
  CHECK(Refused([](Config& c) { c.server.trusted_proxies = {"127.0.0.1", "fd00::/8"}; }) == "(accepted)");
  const std::string message = Refused([](Config& c) { c.server.trusted_proxies = {"127.0.0.1", "lala"}; });
  CHECK(message.starts_with("f.toml: server.trusted_proxies"));
  CHECK(message.find("\"lala\"") != std::string::npos);
}

TEST_CASE("the store is an absolute path of SQLite") {
  for (const char* bad : {"", "sqlite://relative.db", "sqlite:///folder/", "sqlite:/a.db", "/a.db", "mysql://h/db"}) {
    CHECK_MESSAGE(Begins(Refused([&](Config& c) { c.store.url = bad; }), "store.url"), std::string(bad));
  }
  for (const char* url : {"postgresql://u:hunter2@h/db", "postgres://u:hunter2@h/db"}) {
    const std::string message = Refused([&](Config& c) { c.store.url = url; });
    CHECK_MESSAGE(message.starts_with("f.toml: store.url postgresql:// is not served yet"), message);
    CHECK(message.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("the store of the limits is Redis without credentials in its address, or memory") {
  for (const char* good : {"memory", "redis://127.0.0.1", "redis://[::1]:6379/3", "redis+unix:///run/redis.sock"}) {
    CHECK_MESSAGE(Refused([&](Config& c) { c.limits.store = good; }) == "(accepted)", std::string(good));
  }
  for (const char* bad : {"", "Memory", "redis://", "redis://h:x", "redis://:hunter2@h", "redis://u:hunter2@h:6379/0",
                          "rediss://:hunter2@h", "redis://h/hunter2", "redis://h:hunter2", "redis+unix://hunter2"}) {
    const std::string message = Refused([&](Config& c) { c.limits.store = bad; });
    CHECK_MESSAGE(Begins(message, "limits.store:"), std::string(bad));
    CHECK_MESSAGE(message.find("hunter2") == std::string::npos, message);
  }
  CHECK(Begins(Refused([](Config& c) { c.limits.username = "u"; }), "limits.store:"));
  CHECK(Refused([](Config& c) {
          c.limits.username = "u";
          c.limits.password_file = "/p";
        }) == "(accepted)");
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

TEST_CASE("the notice to victims comes from a declared domain") {
  const auto from = [](const std::string& address, bool declared) {
    return Refused([&](Config& c) {
      c.limits.attack_notice_from = address;
      if (declared) c.domains.push_back({.name = "example.com", .return_path = "bounce.example.com", .dkim = {}});
    });
  };
  CHECK(from("", false) == "(accepted)");
  CHECK(from("no-reply@example.com", true) == "(accepted)");
  CHECK(from("Shop <no-reply@Example.com>", true) == "(accepted)");
  CHECK(Begins(from("no-reply@example.com", false), "limits.attack_notice_from"));
  CHECK(from("no-reply@example.com", false).find("add example.com to [[domains.domain]]") != std::string::npos);
  for (const char* bad : {"no-reply", "a@b@c", "a@example.com, b@example.com", "a@example.com\r\nBcc: x@y.example"}) {
    CHECK_MESSAGE(Begins(from(bad, true), "limits.attack_notice_from"), std::string(bad));
  }
  CHECK(Refused([](Config& c) {
          c.limits.attack_notice_from = "a@anywhere.example";
          c.sending.require_verified = false;
        }) == "(accepted)");
}
