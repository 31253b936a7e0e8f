#include "api/app/dns_sender.h"

#include "dns/dkim_record.h"
#include "dns/ip.h"

namespace sealpost::app {

dns::Signer SignerOf(const dkim::Key& key) {
  dns::Signer signer{key.domain(), key.selector(), {}};
  // The record we tell people to publish is read back, so that what is compared is what was told.
  if (const auto record = dns::ParseDkimRecord(key.DnsRecord()))
    if (auto published = record->Key()) signer.key = std::move(*published);
  return signer;
}

dns::Sender SenderOf(const Config& config, const DeclaredDomain& domain,
                     const std::vector<std::shared_ptr<const dkim::Key>>& keys) {
  dns::Sender sender;
  sender.domain = domain.name;
  sender.return_path = domain.return_path;
  for (const auto& key : keys) sender.signers.push_back(SignerOf(*key));
  for (const std::string& source : config.delivery.sources)
    if (const auto ip = dns::ParseIp(source)) sender.addresses.push_back(*ip);
  // Towards a relay our EHLO is nobody else's business, unless it is said to be the name that receivers see.
  if (!config.delivery.helo.empty()) sender.helo_names.push_back(config.delivery.helo);
  return sender;
}

}  // namespace sealpost::app
