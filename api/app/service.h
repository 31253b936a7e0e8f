// The parts of a running Sealpost, built in order, stopped in reverse. `dev` and `serve` differ in what they hand in.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "api/app/domain_watch.h"
#include "api/app/hydrate.h"
#include "api/app/key_book.h"
#include "api/app/policy_file.h"
#include "api/app/signal_book.h"
#include "api/http/router.h"
#include "api/http/server.h"
#include "api/resources/domain_dns.h"
#include "api/resources/health.h"
#include "api/resources/key_rate.h"
#include "api/resources/recipient_limits.h"
#include "mailer/base/log.h"
#include "mailer/base/metrics.h"
#include "mailer/base/token.h"
#include "mailer/delivery/relay_courier.h"
#include "mailer/dkim/keyring.h"
#include "mailer/queue/dispatcher.h"
#include "mailer/queue/scheduled.h"
#include "mailer/recipients/blocks.h"
#include "mailer/recipients/recipients.h"
#include "mailer/store/database.h"
#include "mailer/submit/attack_notice.h"
#include "mailer/submit/digest.h"
#include "mailer/submit/submitter.h"
#include "ratelimit/limiter.h"
#include "ratelimit/source_watch.h"

namespace sealpost::app {

struct ServiceOptions {
  store::Options store;
  std::string public_url;
  queue::DispatcherOptions queue;
  delivery::RelayOptions relay;
  http::ServerOptions http;
  std::uint32_t requests_per_second = 5000;
  bool simulator = false;
  PolicyFile limits = {};               // the limiter was made with the same
  std::string suffix_list_file = {};    // for the budgets of domains; empty: the system's
  std::string default_category = {};    // of sends that say none; known to the policy, or empty
  std::string attack_notice_from = {};  // empty: the victim of an attack is not told
};

// What the caller owns and what has to outlive the service.
struct ServiceNeeds {
  base::Log& log;
  base::Metrics& metrics;
  const base::Clock& clock;
  const submit::SenderDomains& domains;
  const dkim::Keyring& keyring;
  DomainWatch* watch = nullptr;              // the service opens, starts and closes it; null: nobody watches
  resources::ReadDomainDns domain_dns = {};  // empty: GET /x/domains/{id}/dns says that nobody looks
};

class Service {
 public:
  // Opens the store and builds everything up to the routes; nothing listens and nothing leaves yet.
  static base::Result<std::unique_ptr<Service>> Build(ServiceOptions options, ServiceNeeds needs,
                                                      const base::Secret& master_key,
                                                      std::unique_ptr<ratelimit::Limiter> limiter);
  ~Service();

  // Loads the queue, starts delivery, then listens.
  base::Result<void> Start();
  // Stops accepting, finishes running requests and SMTP transactions (at most `grace`), closes.
  void Stop(std::chrono::milliseconds grace);

  // The listener's certificate, read anew: for new connections. The old one stays where the new one cannot be used.
  base::Result<void> RenewCertificate() { return http_->RenewCertificate(); }

  // For more routes before Start, and for administration.
  http::Router& router() { return router_; }
  KeyBook& keys() { return keys_; }
  store::Database& database() { return *database_; }
  const base::TokenSigner& tokens() const { return tokens_; }
  queue::Dispatcher& dispatcher() { return *dispatcher_; }
  const ratelimit::Policy& policy() const { return rules_.policy; }
  const base::Metrics& metrics() const { return needs_.metrics; }
  int port() const { return http_->port(); }
  resources::RecipientLimitsParts RecipientLimits();
  // Adds a part to what /readyz tells. Before Start.
  void AddHealthPart(std::function<resources::PartHealth()> part) { health_.push_back(std::move(part)); }
  std::vector<resources::PartHealth> Health() const;

 private:
  class QueueIntake;
  Service(ServiceOptions options, ServiceNeeds needs, const base::Secret& master_key,
          std::unique_ptr<ratelimit::Limiter> limiter);
  base::Result<void> BuildParts();
  base::Result<void> TellLostDefaults();
  void AddRoutes();
  void Hydrate();
  void KeepHouse(const std::stop_token& stop);
  void SendNotices(const std::stop_token& stop);

  ServiceOptions options_;
  ServiceNeeds needs_;
  base::TokenSigner tokens_;
  submit::LimitRules rules_;
  std::string subject_key_;  // hides mailboxes in the audit and the log
  KeyBook keys_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<SignalBook> signals_;
  ratelimit::SourceWatch sources_;
  std::unique_ptr<ratelimit::Limiter> limiter_;
  std::unique_ptr<recipients::Blocks> blocks_;
  std::unique_ptr<Hydrator> hydrator_;
  std::unique_ptr<recipients::Recipients> recipients_;
  std::unique_ptr<queue::Dispatcher> dispatcher_;
  std::unique_ptr<submit::Catalog> catalog_;
  std::unique_ptr<submit::Answers> answers_;
  std::unique_ptr<QueueIntake> intake_;
  std::unique_ptr<submit::Submitter> submitter_;
  std::unique_ptr<queue::Scheduled> scheduled_;
  std::unique_ptr<submit::AttackNotice> notice_;
  std::unique_ptr<submit::Digests> digests_;
  resources::KeyRate key_rate_;
  std::vector<std::function<resources::PartHealth()>> health_;
  http::Router router_;
  std::unique_ptr<delivery::Courier> courier_;
  std::unique_ptr<http::Server> http_;
  std::jthread housekeeping_, notices_;
};

}  // namespace sealpost::app
