// The declared domains with a monitor beside them: who may send in the light of their DNS records, and which of their
// keys sign.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/app/config.h"
#include "api/app/domain_book.h"
#include "api/resources/health.h"
#include "mailer/base/clock.h"
#include "mailer/base/log.h"
#include "mailer/base/metrics.h"
#include "mailer/dkim/keyring.h"
#include "mailer/domains/monitor.h"
#include "mailer/store/database.h"
#include "mailer/submit/sender_domains.h"

namespace sealpost::app {

domains::MonitorOptions WatchOptions(const Config& config);

// Thread safe between Open and Close. Outlives the service, which opens and closes it, because what the monitor knows
// is in the service's store; while it is not open it answers what the book does.
class DomainWatch final : public submit::SenderDomains, public dkim::Keyring {
 public:
  DomainWatch(const DomainBook& book, domains::MonitorOptions options, domains::Look look, const base::Clock& clock,
              base::Log& log, base::Metrics& metrics);

  std::optional<model::SenderDomain> Find(std::string_view domain) const override { return book_.Find(domain); }
  std::optional<std::string> Refused(std::string_view domain) const override;
  // Without the Ed25519 keys that wait for their record. An RSA key signs whatever the DNS says, and so does an Ed25519
  // key that is alone.
  std::vector<std::shared_ptr<const dkim::Key>> KeysFor(std::string_view domain) const override;

  // For the service: Open when its store is there, Close before that goes; Stop does not wait.
  base::Result<void> Open(store::Database& database);
  void Start() { monitor_->Start(); }
  void Stop();
  void Close() { monitor_.reset(); }

  // After the book has changed.
  void Refresh() { monitor_->Refresh(); }
  // For GET /x/domains/{id}/dns.
  base::Result<std::string> Report(const std::string& domain, bool fresh);
  // "domains" of /readyz.
  resources::PartHealth Health() const;

 private:
  const DomainBook& book_;
  const domains::MonitorOptions options_;
  const domains::Look look_;
  const base::Clock& clock_;
  base::Log& log_;
  base::Metrics& metrics_;
  std::unique_ptr<domains::Monitor> monitor_;
};

}  // namespace sealpost::app
