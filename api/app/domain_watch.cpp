#include "api/app/domain_watch.h"

#include <algorithm>
#include <utility>

#include "api/app/domain_look.h"
#include "mailer/domains/state_json.h"

namespace sealpost::app {

namespace {

constexpr std::size_t kChangesShown = 50;
constexpr std::size_t kTroublesShown = 5;

std::vector<domains::WatchedDomain> Watched(const DomainBook& book) {
  std::vector<domains::WatchedDomain> watched;
  for (std::string& name : book.Names()) {
    const Keys keys = book.KeysFor(name);
    domains::WatchedDomain& domain = watched.emplace_back(domains::WatchedDomain{std::move(name), {}});
    for (const auto& key : keys) domain.keys.push_back({key->DnsName(), key->DnsRecord(), Waits(*key, keys)});
  }
  return watched;
}

}  // namespace

domains::MonitorOptions WatchOptions(const Config& config) {
  domains::MonitorOptions options;
  options.schedule.interval = std::chrono::seconds(config.dns.check_interval);
  options.gate = {domains::ParseGate(config.sending.gate), std::chrono::seconds(config.sending.gate_grace)};
  return options;
}

DomainWatch::DomainWatch(const DomainBook& book, domains::MonitorOptions options, domains::Look look,
                         const base::Clock& clock, base::Log& log, base::Metrics& metrics)
    : book_(book), options_(std::move(options)), look_(std::move(look)), clock_(clock), log_(log), metrics_(metrics) {}

base::Result<void> DomainWatch::Open(store::Database& database) {
  auto opened =
      domains::Monitor::Open(options_, {look_, [this] { return Watched(book_); }, database, clock_, log_, metrics_});
  if (!opened) return std::unexpected(std::move(opened.error()));
  monitor_ = std::move(*opened);
  return {};
}

void DomainWatch::Stop() {
  if (monitor_) monitor_->Stop();
}

std::optional<std::string> DomainWatch::Refused(std::string_view domain) const {
  return monitor_ ? monitor_->Refused(domain) : std::nullopt;
}

std::vector<std::shared_ptr<const dkim::Key>> DomainWatch::KeysFor(std::string_view domain) const {
  const Keys all = book_.KeysFor(domain);
  Keys signing;
  for (const auto& key : all) {
    const bool seen = monitor_ && Waits(*key, all) && monitor_->HasSeen(domain, key->DnsName(), key->DnsRecord());
    if (seen || !Waits(*key, all)) signing.push_back(key);
  }
  return signing;
}

base::Result<std::string> DomainWatch::Report(const std::string& domain, bool fresh) {
  const auto state = monitor_->Latest(domain, fresh);
  if (!state) return std::unexpected(state.error());
  const auto history = monitor_->History(domain, kChangesShown);
  if (!history) return std::unexpected(history.error());
  return domains::StateJson(*state, *history);
}

resources::PartHealth DomainWatch::Health() const {
  if (book_.Size() == 0) {
    return {"domains", "degraded",
            "no sender domain is declared, so sends get 403: make a key with `sealpost dkim keygen`, declare it as "
            "[[domains.domain]] and send SIGHUP"};
  }
  const auto troubles = monitor_ ? monitor_->Troubles() : std::vector<std::string>();
  if (troubles.empty()) return {"domains", "ok", ""};
  std::string detail;
  for (std::size_t i = 0; i < std::min(troubles.size(), kTroublesShown); ++i)
    detail += (detail.empty() ? "" : "; ") + troubles[i];
  if (troubles.size() > kTroublesShown)
    detail += "; and " + std::to_string(troubles.size() - kTroublesShown) + " domains more";
  return {"domains", "degraded", std::move(detail)};
}

}  // namespace sealpost::app
