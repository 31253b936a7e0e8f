#include "api/app/config.h"

#include <doctest/doctest.h>

#include <cstdlib>

#include "tests/support/temp_folder.h"

using namespace sealpost;
using app::Config;

namespace {

const std::string kSmallest =
    "[server]\npublic_url = \"https://mail.example.com\"\n[delivery]\nrelay = \"smtp://127.0.0.1:2525\"\n";

base::Result<Config> Load(const std::string& toml) {
  const tests::TempFolder folder;
  return app::LoadConfig(folder.Write("sealpost.toml", toml));
}

Config Loaded(const std::string& toml) {
  auto config = Load(toml);
  REQUIRE_MESSAGE(config.has_value(), (config ? "" : config.error().message));
  return std::move(*config);
}

std::string RefusedToml(const std::string& toml) {
  const auto config = Load(toml);
  return config ? "(accepted)" : config.error().message;
}

bool Mentions(const std::string& text, const std::string& word) {
  return text.find(word) != std::string::npos;
}

class Environment {
 public:
  Environment(std::string name, const std::string& value) : name_(std::move(name)) {
    ::setenv(name_.c_str(), value.c_str(), 1);
  }
  ~Environment() { ::unsetenv(name_.c_str()); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  std::string name_;
};

}  // namespace

TEST_CASE("two keys make a configuration, everything else has a default") {
  const Config config = Loaded(kSmallest);
  CHECK(config.server.listen == "127.0.0.1:8025");
  CHECK(config.delivery.mode == "relay");
  CHECK(config.limits.store == "redis://127.0.0.1:6379/0");
  CHECK(config.sending.require_verified);
  CHECK(config.domains.empty());
}

TEST_CASE("the shipped configuration is good and holds the defaults") {
  auto shipped = app::LoadConfig(SEALPOST_SOURCE_DIR "/deploy/sealpost.toml");
  REQUIRE_MESSAGE(shipped.has_value(), (shipped ? "" : shipped.error().message));
  Config config = Loaded(kSmallest);
  config.server.public_url = shipped->server.public_url;
  config.delivery.relay = shipped->delivery.relay;
  config.delivery.relay_tls = app::RelayTls(config);
  config.server.metrics_listen = shipped->server.metrics_listen;
  CHECK(app::PrintConfig(*shipped) == app::PrintConfig(config));
}

TEST_CASE("what is printed is a configuration, and the same one") {
  const std::string text = kSmallest + R"(retry_seconds = [30, 60]
[domains]
require_verified = false
[[domains.domain]]
name = "Example.COM"
dkim = [{ selector = "s1", key_file = "/keys/a\"b.pem" }, { selector = "s2", key_file = "/keys/2.pem" }]
)";
  for (const std::string& each : {kSmallest, text}) {
    const std::string printed = app::PrintConfig(Loaded(each));
    CHECK(app::PrintConfig(Loaded(printed)) == printed);
  }
}

TEST_CASE("an unknown key is refused with its line and the nearest one") {
  const std::string message = RefusedToml(kSmallest + "[limits]\nstroe = \"memory\"\n");
  CHECK(Mentions(message, ":6: unknown key limits.stroe; did you mean limits.store?"));
  CHECK(Mentions(RefusedToml("listen = \"x\"\n" + kSmallest), "unknown key listen"));
  CHECK(Mentions(RefusedToml(kSmallest + "[servr]\n"), "unknown"));
  CHECK(Mentions(RefusedToml(kSmallest + "[server.tls]\nx = 1\n"), "server.tls"));
}

TEST_CASE("what the DNS checks need is read, and refused by key where it cannot be meant") {
  const std::string dns = "[dns]\nservers = [\"192.0.2.53\", \"[2001:db8::53]:5300\"]\ncheck_interval = 600\n";
  const app::Config config = Loaded(kSmallest + "sources = [\"192.0.2.10\", \"2001:db8::10\"]\n" + dns +
                                    "[domains]\ngate = \"block\"\ngate_grace = 0\n");
  CHECK(config.delivery.sources.size() == 2);
  CHECK(config.dns.servers.size() == 2);
  CHECK(config.dns.check_interval == 600);
  CHECK(config.sending.gate == "block");
  CHECK(config.sending.gate_grace == 0);
  CHECK(Mentions(RefusedToml(kSmallest + "sources = [\"mail.example.com\"]\n"), "delivery.sources"));
  CHECK(Mentions(RefusedToml(kSmallest + "[dns]\nservers = [\"resolver\"]\n"), "dns.servers"));
  CHECK(Mentions(RefusedToml(kSmallest + "[dns]\ncheck_interval = 5\n"), "dns.check_interval"));
  CHECK(Mentions(RefusedToml(kSmallest + "[domains]\ngate = \"deny\"\n"), "domains.gate"));
  CHECK(Mentions(RefusedToml(kSmallest + "[domains]\ngate_grace = -1\n"), "domains.gate_grace"));
}

TEST_CASE("a wrong type is refused by key and line") {
  CHECK(Mentions(RefusedToml("[server]\nlisten = 5\n"), ":2: server.listen has the wrong type"));
  CHECK(Mentions(RefusedToml(kSmallest + "relay_connections = \"4\"\n"), "delivery.relay_connections"));
  CHECK(Mentions(RefusedToml(kSmallest + "relay_connections = 4.0\n"), "delivery.relay_connections"));
  CHECK(Mentions(RefusedToml(kSmallest + "retry_seconds = [\"30\"]\n"), "delivery.retry_seconds"));
  CHECK(Mentions(RefusedToml(kSmallest + "retry_seconds = [30, \"60\"]\n"), "delivery.retry_seconds"));
  CHECK(Mentions(RefusedToml("[server]\nhsts = \"true\"\n"), "server.hsts"));
  CHECK(Mentions(RefusedToml("[server]\ntrusted_proxies = \"127.0.0.1\"\n"), "server.trusted_proxies"));
  CHECK(Loaded(kSmallest + "retry_seconds = []\n").delivery.retry_seconds.empty());
}

TEST_CASE("what is no TOML, or no file, is refused with its place") {
  CHECK(Mentions(RefusedToml("[server\n"), "sealpost.toml:1"));
  CHECK(Mentions(RefusedToml(kSmallest + "relay = \"again\"\n"), "sealpost.toml:5"));
  CHECK_FALSE(app::LoadConfig("/nowhere/sealpost.toml").has_value());
  CHECK_FALSE(app::LoadConfig("/").has_value());
}

TEST_CASE("the environment overrides a key in the key's own type") {
  const Environment listen("SEALPOST__SERVER__LISTEN", "127.0.0.1:9000");
  const Environment connections("SEALPOST__DELIVERY__RELAY_CONNECTIONS", "7");
  const Environment proxies("SEALPOST__SERVER__TRUSTED_PROXIES", "192.0.2.1,192.0.2.2");
  const Environment retries("SEALPOST__DELIVERY__RETRY_SECONDS", "30,60");
  const Environment verified("SEALPOST__DOMAINS__REQUIRE_VERIFIED", "false");
  const Config config = Loaded(kSmallest);
  CHECK(config.server.listen == "127.0.0.1:9000");
  CHECK(config.delivery.relay_connections == 7);
  CHECK(config.server.trusted_proxies == std::vector<std::string>{"192.0.2.1", "192.0.2.2"});
  CHECK(config.delivery.retry_seconds == std::vector<std::int64_t>{30, 60});
  CHECK_FALSE(config.sending.require_verified);
}

TEST_CASE("the environment is as strict as the file") {
  {
    const Environment unknown("SEALPOST__SERVER__LISTN", "x");
    CHECK(Mentions(RefusedToml(kSmallest), "SEALPOST__SERVER__LISTN"));
    CHECK(Mentions(RefusedToml(kSmallest), "server.listen"));
  }
  for (const char* value : {"", "x", "7x", "7.5"}) {
    const Environment wrong("SEALPOST__DELIVERY__RELAY_CONNECTIONS", value);
    CHECK(Mentions(RefusedToml(kSmallest), "wrong type"));
  }
  {
    const Environment wrong("SEALPOST__SERVER__HSTS", "yes");
    CHECK(Mentions(RefusedToml(kSmallest), "wrong type"));
  }
  const Environment checked("SEALPOST__DELIVERY__MODE", "direct");
  CHECK(Mentions(RefusedToml(kSmallest), "address guard"));
}

TEST_CASE("a domain is declared once, with keys, in its A-label") {
  const auto domain = [](const std::string& rest) { return kSmallest + "[[domains.domain]]\n" + rest; };
  const std::string keys = "dkim = [{ selector = \"s\", key_file = \"/k\" }]\n";
  const Config config = Loaded(domain("name = \"M\xC3\xBCller.example\"\n" + keys));
  REQUIRE(config.domains.size() == 1);
  CHECK(config.domains[0].name == "xn--mller-kva.example");
  CHECK(config.domains[0].return_path == "bounce.xn--mller-kva.example");
  CHECK(Loaded(domain("name = \"a.example\"\nreturn_path = \"Mail.a.example\"\n" + keys)).domains[0].return_path ==
        "mail.a.example");

  CHECK(Mentions(RefusedToml(domain(keys)), "name"));
  CHECK(Mentions(RefusedToml(domain("name = 5\n" + keys)), "name"));
  CHECK(Mentions(RefusedToml(domain("name = \"a b\"\n" + keys)), "a b"));
  CHECK(Mentions(RefusedToml(domain("name = \"a.example\"\n")), "sealpost dkim keygen"));
  CHECK(Mentions(RefusedToml(domain("name = \"a.example\"\ndkim = []\n")), "dkim"));
  CHECK(Mentions(RefusedToml(domain("name = \"a.example\"\ndkim = [\"s\"]\n")), "selector"));
  CHECK(Mentions(RefusedToml(domain("name = \"a.example\"\ndkim = [{ selector = \"s\" }]\n")), "key_file"));
  CHECK(Mentions(RefusedToml(domain("name = \"a.example\"\nretrun_path = \"x\"\n" + keys)), "retrun_path"));
  CHECK(Mentions(RefusedToml(domain("name = \"a.example\"\nreturn_path = 5\n" + keys)), "return_path"));
  CHECK(Mentions(RefusedToml(domain("name = \"a.example\"\nreturn_path = \"x\"\n" + keys)), "return_path"));
  CHECK(Mentions(
      RefusedToml(domain("name = \"a.example\"\n" + keys) + "[[domains.domain]]\nname = \"A.example\"\n" + keys),
      "twice"));
  CHECK(Mentions(RefusedToml(kSmallest + "[domains.domain]\nname = \"a.example\"\n"), "[[domains.domain]]"));
}

TEST_CASE("a password in the address of Redis is refused and not shown") {
  for (const std::string scheme : {"redis", "rediss"}) {
    const std::string message = RefusedToml(kSmallest + "[limits]\nstore = \"" + scheme + "://:hunter2@127.0.0.1\"\n");
    CHECK_MESSAGE(Mentions(message, "limits.store"), message);
    CHECK_FALSE(Mentions(message, "hunter2"));
  }
}
