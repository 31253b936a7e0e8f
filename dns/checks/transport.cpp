// What the domain publishes about the transport and the looks of its mail. All of it is optional: absent is a note,
// broken is a warning.
#include <algorithm>
#include <array>
#include <utility>

#include "dns/bimi.h"
#include "dns/checks/context.h"
#include "dns/checks/sts.h"
#include "dns/name.h"
#include "dns/tls_report.h"

namespace sealpost::dns {
namespace {

void CheckTlsReport(Context& context) {
  const std::string name = "_smtp._tls." + context.sender.domain;
  const Answer answer = context.Ask(name, Type::kTxt);
  Findings::Seen seen{.name = name, .records = Raw(answer)};
  if (!answer.Told()) {
    seen.detail = Trouble(answer, name);
    return context.findings.Unknown("TLSRPT", std::move(seen));
  }
  std::vector<std::string> records;
  bool miswritten = false;
  for (const std::string& text : Texts(answer)) {
    if (IsTlsReportRecord(text))
      records.push_back(text);
    else
      miswritten = miswritten || Lower(text).contains("tlsrpt");
  }
  if (records.empty() && !miswritten) {
    seen.detail = "No reports about TLS are asked for.";
    return context.findings.Info("TLSRPT", std::move(seen));
  }
  if (records.empty()) {
    seen.detail = "The record does not begin with v=TLSRPTv1; and is passed over.";
  } else if (records.size() > 1) {
    seen.detail = "There are several TLSRPT records: reporters act as if there were none.";
  } else if (const auto uris = ParseTlsReport(records.front())) {
    seen.detail =
        "Reports about TLS go to " + std::to_string(uris->size()) + (uris->size() == 1 ? " place." : " places.");
    return context.findings.Pass("TLSRPT", std::move(seen));
  } else {
    seen.detail = "The record cannot be read: " + uris.error();
  }
  context.findings.Warn("TLSRPT", std::move(seen));
}

bool DmarcEnforces(const Context& context) {
  return context.dmarc && context.dmarc->tree.effective >= Policy::kQuarantine &&
         context.dmarc->suffix.effective >= Policy::kQuarantine;
}

void CheckBimi(Context& context) {
  const std::string name = "default._bimi." + context.sender.domain;
  const Answer answer = context.Ask(name, Type::kTxt);
  Findings::Seen seen{.name = name, .records = Raw(answer)};
  if (!answer.Told()) {
    seen.detail = Trouble(answer, name);
    return context.findings.Unknown("BIMI", std::move(seen));
  }
  std::vector<std::string> records;
  for (const std::string& text : Texts(answer))
    if (IsBimiRecord(text)) records.push_back(text);
  if (records.empty()) {
    seen.detail = "No logo is published.";
    return context.findings.Info("BIMI", std::move(seen));
  }
  const auto record = ParseBimi(records.front());
  if (records.size() > 1 || !record) {
    seen.detail = record ? "There are several BIMI records." : "The record cannot be read: " + record.error();
    return context.findings.Warn("BIMI", std::move(seen));
  }
  if (record->location.empty()) {
    seen.detail = "The domain declines to show a logo.";
    return context.findings.Info("BIMI", std::move(seen));
  }
  // What keeps DMARC from enforcing has been reported where it belongs.
  if (!DmarcEnforces(context)) {
    seen.detail = "The logo is not shown as long as DMARC does not enforce.";
    return context.findings.Info("BIMI", std::move(seen));
  }
  seen.detail = record->authority.empty() ? "A logo is published, without the certificate that Gmail and Apple ask for."
                                          : "A logo and its certificate are published.";
  context.findings.Pass("BIMI", std::move(seen));
}

// The closest set at or above the domain governs (RFC 8659 3).
Answer ClosestCaa(Context& context, std::string& name) {
  Answer answer = context.Ask(name, Type::kCaa);
  while (answer.Void() && Labels(name).size() > 2) {
    name = std::string(Parent(name));
    answer = context.Ask(name, Type::kCaa);
  }
  return answer;
}

void CheckCaa(Context& context) {
  // RFC 8659 4, RFC 9495, and the CA/Browser Forum's two contacts; issuevmc is for BIMI's certificates.
  constexpr std::array kTags = {"issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail", "contactphone"};
  constexpr int kCritical = 128;
  std::string name = context.sender.domain;
  const Answer answer = ClosestCaa(context, name);
  Findings::Seen seen{.name = name, .records = Raw(answer)};
  if (!answer.Told()) {
    seen.detail = Trouble(answer, name);
    return context.findings.Unknown("CAA", std::move(seen));
  }
  if (answer.Void()) {
    seen.detail = "Any authority may issue certificates for the domain.";
    return context.findings.Info("CAA", std::move(seen));
  }
  bool limits = false;
  bool allows = false;
  for (const Record& record : answer.records) {
    const Caa* caa = std::get_if<Caa>(&record.data);
    if (caa == nullptr) continue;
    const std::string tag = Lower(caa->tag);
    if ((caa->flags & kCritical) != 0 && std::ranges::find(kTags, tag) == kTags.end()) {
      seen.detail = "The tag " + caa->tag + " is marked critical and unknown: no authority may issue certificates.";
      return context.findings.Warn("CAA", std::move(seen));
    }
    const std::size_t authority = caa->value.find_first_not_of(" \t");
    limits = limits || tag == "issue";
    allows = allows || (tag == "issue" && authority != std::string::npos && caa->value[authority] != ';');
  }
  if (limits && !allows) {
    seen.detail = "No authority may issue certificates for hosts of the domain, such as that of an MTA-STS policy.";
    return context.findings.Warn("CAA", std::move(seen));
  }
  seen.detail =
      limits ? "Certificates may come from the authorities listed only." : "Any authority may issue certificates.";
  context.findings.Pass("CAA", std::move(seen));
}

}  // namespace

void CheckTransport(Context& context) {
  const std::string& domain = context.sender.domain;
  context.Prefetch({{"_mta-sts." + domain, Type::kTxt},
                    {"_smtp._tls." + domain, Type::kTxt},
                    {"default._bimi." + domain, Type::kTxt},
                    {domain, Type::kCaa}});
  CheckSts(context);
  CheckTlsReport(context);
  CheckBimi(context);
  CheckCaa(context);
  context.findings.Info("UNSUB", {.name = domain, .detail = "Transactional mail needs none of it; lists do."});
}

}  // namespace sealpost::dns
