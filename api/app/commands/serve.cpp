#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <thread>

#include "api/app/admin.h"
#include "api/app/commands/commands.h"
#include "api/app/config.h"
#include "api/app/config_files.h"
#include "api/app/domain_book.h"
#include "api/app/domain_look.h"
#include "api/app/domain_watch.h"
#include "api/app/folders.h"
#include "api/app/limits.h"
#include "api/app/relay_url.h"
#include "api/app/service.h"
#include "api/app/signals.h"

namespace sealpost::app {

namespace {

constexpr std::chrono::seconds kGrace{60};

base::LogLevel ParseLevel(const std::string& level) {
  if (level == "debug") return base::LogLevel::kDebug;
  if (level == "warn") return base::LogLevel::kWarn;
  return level == "error" ? base::LogLevel::kError : base::LogLevel::kInfo;
}

base::Result<ServiceOptions> ToOptions(const Config& config) {
  ServiceOptions options;
  options.store.url = config.store.url;
  options.public_url = config.server.public_url;
  options.requests_per_second = static_cast<std::uint32_t>(config.server.requests_per_second);
  if (!config.delivery.retry_seconds.empty()) {
    options.queue.schedule.retry.steps.clear();
    for (const std::int64_t seconds : config.delivery.retry_seconds) {
      options.queue.schedule.retry.steps.push_back(std::chrono::seconds(seconds));
    }
    options.queue.schedule.code_retry.steps = options.queue.schedule.retry.steps;
  }
  auto peer = ParseRelayUrl(config.delivery.relay);
  if (!peer) return std::unexpected(peer.error());
  peer->tls = ParseTlsDemand(RelayTls(config));
  peer->helo = config.delivery.helo;
  if (peer->helo.empty()) {
    const std::string_view host = std::string_view(config.server.public_url).substr(8);
    peer->helo = std::string(host.substr(0, host.find_first_of(":/")));
  }
  peer->user = config.delivery.relay_user;
  peer->password_file = config.delivery.relay_password_file;
  peer->ca_file = config.delivery.relay_ca_file;
  options.relay.peer = std::move(*peer);
  options.relay.connections = static_cast<std::size_t>(config.delivery.relay_connections);
  options.relay.signers = std::max(1u, std::thread::hardware_concurrency());
  options.http.listen = config.server.listen;
  options.http.certificate_file = config.server.certificate_file;
  options.http.key_file = config.server.key_file;
  options.http.trusted_proxies = config.server.trusted_proxies;
  options.http.connections = static_cast<std::size_t>(config.server.connections);
  options.http.hsts = config.server.hsts;
  options.suffix_list_file = config.dns.suffix_list_file;
  options.default_category = config.limits.default_category;
  options.attack_notice_from = config.limits.attack_notice_from;
  auto limits = ReadPolicy(config.limits.policy_file);
  if (!limits) return std::unexpected(limits.error());
  options.limits = std::move(*limits);
  return options;
}

void AddHealthParts(Service& service, const DomainWatch& watch) {
  service.AddHealthPart([&watch] { return watch.Health(); });
  service.AddHealthPart([&service] {
    if (service.keys().Size() != 0) return resources::PartHealth{"keys", "ok", ""};
    return resources::PartHealth{"keys", "degraded",
                                 "no API key: make one with `sealpost keys create --config FILE --name NAME`"};
  });
}

// The certificate, domains and their keys take effect at once; everything else waits for a restart, and the log says
// so. A certificate is renewed where it was at the start, whatever the file says now: a renewal must not wait for an
// operator who broke the file.
void Reload(const std::string& path, Service& service, DomainBook& domains, DomainWatch& watch, base::Log& log) {
  const auto renewed = service.RenewCertificate();
  if (!renewed) log.Error("certificate_refused", {{"error", renewed.error().message}});
  const auto config = LoadConfig(path);
  const auto replaced = config ? domains.Replace(config->domains, config->sending.require_verified)
                               : base::Result<void>(std::unexpected(config.error()));
  if (!replaced) {
    log.Error("reload_refused", {{"error", replaced.error().message}});
    return;
  }
  watch.Refresh();
  log.Info("reloaded", {{"domains", domains.Size()},
                        {"certificate_refused", !renewed},
                        {"note", "other settings take effect at the next start"}});
}

struct AdminServers {
  std::unique_ptr<http::Router> admin_router, metrics_router;
  std::unique_ptr<http::Server> admin, metrics;
};

base::Result<AdminServers> StartAdmin(const Config& config, Service& service, const base::Clock& clock, base::Log& log,
                                      base::Metrics& metrics) {
  AdminServers servers;
  servers.admin_router = std::make_unique<http::Router>(service.keys());
  AddAdminRoutes(*servers.admin_router, service, clock);
  http::ServerOptions options;
  options.listen = "unix:" + config.server.admin_socket;
  options.connections = 16;
  auto admin = http::Server::Start(options, *servers.admin_router, clock, log, metrics);
  if (!admin) return std::unexpected(admin.error());
  servers.admin = std::move(*admin);
  if (config.server.metrics_listen.empty()) return servers;
  servers.metrics_router = std::make_unique<http::Router>(service.keys());
  resources::AddMetrics(*servers.metrics_router, metrics);
  options.listen = config.server.metrics_listen;
  auto listener = http::Server::Start(options, *servers.metrics_router, clock, log, metrics);
  if (!listener) return std::unexpected(listener.error());
  servers.metrics = std::move(*listener);
  return servers;
}

base::Result<void> RunService(const std::string& path) {
  BlockSignals();
  const auto config = LoadConfig(path);
  if (!config) return std::unexpected(config.error());
  if (auto good = CheckConfigFiles(path, *config); !good) return good;
  auto options = ToOptions(*config);
  if (!options) return std::unexpected(options.error());
  if (auto made = MakeFolders(*config); !made) return made;
  base::Log log(ParseLevel(config->log_level));
  base::Metrics metrics;
  const base::SystemClock clock;
  DomainBook domains;
  if (auto loaded = domains.Replace(config->domains, config->sending.require_verified); !loaded) return loaded;
  if (!config->sending.require_verified)
    log.Warn("undeclared_domains_accepted", {{"effect", "their mail leaves unsigned"}});
  auto look = MakeLook(*config, domains);
  if (!look) return std::unexpected(look.error());
  DomainWatch watch(domains, WatchOptions(*config), std::move(*look), clock, log, metrics);
  const auto master_key = base::Secret::FromFileOrNew(config->store.master_key_file);
  if (!master_key) return std::unexpected(master_key.error());
  const auto hmac_key = base::Secret::FromFileOrNew(config->limits.hmac_key_file);
  if (!hmac_key) return std::unexpected(hmac_key.error());
  auto limiter = MakeLimiter(config->limits.store, config->limits.username, config->limits.password_file, *hmac_key,
                             options->limits.policy, log);
  if (!limiter) return std::unexpected(limiter.error());
  const auto domain_dns = [&watch](const std::string& domain, bool fresh) { return watch.Report(domain, fresh); };
  auto service = Service::Build(std::move(*options), {log, metrics, clock, watch, watch, &watch, domain_dns},
                                *master_key, std::move(*limiter));
  if (!service) return std::unexpected(service.error());
  AddHealthParts(**service, watch);
  auto admin = StartAdmin(*config, **service, clock, log, metrics);
  if (!admin) return std::unexpected(admin.error());
  if (auto started = (*service)->Start(); !started) return started;
  std::printf("ready %s port %d\n", config->server.listen.c_str(), (*service)->port());
  std::fflush(stdout);
  WaitForStop([&] { Reload(path, **service, domains, watch, log); });
  log.Info("stopping");
  (*service)->Stop(kGrace);
  return {};
}

}  // namespace

void AddServe(CLI::App& app, int& exit_code) {
  CLI::App* serve = app.add_subcommand("serve", "Run the service");
  auto path = std::make_shared<std::string>();
  serve->add_option("--config", *path, "Configuration file (see deploy/sealpost.toml)")->required();
  serve->callback([path, &exit_code] {
    if (const auto done = RunService(*path); !done) exit_code = Complain(done.error());
  });
}

}  // namespace sealpost::app
