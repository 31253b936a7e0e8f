// Small reports for the tests of what is made of them.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "dns/finding.h"
#include "mailer/domains/domain_state.h"

namespace sealpost::domains::tests {

// So long after the test began.
inline base::Time At(std::chrono::seconds seconds) {
  return base::FromMillis(1'767'225'600'000) + seconds;
}

inline dns::Finding FindingOf(std::string id, dns::Verdict verdict, std::string name = "acme.example",
                              dns::Severity severity = dns::Severity::kError) {
  dns::Finding finding;
  finding.id = std::move(id);
  finding.verdict = verdict;
  finding.severity = severity;
  finding.name = std::move(name);
  finding.detail = "seen";
  return finding;
}

inline dns::Report ReportOf(std::vector<dns::Finding> findings) {
  dns::Report report;
  report.domain = "acme.example";
  report.findings = std::move(findings);
  dns::Conclude(report);
  return report;
}

inline dns::Report Good() {
  return ReportOf({FindingOf("SPF-NONE", dns::Verdict::kPass)});
}
inline dns::Report Bad() {
  return ReportOf({FindingOf("SPF-NONE", dns::Verdict::kFail)});
}
inline dns::Report CouldNotTell() {
  return ReportOf({FindingOf("SPF-NONE", dns::Verdict::kUnknown)});
}

inline const std::string kKeyName = "s2._domainkey.acme.example";
inline const std::vector<WatchedKey> kKeys = {{kKeyName, "v=DKIM1; k=ed25519; p=A", true}};

inline dns::Report WithKey(dns::Verdict verdict, const std::string& id = "DKIM-KEYMATCH") {
  return ReportOf(
      {FindingOf("SPF-NONE", dns::Verdict::kPass), FindingOf(id, verdict, kKeyName, dns::Severity::kWarning)});
}

}  // namespace sealpost::domains::tests
