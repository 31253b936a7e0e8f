// One look at a declared domain's DNS records: what is checked, with what, and how it is cut short.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/app/config.h"
#include "api/app/domain_book.h"
#include "api/resources/domain_dns.h"
#include "dns/finding.h"
#include "mailer/base/clock.h"
#include "mailer/dkim/key.h"
#include "mailer/dkim/keyring.h"
#include "mailer/domains/monitor.h"

namespace sealpost::app {

using Keys = std::vector<std::shared_ptr<const dkim::Key>>;

// Ed25519 beside RSA: it signs only once its record has been seen, because without it RSA still does (RFC 8463 3).
bool Waits(const dkim::Key& key, const Keys& all);
// A record that is missing or wrong does no harm where nothing is signed with its key: these findings become warnings.
// `names` are where the records of waiting keys stand.
void ExcuseWaiting(dns::Report& report, const std::vector<std::string>& names);

// With the resolver, addresses and HELO name of the configuration, and the keys that the book has at that moment; never
// from an answer of the look before. kInvalid names what cannot be used. The book must outlive it.
base::Result<domains::Look> MakeLook(const Config& config, const DomainBook& book);

// For development, where any domain may send and nobody watches: each request looks anew.
resources::ReadDomainDns LookEachTime(std::function<dns::Report(const std::string& domain)> look,
                                      const base::Clock& clock);
// The same, asking the name server of the development zone ("127.0.0.1:5353"). Keyring and clock must outlive it.
base::Result<resources::ReadDomainDns> LookAtZone(const std::string& server, const dkim::Keyring& keyring,
                                                  const base::Clock& clock);

}  // namespace sealpost::app
