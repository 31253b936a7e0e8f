#include "api/dev/zone.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "api/dev/header_text.h"

namespace sealpost::dev {
namespace {

constexpr std::string_view kSpf = "v=spf1 ip4:127.0.0.1 -all";
constexpr std::string_view kDmarc = "v=DMARC1; p=quarantine; adkim=s; aspf=r";

std::vector<Record> RecordsOf(const std::string& domain, const DevKeyring& keyring) {
  std::vector<Record> records = {{domain, "TXT", std::string(kSpf)}};
  for (const auto& key : keyring.KeysFor(domain)) records.push_back({key->DnsName(), "TXT", key->DnsRecord()});
  records.push_back({"_dmarc." + domain, "TXT", std::string(kDmarc)});
  records.push_back({"bounce." + domain, "MX", "10 localhost."});
  records.push_back({"bounce." + domain, "TXT", std::string(kSpf)});
  return records;
}

}  // namespace

std::vector<std::string> Zone::Domains() const {
  std::vector<std::string> domains = keyring_.Domains();
  std::ranges::copy(inbox_.FromDomains(), std::back_inserter(domains));
  std::ranges::sort(domains);
  domains.erase(std::ranges::unique(domains).begin(), domains.end());
  return domains;
}

std::vector<Record> Zone::Records() const {
  std::vector<Record> records;
  for (const std::string& domain : Domains())
    std::ranges::move(RecordsOf(domain, keyring_), std::back_inserter(records));
  return records;
}

dkim::KeyLookup Zone::Snapshot() const {
  std::map<std::string, std::string> values;
  for (Record& record : Records()) {
    if (record.type == "TXT") values.emplace(ToLower(record.name), std::move(record.value));
  }
  return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
    std::string wanted = ToLower(name);
    if (wanted.ends_with('.')) wanted.pop_back();
    const auto found = values.find(wanted);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
}

}  // namespace sealpost::dev
