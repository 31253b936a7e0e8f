#include "api/dev/zone.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "api/dev/header_text.h"
#include "mailer/base/ascii.h"

namespace sealpost::dev {
namespace {

constexpr std::string_view kSpf = "v=spf1 ip4:127.0.0.1 -all";
constexpr std::string_view kDmarc = "v=DMARC1; p=quarantine; adkim=s; aspf=r; rua=mailto:dmarc@";

std::vector<Record> RecordsOf(const std::string& domain, const DevKeyring& keyring) {
  std::vector<Record> records = {{domain, "TXT", std::string(kSpf)}};
  for (const auto& key : keyring.KeysFor(domain)) records.push_back({key->DnsName(), "TXT", key->DnsRecord()});
  records.push_back({"_dmarc." + domain, "TXT", std::string(kDmarc) + domain});
  records.push_back({"bounce." + domain, "MX", "10 localhost."});
  records.push_back({"bounce." + domain, "TXT", std::string(kSpf)});
  return records;
}

bool IsAtOrBelow(std::string_view name, std::string_view domain) {
  if (!name.ends_with(domain)) return false;
  return domain.empty() || name.size() == domain.size() || name[name.size() - domain.size() - 1] == '.';
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

std::vector<Record> Zone::Around(std::string_view name) const {
  std::vector<Record> records = {{"localhost", "A", "127.0.0.1"}, {"1.0.0.127.in-addr.arpa", "PTR", "localhost."}};
  for (const std::string& domain : Domains()) {
    const std::string lower = base::ToLower(domain);
    if (!IsAtOrBelow(name, lower) && !IsAtOrBelow(lower, name)) continue;
    std::ranges::move(RecordsOf(domain, keyring_), std::back_inserter(records));
    records.push_back({domain, "A", "127.0.0.1"});
  }
  return records;
}

dkim::KeyLookup Zone::Snapshot() const {
  std::map<std::string, std::string> values;
  for (Record& record : Records()) {
    if (record.type == "TXT") values.emplace(base::ToLower(record.name), std::move(record.value));
  }
  return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
    std::string wanted = base::ToLower(name);
    if (wanted.ends_with('.')) wanted.pop_back();
    const auto found = values.find(wanted);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
}

}  // namespace sealpost::dev
