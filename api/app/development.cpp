#include "api/app/development.h"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include "api/app/domain_look.h"
#include "api/app/limits.h"
#include "api/app/listen_address.h"
#include "api/app/relay_url.h"
#include "api/app/service.h"
#include "api/app/signals.h"
#include "api/dev/catcher.h"
#include "api/dev/dev_keyring.h"
#include "api/dev/dns_server.h"
#include "api/dev/inbox_store.h"
#include "api/dev/routes.h"
#include "api/dev/zone.h"
#include "mailer/base/crypto.h"
#include "mailer/base/files.h"
#include "mailer/base/tls_files.h"
#include "mailer/smtpd/server.h"
#include "mailer/store/emails.h"

namespace sealpost::app {

namespace {

constexpr std::chrono::seconds kDevelopmentGrace{10};

// Any sender domain counts as verified.
class AnyDomain final : public submit::SenderDomains {
 public:
  std::optional<model::SenderDomain> Find(std::string_view domain) const override {
    return model::SenderDomain{std::string(domain), "bounce." + std::string(domain)};
  }
};

std::string DefaultFolder() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/')
    return std::string(state) + "/sealpost/dev";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/')
    return std::string(home) + "/.local/state/sealpost/dev";
  return "/var/tmp/sealpost-dev";
}

model::ApiKey DevelopmentKey() {
  model::ApiKey key;
  key.id = "00000000-0000-7000-8000-000000000001";
  key.name = "development";
  key.token_hash = base::HexEncode(base::AsText(base::Sha256("sp_dev")));
  key.permission = model::Permission::kFullAccess;
  key.may_assert_trust = true;
  return key;
}

// b+TOKEN@bounce.DOMAIN back to the delivery it stands for; empty if it is none of ours.
std::string DeliveryOf(const base::TokenSigner& tokens, std::string_view mail_from) {
  const std::size_t at = mail_from.find('@');
  if (!mail_from.starts_with("b+") || at == std::string_view::npos) return {};
  const auto id = tokens.OpenLocalPart(base::TokenPurpose::kReturnPath, mail_from.substr(2, at - 2));
  return id ? base::FormatId(*id) : std::string();
}

std::string EmailOf(Service& service, const std::string& mail_from) {
  const std::string delivery_id = DeliveryOf(service.tokens(), mail_from);
  std::string email_id;
  if (delivery_id.empty()) return email_id;
  (void)service.database().Read([&](store::Session& session) -> base::Result<void> {
    const auto delivery = store::FindDelivery(session, delivery_id);
    if (delivery) email_id = delivery->email_id;
    return {};
  });
  return email_id;
}

// A certificate for the catcher's STARTTLS, made once; its file is also what the courier trusts.
base::Result<base::CertificatePair> CatcherCertificate(const std::string& folder) {
  const std::string certificate = folder + "/catcher.crt", key = folder + "/catcher.key";
  auto have_certificate = base::ReadFile(certificate);
  auto have_key = base::ReadFile(key);
  if (have_certificate && have_key && base::CheckPair(certificate, key))
    return base::CertificatePair{*have_certificate, *have_key};
  auto made = base::MakeSelfSigned("127.0.0.1", 3650);
  if (!made) return made;
  if (auto written = base::WriteFile(key, made->key_pem); !written) return std::unexpected(written.error());
  if (auto written = base::WriteFile(certificate, made->certificate_pem); !written)
    return std::unexpected(written.error());
  return made;
}

}  // namespace

// The parts in build order; destruction is the stop order.
class Development {
 public:
  explicit Development(DevelopmentOptions options)
      : options_(std::move(options)), log_(options_.verbose ? base::LogLevel::kInfo : base::LogLevel::kWarn) {}
  ~Development() {
    if (inbox_) inbox_->StopWaiting();
  }

  base::Result<void> Start();
  void Stop() {
    inbox_->StopWaiting();
    service_->Stop(kDevelopmentGrace);
  }

 private:
  base::Result<void> OpenFolder();
  base::Result<void> StartCatcher();
  base::Result<void> StartNameServer();
  base::Result<ServiceOptions> MakeOptions();

  DevelopmentOptions options_;
  base::Log log_;
  base::Metrics metrics_;
  base::SystemClock clock_;
  AnyDomain domains_;
  ListenAddress http_, smtp_, dns_;
  base::CertificatePair certificate_;
  base::Secret master_key_, limits_key_;
  std::unique_ptr<dev::DevKeyring> keyring_;
  std::unique_ptr<dev::InboxStore> inbox_;
  dev::Script script_;
  std::unique_ptr<dev::Zone> zone_;
  resources::ReadDomainDns domain_dns_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<dev::Catcher> catcher_;
  std::unique_ptr<smtpd::Server> smtpd_;
  std::unique_ptr<dev::DnsServer> name_server_;
};

base::Result<void> Development::OpenFolder() {
  if (options_.data.empty()) options_.data = DefaultFolder();
  const std::string& folder = options_.data;
  if (auto made = base::MakeFolder(folder); !made) return made;
  auto master_key = base::Secret::FromFileOrNew(folder + "/master.key");
  if (!master_key) return std::unexpected(master_key.error());
  master_key_ = std::move(*master_key);
  auto limits_key = base::Secret::FromFileOrNew(folder + "/limits.key");
  if (!limits_key) return std::unexpected(limits_key.error());
  limits_key_ = std::move(*limits_key);
  auto certificate = CatcherCertificate(folder);
  if (!certificate) return std::unexpected(certificate.error());
  certificate_ = std::move(*certificate);
  auto keyring = dev::DevKeyring::Open(folder + "/dkim");
  if (!keyring) return std::unexpected(keyring.error());
  keyring_ = std::move(*keyring);
  auto inbox = dev::InboxStore::Open(folder + "/inbox", clock_);
  if (!inbox) return std::unexpected(inbox.error());
  inbox_ = std::move(*inbox);
  zone_ = std::make_unique<dev::Zone>(*keyring_, *inbox_);
  return {};
}

base::Result<void> Development::StartCatcher() {
  catcher_ = std::make_unique<dev::Catcher>(
      *inbox_, script_,
      [this](const std::string& mail_from) {
        const std::string delivery_id = DeliveryOf(service_->tokens(), mail_from);
        if (!delivery_id.empty()) service_->dispatcher().RecordComplaint(delivery_id);
      },
      log_);
  smtpd::Options options;
  options.host = smtp_.host;
  options.port = smtp_.port;
  options.certificate_pem = certificate_.certificate_pem;
  options.key_pem = certificate_.key_pem;
  auto server = smtpd::Server::Start(options, *catcher_, log_);
  if (!server)
    return base::Fail(base::ErrorKind::kInvalid, server.error().message + "; choose another with --catcher HOST:PORT");
  smtpd_ = std::move(*server);
  return {};
}

base::Result<void> Development::StartNameServer() {
  if (options_.dns.empty()) return {};
  auto server =
      dev::DnsServer::Start(dns_.host, dns_.port, [this](std::string_view name) { return zone_->Around(name); }, log_);
  if (!server)
    return base::Fail(base::ErrorKind::kInvalid, server.error().message + "; choose another with --dns HOST:PORT");
  name_server_ = std::move(*server);
  dns_.port = name_server_->port();
  auto look = LookAtZone(dns_.ToString(), *keyring_, clock_);
  if (!look) return std::unexpected(look.error());
  domain_dns_ = std::move(*look);
  return {};
}

base::Result<ServiceOptions> Development::MakeOptions() {
  ServiceOptions options;
  options.store.url = "sqlite://" + options_.data + "/sealpost.db";
  options.public_url = "http://" + http_.ToString();
  options.simulator = true;
  // Short steps: whoever tries a deferral wants to see the retry.
  using std::chrono::seconds;
  options.queue.schedule.retry.steps = {seconds(2), seconds(5), seconds(15), seconds(30), seconds(60)};
  options.queue.schedule.code_retry.steps = options.queue.schedule.retry.steps;
  net::SmtpPeer peer;
  if (options_.relay.empty()) {
    peer.host = smtp_.host;
    peer.port = smtp_.port;
    peer.tls = net::TlsDemand::kRequired;
    peer.ca_file = options_.data + "/catcher.crt";
  } else {
    auto parsed = ParseRelayUrl(options_.relay);
    if (!parsed) return std::unexpected(parsed.error());
    peer = std::move(*parsed);
    peer.tls = peer.implicit_tls ? net::TlsDemand::kRequired : net::TlsDemand::kOpportunistic;
  }
  peer.helo = "localhost";
  options.relay.peer = std::move(peer);
  options.http.listen = http_.ToString();
  const std::string port = ":" + std::to_string(http_.port);
  options.http.hosts = {"127.0.0.1" + port, "localhost" + port, "[::1]" + port};
  return options;
}

base::Result<void> Development::Start() {
  auto http = ParseLoopback("--listen", options_.listen);
  if (!http) return std::unexpected(http.error());
  auto smtp = ParseLoopback("--catcher", options_.catcher);
  if (!smtp) return std::unexpected(smtp.error());
  http_ = std::move(*http);
  smtp_ = std::move(*smtp);
  if (!options_.dns.empty()) {
    auto dns = ParseLoopback("--dns", options_.dns);
    if (!dns) return std::unexpected(dns.error());
    dns_ = std::move(*dns);
  }
  if (auto opened = OpenFolder(); !opened) return opened;
  // Links in mails need the port before anything listens.
  for (ListenAddress* address : {&http_, &smtp_}) {
    if (address->port != 0) continue;
    auto port = FreePort(address->host);
    if (!port) return std::unexpected(port.error());
    address->port = *port;
  }
  auto options = MakeOptions();
  if (!options) return std::unexpected(options.error());
  auto limiter = MakeLimiter(options_.limits, "", "", limits_key_, options->limits.policy, log_);
  if (!limiter) return base::Fail(limiter.error().kind, "--limits: " + limiter.error().message);
  // The name server starts later, with the port it got.
  resources::ReadDomainDns domain_dns;
  if (!options_.dns.empty())
    domain_dns = [this](const std::string& domain, bool fresh) { return domain_dns_(domain, fresh); };
  auto service =
      Service::Build(std::move(*options), {log_, metrics_, clock_, domains_, *keyring_, nullptr, std::move(domain_dns)},
                     master_key_, std::move(*limiter));
  if (!service) return std::unexpected(service.error());
  service_ = std::move(*service);
  service_->keys().Add(DevelopmentKey());
  dev::AddDevRoutes(service_->router(), {*inbox_, script_, *zone_,
                                         [this](const std::string& mail_from) { return EmailOf(*service_, mail_from); },
                                         "http://" + http_.ToString()});
  resources::AddMetrics(service_->router(), metrics_);
  if (auto started = StartCatcher(); !started) return started;
  if (auto started = StartNameServer(); !started) return started;
  if (auto started = service_->Start(); !started) {
    return base::Fail(base::ErrorKind::kInvalid, started.error().message + "; choose another with --listen HOST:PORT");
  }
  const std::string dns = name_server_ ? "dns " + dns_.ToString() + " " : "";
  std::printf("ready http://%s catcher %s %sdata %s\n", http_.ToString().c_str(), smtp_.ToString().c_str(), dns.c_str(),
              options_.data.c_str());
  std::fflush(stdout);
  return {};
}

base::Result<void> RunDevelopment(DevelopmentOptions options) {
  BlockSignals();
  Development development(std::move(options));
  if (auto started = development.Start(); !started) return started;
  WaitForStop([] {});
  development.Stop();
  return {};
}

}  // namespace sealpost::app
