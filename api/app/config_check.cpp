#include "api/app/config_check.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "api/app/host_port.h"
#include "api/app/listen_check.h"
#include "api/app/relay_url.h"
#include "api/http/origin.h"
#include "dns/ip.h"
#include "dns/resolver.h"
#include "mailer/model/address.h"
#include "ratelimit/redis_connection.h"

namespace sealpost::app {

namespace {

using Refusal = std::unexpected<base::Error>;

Refusal Refuse(const std::string& path, const std::string& key, const std::string& message) {
  return base::Fail(base::ErrorKind::kInvalid, path + ": " + key + " " + message, key);
}

base::Result<void> CheckServer(const std::string& path, Config::Server& server) {
  constexpr std::string_view kHttps = "https://";
  while (server.public_url.ends_with('/')) server.public_url.pop_back();
  const std::string_view url = server.public_url;
  if (!url.starts_with(kHttps) || !ParseHostPort(url.substr(kHttps.size()))) {
    return Refuse(path, "server.public_url",
                  "has to be the https:// address under which recipients reach this service, without a path, such as "
                  "\"https://mail.example.com\"");
  }
  if (server.certificate_file.empty() != server.key_file.empty()) {
    return Refuse(path, "server.certificate_file", "and server.key_file go together");
  }
  if (server.connections < 16 || server.connections > 20'000)
    return Refuse(path, "server.connections", "is from 16 to 20000");
  if (server.requests_per_second < 1 || server.requests_per_second > 1'000'000) {
    return Refuse(path, "server.requests_per_second", "is from 1 to 1000000");
  }
  return {};
}

base::Result<void> CheckListeners(const std::string& path, const Config::Server& server) {
  if (auto proxies = http::TrustedProxies::Parse(server.trusted_proxies); !proxies) {
    return base::Fail(base::ErrorKind::kInvalid, path + ": server." + proxies.error().message,
                      "server.trusted_proxies");
  }
  constexpr const char* kForms = "is ADDRESS:PORT, such as \"127.0.0.1:8025\" or \"[::1]:8025\", or unix:/path";
  const auto listen = ParseListen(server.listen);
  if (!listen) return Refuse(path, "server.listen", kForms);
  if (!listen->local && server.certificate_file.empty() && server.trusted_proxies.empty()) {
    return Refuse(path, "server.listen",
                  "is reachable from outside: give server.certificate_file and server.key_file, or the addresses of "
                  "the TLS proxy in server.trusted_proxies");
  }
  if (server.metrics_listen.empty()) return {};
  const auto metrics = ParseListen(server.metrics_listen);
  if (!metrics) return Refuse(path, "server.metrics_listen", kForms);
  if (!metrics->local) {
    return Refuse(path, "server.metrics_listen",
                  "is reachable from outside, and metrics are for this machine: use a loopback address such as "
                  "\"127.0.0.1:9025\"");
  }
  if (Clash(*listen, *metrics)) return Refuse(path, "server.metrics_listen", "needs a port that server.listen has not");
  return {};
}

base::Result<void> CheckStore(const std::string& path, const std::string& url) {
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) {
    return Refuse(path, "store.url", "postgresql:// is not served yet: use sqlite:///path");
  }
  if (!url.starts_with("sqlite:///") || url.ends_with('/') || url.contains('\0')) {
    return Refuse(path, "store.url", "is sqlite:///absolute/path/of/file");
  }
  return {};
}

base::Result<void> CheckLimits(const std::string& path, const Config::Limits& limits) {
  if (limits.store == "memory") return {};
  // The file's name stands for the password in it: whether there is one is all that is asked here.
  const auto address = ratelimit::ParseRedisAddress(limits.store, limits.username, limits.password_file);
  if (!address)
    return base::Fail(base::ErrorKind::kInvalid, path + ": limits.store: " + address.error(), "limits.store");
  return {};
}

base::Result<void> CheckNotice(const std::string& path, const Config& config) {
  const std::string& from = config.limits.attack_notice_from;
  if (from.empty()) return {};
  const auto mailbox = model::ParseMailbox(from);
  if (!mailbox) {
    return Refuse(
        path, "limits.attack_notice_from",
        "is a mail address such as \"no-reply@example.com\", with a name or without: " + mailbox.error().message);
  }
  const bool declared = std::ranges::any_of(
      config.domains, [&](const DeclaredDomain& domain) { return domain.name == mailbox->address.domain; });
  if (declared || !config.sending.require_verified) return {};
  return Refuse(path, "limits.attack_notice_from",
                "is of a domain that is not declared: add " + mailbox->address.domain + " to [[domains.domain]]");
}

base::Result<void> CheckDelivery(const std::string& path, const Config::Delivery& delivery) {
  if (delivery.mode == "direct") {
    return Refuse(path, "delivery.mode",
                  "\"direct\" comes with the delivery engine: it needs the address guard and the TLS policy first. Use "
                  "\"relay\"");
  }
  if (delivery.mode != "relay") return Refuse(path, "delivery.mode", "is \"relay\"");
  if (delivery.relay.find('@') != std::string::npos) {
    return Refuse(path, "delivery.relay", "holds no user; use delivery.relay_user and delivery.relay_password_file");
  }
  if (!ParseRelayUrl(delivery.relay)) return Refuse(path, "delivery.relay", "is smtp://HOST:PORT or smtps://HOST:PORT");
  constexpr std::string_view kTls[] = {"", "required", "opportunistic", "none"};
  if (std::find(std::begin(kTls), std::end(kTls), delivery.relay_tls) == std::end(kTls)) {
    return Refuse(path, "delivery.relay_tls", "is required, opportunistic or none");
  }
  if (delivery.relay.starts_with("smtps://") && !delivery.relay_tls.empty() && delivery.relay_tls != "required") {
    return Refuse(path, "delivery.relay_tls", "is required with smtps://, which has TLS from the first byte");
  }
  if (delivery.relay_user.empty() != delivery.relay_password_file.empty()) {
    return Refuse(path, "delivery.relay_user", "and delivery.relay_password_file go together");
  }
  if (delivery.relay_connections < 1 || delivery.relay_connections > 1000) {
    return Refuse(path, "delivery.relay_connections", "is from 1 to 1000");
  }
  const auto& retry = delivery.retry_seconds;
  if (std::any_of(retry.begin(), retry.end(), [](std::int64_t seconds) { return seconds < 1 || seconds > 86'400; })) {
    return Refuse(path, "delivery.retry_seconds", "are from 1 to 86400");
  }
  for (const std::string& source : delivery.sources) {
    if (!dns::ParseIp(source)) return Refuse(path, "delivery.sources", "are IP addresses, such as \"192.0.2.10\"");
  }
  return {};
}

base::Result<void> CheckDns(const std::string& path, const Config& config) {
  for (const std::string& server : config.dns.servers) {
    if (const auto parsed = dns::ParseServer(server); !parsed) return Refuse(path, "dns.servers", parsed.error());
  }
  if (config.dns.check_interval < 60 || config.dns.check_interval > 86'400)
    return Refuse(path, "dns.check_interval", "is from 60 to 86400 seconds");
  const std::string& gate = config.sending.gate;
  if (gate != "off" && gate != "warn" && gate != "block") return Refuse(path, "domains.gate", "is off, warn or block");
  if (config.sending.gate_grace < 0 || config.sending.gate_grace > 30 * 86'400)
    return Refuse(path, "domains.gate_grace", "is from 0 to 2592000 seconds");
  return {};
}

}  // namespace

base::Result<void> CheckConfig(const std::string& path, Config& config) {
  if (auto good = CheckServer(path, config.server); !good) return good;
  if (auto good = CheckListeners(path, config.server); !good) return good;
  if (auto good = CheckStore(path, config.store.url); !good) return good;
  if (auto good = CheckLimits(path, config.limits); !good) return good;
  if (auto good = CheckNotice(path, config); !good) return good;
  if (auto good = CheckDelivery(path, config.delivery); !good) return good;
  if (auto good = CheckDns(path, config); !good) return good;
  constexpr std::string_view kLevels[] = {"debug", "info", "warn", "error"};
  if (std::find(std::begin(kLevels), std::end(kLevels), config.log_level) == std::end(kLevels)) {
    return Refuse(path, "log.level", "is debug, info, warn or error");
  }
  return {};
}

std::string RelayTls(const Config& config) {
  if (!config.delivery.relay_tls.empty()) return config.delivery.relay_tls;
  const auto peer = ParseRelayUrl(config.delivery.relay);
  return peer && !peer->implicit_tls && IsLoopbackHost(peer->host) ? "opportunistic" : "required";
}

}  // namespace sealpost::app
