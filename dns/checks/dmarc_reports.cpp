// Where the governing record has reports sent, and whether they can arrive.
#include <algorithm>
#include <utility>

#include "dns/checks/context.h"
#include "dns/checks/dmarc_parts.h"
#include "dns/checks/mail_host.h"
#include "dns/dmarc_walk.h"
#include "dns/name.h"

namespace sealpost::dns {
namespace {

struct ReportPlace {  // of the record whose reports are looked at
  const DmarcDiscovery& dmarc;
  const std::string& domain;
  const DmarcRecord& record;
};

void CheckRua(Context& context, const ReportPlace& at) {
  auto seen = SeenAt(at.dmarc, at.domain, "");
  const auto mail = std::ranges::count_if(at.record.rua, &ReportAddress::mailto);
  if (!at.record.bad_reports.empty()) {
    seen.detail = "No URIs, and ignored: " + Listed(at.record.bad_reports) + ".";
  } else if (at.record.rua.empty()) {
    seen.detail = "There is no rua: nobody sends aggregate reports.";
    seen.fix = SoundFix(at.dmarc, at.domain);
  } else if (mail < static_cast<long>(at.record.rua.size())) {
    seen.detail = "An address of rua is no mailto: hardly any reporter uses it.";
  } else {
    seen.detail = "Aggregate reports go to " + std::to_string(mail) + (mail == 1 ? " address." : " addresses.");
    return context.findings.Pass("DMARC-RUA", std::move(seen));
  }
  context.findings.Warn("DMARC-RUA", std::move(seen));
}

std::vector<std::string> Hosts(const DmarcRecord& record) {
  std::vector<std::string> hosts;
  for (const ReportAddress& address : record.rua)
    if (std::ranges::find(hosts, address.host) == hosts.end() && !address.host.empty()) hosts.push_back(address.host);
  return hosts;
}

bool IsMailHost(const DmarcRecord& record, const std::string& host) {
  return std::ranges::any_of(record.rua, [&](const ReportAddress& a) { return a.mailto && a.host == host; });
}

// False: reports cannot arrive there, so that its consent does not matter.
bool CheckReportMx(Context& context, const ReportPlace& at, const std::string& host) {
  if (!IsMailHost(at.record, host)) return true;
  const MailHost mail = FindMailHost(context, host);
  Findings::Seen seen{.name = host, .records = Raw(mail.mx)};
  switch (mail.reception) {
    case Reception::kUnknown:
      seen.detail = mail.trouble;
      context.findings.Unknown("DMARC-RUA-MX", std::move(seen));
      return true;
    case Reception::kMx:
    case Reception::kAddress:
      seen.detail = host + " can receive reports.";
      context.findings.Pass("DMARC-RUA-MX", std::move(seen));
      return true;
    case Reception::kNullMx:
      seen.detail = host + " says with a null MX that it takes no mail: reports are lost.";
      break;
    case Reception::kNothing:
      seen.detail = host + (mail.exists ? " has neither MX nor address" : " does not exist") + ": reports are lost.";
      break;
  }
  context.findings.Warn("DMARC-RUA-MX", std::move(seen));
  return false;
}

// Consent is needed if the organizational domains differ (RFC 9990 4). Where only the tree walk parts them, which is
// ALIGN-DIVERGE's to judge, its lack is a note.
void CheckConsent(Context& context, const ReportPlace& at, const OrganizationalDomains& ours, const std::string& host) {
  const Tools& tools = context.tools;
  const auto theirs = FindOrganizationalDomains(tools.resolver, host, tools.suffixes, tools.deadline);
  const bool told = ours.told && theirs.told;
  const bool listed = SameName(ours.suffix, theirs.suffix);
  if (listed && told && SameName(ours.tree, theirs.tree))
    return context.findings.Pass("DMARC-RUA-EXT", {.name = host, .detail = host + " is of the same organization."});
  const std::string name = at.domain + "._report._dmarc." + host;
  const Answer answer = context.Ask(name, Type::kTxt);
  Findings::Seen seen{.name = name, .records = Raw(answer)};
  if (std::ranges::any_of(Texts(answer), IsDmarcRecord)) {
    seen.detail = host + " consents to reports about " + at.domain + ".";
    return context.findings.Pass("DMARC-RUA-EXT", std::move(seen));
  }
  if (!answer.Told() || !told) {
    seen.detail =
        answer.Told() ? "Whether " + host + " is of the same organization could not be told." : Trouble(answer, name);
    return context.findings.Unknown("DMARC-RUA-EXT", std::move(seen));
  }
  seen.fix = TxtFix(name, "v=DMARC1");
  if (listed) {
    seen.detail = "Reporters that read RFC 9990 take " + host + " for another organization, which has not consented.";
    return context.findings.Info("DMARC-RUA-EXT", std::move(seen));
  }
  seen.detail = host + " is of another organization and does not consent to reports about " + at.domain +
                ": reporters send none there.";
  context.findings.Warn("DMARC-RUA-EXT", std::move(seen));
}

// All that the hosts will be asked, at once: one that is silent then costs no more time than ten.
void PrefetchHosts(Context& context, const ReportPlace& at, const std::vector<std::string>& hosts) {
  std::vector<Question> questions;
  for (const std::string& host : hosts) {
    for (const Type type : {Type::kMx, Type::kA, Type::kAaaa}) questions.push_back({host, type});
    questions.push_back({at.domain + "._report._dmarc." + host, Type::kTxt});
    for (const std::string& domain : WalkDomains(host)) questions.push_back(DmarcQuestion(domain));
  }
  context.Prefetch(std::move(questions));
}

void CheckReportHosts(Context& context, const ReportPlace& at) {
  // RFC 9990 asks reporters to serve two addresses at least; nobody serves this many.
  constexpr std::size_t kMostHosts = 10;
  const Tools& tools = context.tools;
  std::vector<std::string> hosts = Hosts(at.record);
  if (hosts.size() > kMostHosts) {
    context.findings.Info("DMARC-RUA",
                          SeenAt(at.dmarc, at.domain,
                                 "Of the " + std::to_string(hosts.size()) + " hosts that reports go to, the first " +
                                     std::to_string(kMostHosts) + " were looked at."));
    hosts.resize(kMostHosts);
  }
  PrefetchHosts(context, at, hosts);
  const auto ours = FindOrganizationalDomains(tools.resolver, at.domain, tools.suffixes, tools.deadline);
  for (const std::string& host : hosts)
    if (CheckReportMx(context, at, host)) CheckConsent(context, at, ours, host);
}

void CheckFailureReports(Context& context, const ReportPlace& at) {
  auto seen = SeenAt(at.dmarc, at.domain, "No failure reports are asked for.");
  auto options = seen;
  if (at.record.ruf.empty()) {
    context.findings.Pass("DMARC-RUF", std::move(seen));
  } else {
    seen.detail = "Failure reports are asked for; they may hold personal data, and few receivers send them.";
    context.findings.Info("DMARC-RUF", std::move(seen));
  }
  options.detail = at.record.fo.empty() ? "There is no fo." : "fo=" + at.record.fo + " stands beside ruf.";
  if (at.record.fo.empty() || !at.record.ruf.empty()) return context.findings.Pass("DMARC-FO", std::move(options));
  options.detail = "fo=" + at.record.fo + " has no effect without ruf.";
  context.findings.Info("DMARC-FO", std::move(options));
}

}  // namespace

void CheckDmarcReports(Context& context) {
  if (!context.dmarc_governs) return;
  for (const DmarcReading* reading : Governing(*context.dmarc)) {
    const ReportPlace at{*context.dmarc, reading->policy_domain, *reading->record};
    CheckRua(context, at);
    CheckReportHosts(context, at);
    CheckFailureReports(context, at);
  }
}

}  // namespace sealpost::dns
