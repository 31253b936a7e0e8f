#include "api/app/service.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "api/app/default_categories.h"
#include "api/app/limit_signals.h"
#include "api/app/registered_domains.h"
#include "api/http/html.h"
#include "api/pages/unsubscribe.h"
#include "api/resources/emails.h"
#include "api/resources/limit_events.h"
#include "api/resources/limits.h"
#include "api/resources/not_served.h"
#include "api/resources/openapi.h"
#include "api/resources/scheduled_emails.h"
#include "api/resources/templates.h"
#include "api/resources/topics.h"
#include "mailer/base/crypto.h"
#include "mailer/base/threads.h"

namespace sealpost::app {

namespace {

constexpr std::chrono::seconds kRequestGrace{5};
// A start waits so long for its counters; what is missing then comes while requests are served.
constexpr std::chrono::seconds kHydrateFirst{10};

}  // namespace

// The queue as the submitter below it sees it.
class Service::QueueIntake final : public submit::Intake {
 public:
  explicit QueueIntake(queue::Dispatcher& dispatcher) : dispatcher_(dispatcher) {}
  bool HasRoom(std::size_t count) override { return dispatcher_.HasRoom(count); }
  void Put(model::Job job) override { dispatcher_.Put(std::move(job)); }

 private:
  queue::Dispatcher& dispatcher_;
};

Service::Service(ServiceOptions options, ServiceNeeds needs, const base::Secret& master_key,
                 std::unique_ptr<ratelimit::Limiter> limiter)
    : options_(std::move(options)),
      needs_(needs),
      tokens_(master_key),
      rules_{options_.limits.policy, options_.limits.identity, options_.default_category},
      subject_key_(base::AsText(base::HmacSha256(master_key.Reveal(), "audit subjects"))),
      limiter_(std::move(limiter)),
      key_rate_(options_.requests_per_second, needs_.clock),
      router_(keys_) {}

Service::~Service() {
  Stop(std::chrono::milliseconds(0));
  if (needs_.watch != nullptr) needs_.watch->Close();
}

base::Result<std::unique_ptr<Service>> Service::Build(ServiceOptions options, ServiceNeeds needs,
                                                      const base::Secret& master_key,
                                                      std::unique_ptr<ratelimit::Limiter> limiter) {
  std::unique_ptr<Service> service(new Service(std::move(options), needs, master_key, std::move(limiter)));
  if (auto built = service->BuildParts(); !built) return std::unexpected(built.error());
  service->AddRoutes();
  return service;
}

base::Result<void> Service::BuildParts() {
  rules_.identity.registered_part = RegisteredPart(options_.suffix_list_file, needs_.log);
  auto database = store::Database::Open(options_.store, needs_.log);
  if (!database) return std::unexpected(database.error());
  database_ = std::move(*database);
  signals_ =
      std::make_unique<SignalBook>(SignalBookParts{*database_, needs_.clock, needs_.log, needs_.metrics, subject_key_});
  limiter_ = TellSignals(std::move(limiter_), rules_.policy, *signals_, sources_, needs_.metrics);
  if (auto loaded = keys_.Load(*database_); !loaded) return loaded;
  if (auto told = TellLostDefaults(); !told) return told;
  if (needs_.watch != nullptr) {
    if (auto opened = needs_.watch->Open(*database_); !opened) return opened;
  }
  blocks_ =
      std::make_unique<recipients::Blocks>(recipients::BlocksParts{*database_, *limiter_, needs_.clock, subject_key_});
  hydrator_ = std::make_unique<Hydrator>(
      HydratorParts{*database_, *limiter_, *blocks_, rules_.policy, needs_.clock, needs_.log, subject_key_});
  auto recipients = recipients::Recipients::Load(*database_, tokens_, needs_.clock);
  if (!recipients) return std::unexpected(recipients.error());
  recipients_ = std::move(*recipients);
  dispatcher_ = std::make_unique<queue::Dispatcher>(options_.queue, *database_, *recipients_, needs_.clock, needs_.log,
                                                    needs_.metrics);
  catalog_ = std::make_unique<submit::Catalog>(*database_);
  answers_ = std::make_unique<submit::Answers>(*database_, needs_.clock);
  intake_ = std::make_unique<QueueIntake>(*dispatcher_);
  submitter_ = std::make_unique<submit::Submitter>(
      submit::SubmitterParts{*database_, *limiter_, *recipients_, *catalog_, *answers_, needs_.domains, *intake_,
                             needs_.clock, needs_.metrics, options_.public_url, options_.simulator, rules_, true});
  if (!options_.attack_notice_from.empty()) {
    notice_ = std::make_unique<submit::AttackNotice>(
        submit::AttackNoticeParts{*database_, *limiter_, *recipients_, *submitter_, rules_, needs_.clock, needs_.log,
                                  options_.attack_notice_from, subject_key_});
    signals_->HeardBy([this](const ratelimit::Signal& signal) { notice_->Hear(signal); });
  }
  dispatcher_->AskAgainBy([this](const model::Job& job) { return submitter_->AskAgain(job); });
  const queue::Uncharge uncharge = [this](const model::Job& job) { submitter_->Uncharge(job); };
  dispatcher_->UnchargeBy(uncharge);
  scheduled_ = std::make_unique<queue::Scheduled>(*dispatcher_, *database_, needs_.clock, uncharge);
  digests_ = std::make_unique<submit::Digests>(submit::DigestParts{*database_, *limiter_, *recipients_, *catalog_,
                                                                   needs_.clock, needs_.log, needs_.metrics,
                                                                   options_.public_url, rules_});
  dispatcher_->DigestBy({[this](const model::Job& job) { return digests_->Wants(job); },
                         [this](std::vector<model::Job>& held) { return digests_->Ask(held); }});
  return {};
}

base::Result<void> Service::TellLostDefaults() {
  const auto lost = FindLostDefaults(*database_, rules_.policy);
  if (!lost) return std::unexpected(lost.error());
  for (const auto& [owner, id, category] : *lost) {
    needs_.log.Warn("default_category_unknown", {{"of", owner},
                                                 {"id", id},
                                                 {"category", category},
                                                 {"effect", "passed over: the policy has no category of this name"}});
  }
  return {};
}

void Service::AddRoutes() {
  resources::AddEmails(router_, {*submitter_, *database_, tokens_, key_rate_, &sources_});
  resources::AddScheduledEmails(router_, {*scheduled_, *database_, needs_.clock, key_rate_});
  resources::AddTemplates(router_, {*database_, *catalog_, needs_.clock, key_rate_, rules_.policy});
  resources::AddTopics(router_, {*database_, needs_.clock, key_rate_});
  resources::AddDomainDns(router_, {needs_.domain_dns, key_rate_});
  resources::AddLimits(router_, {*limiter_, rules_, *recipients_, needs_.clock, key_rate_, *catalog_, sources_});
  resources::AddLimitEvents(router_, {*database_, rules_, key_rate_, subject_key_});
  resources::AddRecipientLimits(router_, RecipientLimits());
  resources::AddNotServed(router_);
  resources::AddHealth(router_, [this] { return Health(); });
  resources::AddOpenApi(router_);
  pages::AddUnsubscribe(router_, *recipients_);
  http::AddPageAssets(router_);
}

resources::RecipientLimitsParts Service::RecipientLimits() {
  return {*limiter_,    rules_,
          *recipients_, *blocks_,
          *database_,   needs_.clock,
          needs_.log,   key_rate_,
          subject_key_, [this](const std::string& mailbox) { return hydrator_->Reset(mailbox); }};
}

std::vector<resources::PartHealth> Service::Health() const {
  std::vector<resources::PartHealth> parts;
  parts.push_back(database_->Writable()
                      ? resources::PartHealth{"store", "ok", ""}
                      : resources::PartHealth{"store", "down", "the store takes no writes: look at the disk"});
  parts.push_back(limiter_->Degraded()
                      ? resources::PartHealth{"limiter", "degraded",
                                              "Redis does not answer, takes no writes or may evict keys "
                                              "(limiter_degraded in the log): the in-process limiter decides"}
                      : resources::PartHealth{"limiter", "ok", ""});
  parts.push_back(dispatcher_->HasRoom(1)
                      ? resources::PartHealth{"queue", "ok", ""}
                      : resources::PartHealth{"queue", "down", "the queue is full: look at delivery"});
  for (const auto& part : health_) parts.push_back(part());
  return parts;
}

void Service::Hydrate() {
  const auto begun = std::chrono::steady_clock::now();
  while (hydrator_->Step() && std::chrono::steady_clock::now() - begun < kHydrateFirst) {
  }
}

base::Result<void> Service::Start() {
  Hydrate();
  const auto loaded = dispatcher_->Load();
  if (!loaded) return std::unexpected(loaded.error());
  if (*loaded != 0) needs_.log.Info("queue_loaded", {{"deliveries", *loaded}});
  const submit::SenderDomains& domains = needs_.domains;
  courier_ = delivery::MakeRelayCourier(
      options_.relay, *dispatcher_, needs_.keyring, tokens_,
      [&domains](std::string_view domain) {
        const auto found = domains.Find(domain);
        // Mail that was accepted before its domain was taken out of the configuration still needs a return path.
        return found ? found->return_path : "bounce." + std::string(domain);
      },
      needs_.clock, needs_.log, needs_.metrics);
  if (needs_.watch != nullptr) needs_.watch->Start();
  auto server = http::Server::Start(options_.http, router_, needs_.clock, needs_.log, needs_.metrics);
  if (!server) return std::unexpected(server.error());
  http_ = std::move(*server);
  housekeeping_ =
      base::StartThread("housekeeping", needs_.log, [this](const std::stop_token& stop) { KeepHouse(stop); });
  if (notice_) {
    notices_ = base::StartThread("notices", needs_.log, [this](const std::stop_token& stop) { SendNotices(stop); });
  }
  return {};
}

void Service::KeepHouse(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  for (int round = 0; !stop.stop_requested(); ++round) {
    limiter_->CheckHealth();
    needs_.metrics.Set("sealpost_degraded", limiter_->Degraded() ? 1 : 0);
    signals_->LookAfter(*limiter_);
    if (round % 3600 == 0) {
      answers_->Sweep();
      signals_->Sweep();
    }
    if (hydrator_->Step()) continue;
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
  }
}

// Apart from the housekeeping, which must not wait for a look through the deliveries of a day.
void Service::SendNotices(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    notice_->SendDue();
    wake.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
  }
}

void Service::Stop(std::chrono::milliseconds grace) {
  housekeeping_ = std::jthread();
  notices_ = std::jthread();
  // Whoever waits for a look is sent away first, so that their requests end with the others.
  if (needs_.watch != nullptr) needs_.watch->Stop();
  // A client that never finishes its request must not take the time of running SMTP transactions.
  const auto begun = std::chrono::steady_clock::now();
  if (http_) http_->Stop(std::min<std::chrono::milliseconds>(grace, kRequestGrace));
  const auto used = std::chrono::floor<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
  if (courier_) courier_->Stop(std::max(grace - used, std::chrono::milliseconds(0)));
  http_.reset();
  courier_.reset();
}

}  // namespace sealpost::app
