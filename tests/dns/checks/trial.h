// One family of checks over a zone in memory: a sound domain, which a test breaks in one place.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "dns/checks/context.h"
#include "tests/dns/zone_resolver.h"

namespace sealpost::tests {

inline constexpr const char* kSoundZone = R"(
  example.com                TXT  "v=spf1 mx -all"
  example.com                MX   10 mail.example.com
  example.com                NS   ns1.example.com
  example.com                NS   ns2.example.com
  ns1.example.com            A    9.9.9.53
  ns2.example.com            A    9.9.9.54
  mail.example.com           A    9.9.9.9
  mail.example.com           AAAA 2620:fe::9
  mail.example.com           TXT  "v=spf1 a -all"
  9.9.9.9.in-addr.arpa       PTR  mail.example.com
  9.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.e.f.0.0.0.2.6.2.ip6.arpa PTR mail.example.com
  s1._domainkey.example.com  TXT  "v=DKIM1; k=rsa; p=AAAA"
  _dmarc.example.com         TXT  "v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com"
  bounces.example.com        MX   10 mail.example.com
  bounces.example.com        TXT  "v=spf1 mx -all"
)";

inline const dns::PublicSuffixList& Suffixes() {
  static const dns::PublicSuffixList list = dns::PublicSuffixList::FromSystem().value();
  return list;
}

struct Trial {
  ZoneResolver zone{kSoundZone};
  dns::Sender sender;
  dns::Fetcher fetch{};
  dns::Resolver* resolver = &zone;

  Trial() {
    sender.domain = "example.com";
    sender.return_path = "bounces.example.com";
    sender.signers = {{"example.com", "s1", std::nullopt}};
    sender.addresses = {dns::ParseIp("9.9.9.9").value(), dns::ParseIp("2620:fe::9").value()};
    sender.helo_names = {"mail.example.com"};
  }

  // In place of what the sound zone has there.
  void Publish(const std::string& name, const std::string& type, const std::string& data) {
    zone.Remove(name, type);
    zone.Add(name + " " + type + " " + data);
  }
  void Dmarc(const std::string& text) { Publish("_dmarc.example.com", "TXT", "\"" + text + "\""); }

  template <typename... Families>
  std::vector<dns::Finding> Run(Families... families) {
    dns::Findings findings;
    const dns::Tools tools{*resolver, Suffixes(), fetch};
    dns::Context context{sender, tools, findings};
    (families(context), ...);
    return findings.Take();
  }
};

inline void CheckAllDmarc(dns::Context& context) {
  dns::CheckDmarc(context);
  dns::CheckDmarcReports(context);
}

// What failed or warns, in the order of the report: "DMARC-POLICY fail, PTR-HELO warn".
inline std::string Faults(const std::vector<dns::Finding>& findings) {
  std::string text;
  for (const dns::Finding& finding : findings)
    if (finding.verdict == dns::Verdict::kFail || finding.verdict == dns::Verdict::kWarn)
      text += (text.empty() ? "" : ", ") + finding.id + " " + std::string(dns::VerdictName(finding.verdict));
  return text;
}

// The worst finding of an id; one without an id if there is none.
inline dns::Finding Of(const std::vector<dns::Finding>& findings, const std::string& id) {
  dns::Finding worst;
  for (const dns::Finding& finding : findings)
    if (finding.id == id && (worst.id.empty() || finding.verdict > worst.verdict)) worst = finding;
  return worst;
}

// "pass", "fail", ... of an id's worst finding; "absent".
inline std::string VerdictOf(const std::vector<dns::Finding>& findings, const std::string& id) {
  const dns::Finding finding = Of(findings, id);
  return finding.id.empty() ? "absent" : std::string(dns::VerdictName(finding.verdict));
}

inline std::string FixOf(const std::vector<dns::Finding>& findings, const std::string& id) {
  const auto fix = Of(findings, id).fix;
  return fix ? fix->name + " " + fix->type + " " + fix->value : "";
}

}  // namespace sealpost::tests
