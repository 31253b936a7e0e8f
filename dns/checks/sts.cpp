// MTA-STS (RFC 8461): the record, the policy over HTTPS, and whether the policy knows every MX host.
#include "dns/checks/sts.h"

#include <algorithm>
#include <utility>

#include "dns/checks/mail_host.h"
#include "dns/mta_sts.h"
#include "dns/name.h"

namespace sealpost::dns {
namespace {

constexpr std::uint32_t kShortAge = 86'400;

struct Fetched {
  Verdict verdict = Verdict::kPass;
  std::string detail;
  std::string body;
};

bool IsText(const std::string& content_type) {
  const std::string lower = Lower(content_type);
  return lower == "text/plain" || lower.starts_with("text/plain;") || lower.starts_with("text/plain ");
}

Fetched FetchPolicy(Context& context, const std::string& host) {
  if (!context.tools.fetch)
    return {Verdict::kUnknown, "The policy file was not fetched: nothing was given that fetches over HTTPS.", ""};
  const HostAddresses addresses = AddressesOf(context, host);
  if (addresses.ips.empty() && !addresses.told) return {Verdict::kUnknown, addresses.trouble, ""};
  if (addresses.ips.empty()) return {Verdict::kWarn, host + ", where the policy has to stand, has no address.", ""};
  const std::string url = "https://" + host + "/.well-known/mta-sts.txt";
  const FetchResult result = context.tools.fetch({.url = url, .addresses = addresses.ips});
  if (result.status == 0)
    return {result.could_not_tell ? Verdict::kUnknown : Verdict::kWarn,
            "The policy file " + url + " could not be fetched: " + result.problem, ""};
  if (result.status >= 300 && result.status < 400)
    return {Verdict::kWarn, url + " redirects, which senders do not follow.", ""};
  if (result.status != 200)
    return {Verdict::kWarn, url + " answers with status " + std::to_string(result.status) + ".", ""};
  if (!IsText(result.content_type))
    return {Verdict::kWarn, url + " is served as \"" + result.content_type + "\" instead of text/plain.", ""};
  return {Verdict::kPass, "", result.body};
}

std::string ModeName(StsMode mode) {
  return mode == StsMode::kEnforce ? "enforce" : mode == StsMode::kTesting ? "testing" : "none";
}

// Hosts that mail goes to and no mx line names.
std::vector<std::string> Missed(const StsPolicy& policy, const std::vector<std::string>& hosts) {
  std::vector<std::string> missed;
  for (const std::string& host : hosts) {
    const bool named = std::ranges::any_of(policy.mx, [&](const std::string& p) { return StsMatches(p, host); });
    if (!named) missed.push_back(host);
  }
  return missed;
}

// The hosts of MX, or the domain itself as its implicit MX; nothing if it could not be told.
std::vector<std::string> MailHosts(Context& context, std::string& trouble) {
  const std::string& domain = context.sender.domain;
  const Answer mx = context.Ask(domain, Type::kMx);
  if (!mx.Told()) trouble = Trouble(mx, domain);
  if (!mx.Told() || IsNullMx(mx)) return {};
  std::vector<std::string> hosts;
  // An address in the place of a host, and the dot beside hosts, are MX-IP's and MX-NOADDR's.
  for (const Mx& exchange : Exchanges(mx))
    if (IsHostname(exchange.exchange)) hosts.push_back(exchange.exchange);
  if (mx.Void()) hosts.push_back(domain);
  return hosts;
}

void JudgePolicy(Context& context, Findings::Seen seen, const std::string& body) {
  const auto policy = ParseStsPolicy(body);
  if (!policy) {
    seen.detail = "The policy file cannot be read: " + policy.error();
    return context.findings.Warn("STS-TXT", std::move(seen));
  }
  if (policy->mode == StsMode::kNone) {
    seen.detail = "The policy has mode none: senders do as if there were no MTA-STS.";
    return context.findings.Info("STS-TXT", std::move(seen));
  }
  std::string trouble;
  const auto missed = Missed(*policy, MailHosts(context, trouble));
  if (!trouble.empty()) {
    seen.detail = trouble;
    return context.findings.Unknown("STS-TXT", std::move(seen));
  }
  seen.detail = "The policy has mode " + ModeName(policy->mode);
  if (!missed.empty()) {
    std::string lines;
    for (const std::string& host : missed) lines += (lines.empty() ? "" : ", ") + host;
    seen.detail += " and does not name " + lines +
                   (policy->mode == StsMode::kEnforce ? ": senders refuse to deliver there."
                                                      : ": senders report this as a failure.");
    seen.remedy = "Add a line \"mx: " + missed.front() + "\" to the policy file, then change the record's id.";
    return context.findings.Warn("STS-TXT", std::move(seen));
  }
  seen.detail += " and names every MX host.";
  if (policy->max_age >= kShortAge) return context.findings.Pass("STS-TXT", std::move(seen));
  seen.detail += " It is kept for " + std::to_string(policy->max_age) +
                 " seconds only, too short to protect against much; weeks are usual.";
  context.findings.Info("STS-TXT", std::move(seen));
}

}  // namespace

void CheckSts(Context& context) {
  const std::string name = "_mta-sts." + context.sender.domain;
  const Answer answer = context.Ask(name, Type::kTxt);
  Findings::Seen seen{.name = name, .records = Raw(answer)};
  if (!answer.Told()) {
    seen.detail = Trouble(answer, name);
    return context.findings.Unknown("STS-TXT", std::move(seen));
  }
  std::vector<std::string> records;
  bool miswritten = false;
  for (const std::string& text : Texts(answer)) {
    if (IsStsRecord(text))
      records.push_back(text);
    else
      miswritten = miswritten || Lower(text).contains("stsv1");
  }
  if (records.empty() && !miswritten) {
    seen.detail = "There is no MTA-STS.";
    return context.findings.Info("STS-TXT", std::move(seen));
  }
  const auto id = records.size() == 1 ? ParseStsRecord(records.front()) : std::unexpected(std::string());
  if (!id) {
    seen.detail = records.empty()      ? "The record does not begin with v=STSv1; and is passed over."
                  : records.size() > 1 ? "There are several MTA-STS records: senders act as if there were none."
                                       : "The record cannot be read: " + id.error();
    return context.findings.Warn("STS-TXT", std::move(seen));
  }
  const Fetched fetched = FetchPolicy(context, "mta-sts." + context.sender.domain);
  seen.detail = fetched.detail;
  if (fetched.verdict == Verdict::kUnknown) return context.findings.Unknown("STS-TXT", std::move(seen));
  if (fetched.verdict == Verdict::kWarn) return context.findings.Warn("STS-TXT", std::move(seen));
  JudgePolicy(context, std::move(seen), fetched.body);
}

}  // namespace sealpost::dns
