#include "api/app/check_input.h"

#include <algorithm>
#include <set>
#include <sstream>
#include <utility>

#include "api/app/config.h"
#include "api/app/dns_sender.h"
#include "api/app/table.h"
#include "dns/ip.h"
#include "dns/key_material.h"
#include "dns/name.h"
#include "mailer/base/files.h"
#include "mailer/dkim/key_files.h"

namespace sealpost::app {

namespace {

using base::ErrorKind;
using base::Fail;

constexpr std::size_t kListBytesAtMost = 16u << 20;
constexpr std::size_t kKeyBytesAtMost = 64u << 10;

base::Result<std::string> ReadDomain(const std::string& typed, const std::string& where) {
  const auto name = dns::ToAscii(typed);
  if (!name) return Fail(ErrorKind::kInvalid, where + ": " + Printable(name.error()));
  if (!dns::IsHostname(*name))
    return Fail(ErrorKind::kInvalid,
                where + ": \"" + Printable(typed.substr(0, 80)) + "\" is not a domain; write it as example.com");
  return *name;
}

base::Result<std::vector<std::string>> ReadDomains(const CheckWords& words) {
  std::vector<std::string> domains;
  std::set<std::string> seen;
  const auto add = [&](const std::string& typed, const std::string& where) -> base::Result<void> {
    const auto domain = ReadDomain(typed, where);
    if (!domain) return std::unexpected(domain.error());
    if (seen.insert(*domain).second) domains.push_back(*domain);
    return {};
  };
  for (const std::string& typed : words.domains)
    if (auto added = add(typed, "DOMAIN"); !added) return std::unexpected(added.error());
  if (words.file.empty()) return domains;
  const auto text = base::ReadFile(words.file, kListBytesAtMost);
  if (!text) return std::unexpected(text.error());
  std::istringstream lines(*text);
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    line.resize(std::min(line.find('#'), line.size()));
    std::istringstream fields(line);
    std::string typed;
    if (!(fields >> typed)) continue;
    if (auto added = add(typed, words.file + ":" + std::to_string(number)); !added)
      return std::unexpected(added.error());
  }
  if (domains.empty()) return Fail(ErrorKind::kInvalid, words.file + ": holds no domain");
  return domains;
}

// What the command line says about all domains alike.
base::Result<dns::Sender> ReadCommon(const CheckWords& words) {
  dns::Sender common;
  for (const std::string& text : words.addresses) {
    const auto ip = dns::ParseIp(text);
    if (!ip) return Fail(ErrorKind::kInvalid, "--ip: \"" + Printable(text.substr(0, 80)) + "\" is not an IP address");
    common.addresses.push_back(*ip);
  }
  for (const std::string& text : words.helo_names) {
    // A HELO name that no host should say is what the checks are there to tell.
    if (!dns::IsQueryable(text))
      return Fail(ErrorKind::kInvalid, "--helo: \"" + Printable(text.substr(0, 80)) + "\" is not a name");
    common.helo_names.push_back(dns::Lower(text));
  }
  if (!words.return_path.empty()) {
    const auto name = ReadDomain(words.return_path, "--return-path");
    if (!name) return std::unexpected(name.error());
    common.return_path = *name;
  }
  for (const std::string& path : words.key_files) {
    const auto pem = base::ReadFile(path, kKeyBytesAtMost);
    if (!pem) return std::unexpected(pem.error());
    auto key = dns::ReadKeyPem(*pem);
    if (!key) return Fail(ErrorKind::kInvalid, "--dkim-key " + path + ": " + key.error());
    common.keys.push_back(std::move(*key));
  }
  common.ask_authoritative = words.authoritative;
  return common;
}

base::Result<dns::Sender> FromConfig(const Config& config, const std::string& domain) {
  dns::Sender sender;
  sender.domain = domain;
  const auto declared = std::ranges::find(config.domains, domain, &DeclaredDomain::name);
  if (declared == config.domains.end()) return sender;
  std::vector<std::shared_ptr<const dkim::Key>> keys;
  for (const DkimKeyFile& file : declared->dkim) {
    auto key = dkim::LoadKeyFile(file.key_file, domain, file.selector);
    if (!key) return std::unexpected(key.error());
    keys.push_back(std::move(*key));
  }
  return SenderOf(config, *declared, keys);
}

// "s1" signs with d= the From domain, "s1._domainkey.example.net" with d=example.net.
base::Result<dns::Signer> ReadSelector(const std::string& typed, const std::string& from) {
  constexpr std::string_view kBetween = "._domainkey.";
  const std::string lower = dns::Lower(typed);
  const std::size_t at = lower.find(kBetween);
  const std::string selector = lower.substr(0, at);
  if (!dns::IsQueryable(selector + "._domainkey") || selector.contains("_domainkey") ||
      selector.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") != std::string::npos) {
    return Fail(ErrorKind::kInvalid, "--selector: \"" + Printable(typed.substr(0, 80)) +
                                         "\" is not a selector, such as s1, or s1._domainkey.example.net for a key of "
                                         "another domain");
  }
  if (at == std::string::npos) return dns::Signer{from, selector, {}};
  const auto domain = ReadDomain(typed.substr(at + kBetween.size()), "--selector");
  if (!domain) return std::unexpected(domain.error());
  return dns::Signer{*domain, selector, {}};
}

base::Result<void> Add(const dns::Sender& common, const std::vector<std::string>& selectors, dns::Sender& sender) {
  for (const std::string& typed : selectors) {
    auto signer = ReadSelector(typed, sender.domain);
    if (!signer) return std::unexpected(signer.error());
    sender.signers.push_back(std::move(*signer));
  }
  sender.keys = common.keys;
  sender.addresses.insert(sender.addresses.end(), common.addresses.begin(), common.addresses.end());
  sender.helo_names.insert(sender.helo_names.end(), common.helo_names.begin(), common.helo_names.end());
  if (!common.return_path.empty()) sender.return_path = common.return_path;
  sender.ask_authoritative = common.ask_authoritative;
  return {};
}

}  // namespace

base::Result<std::vector<dns::Sender>> ReadSenders(const CheckWords& words, DnsOptions& dns) {
  auto domains = ReadDomains(words);
  if (!domains) return std::unexpected(domains.error());
  const auto common = ReadCommon(words);
  if (!common) return std::unexpected(common.error());
  Config config;
  if (!words.config.empty()) {
    auto loaded = LoadConfig(words.config);
    if (!loaded) return std::unexpected(loaded.error());
    config = std::move(*loaded);
    if (dns.servers.empty()) dns.servers = config.dns.servers;
    if (dns.suffix_list.empty()) dns.suffix_list = config.dns.suffix_list_file;
    if (domains->empty())
      for (const DeclaredDomain& declared : config.domains) domains->push_back(declared.name);
  }
  if (domains->empty()) return Fail(ErrorKind::kInvalid, "name a domain, such as: sealpost check example.com");
  std::vector<dns::Sender> senders;
  for (const std::string& domain : *domains) {
    auto sender = FromConfig(config, domain);
    if (!sender) return std::unexpected(sender.error());
    if (auto added = Add(*common, words.selectors, *sender); !added) return std::unexpected(added.error());
    senders.push_back(std::move(*sender));
  }
  return senders;
}

}  // namespace sealpost::app
