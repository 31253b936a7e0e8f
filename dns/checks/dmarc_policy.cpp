// What the governing record asks of receivers, under both readings.
#include <algorithm>
#include <optional>
#include <utility>

#include "dns/checks/context.h"
#include "dns/checks/dmarc_parts.h"
#include "dns/name.h"

namespace sealpost::dns {
namespace {

using Policies = std::optional<Policy> DmarcRecord::*;

constexpr std::string_view kTree = "RFC 9989";
constexpr std::string_view kSuffix = "RFC 7489";

bool IsWeak(Policy policy) {
  return policy < Policy::kQuarantine;
}

// "sp=none of the record of example.com".
std::string Decides(const DmarcReading& reading) {
  const std::string where =
      reading.governs == Governs::kOwn ? "the domain's own record" : "the record of " + reading.policy_domain;
  if (reading.tag == "p" && !reading.record->p) return where + ", which has no p and so acts as p=none";
  return reading.tag + "=" + std::string(PolicyName(reading.policy)) + " of " + where;
}

void CheckPolicy(Context& context, const DmarcDiscovery& dmarc) {
  const bool tree_weak = IsWeak(dmarc.tree.policy);
  const bool suffix_weak = IsWeak(dmarc.suffix.policy);
  const DmarcReading& weaker = tree_weak || !suffix_weak ? dmarc.tree : dmarc.suffix;
  const std::string tree = Decides(dmarc.tree);
  const std::string suffix = Decides(dmarc.suffix);
  std::string detail =
      "Under both readings, " + std::string(kTree) + " and " + std::string(kSuffix) + ", " + tree + " decides.";
  if (tree != suffix)
    detail = "For readers of " + std::string(kTree) + " " + tree + " decides, for those of " + std::string(kSuffix) +
             " " + suffix + ".";
  auto seen = SeenAt(dmarc, weaker.policy_domain, std::move(detail));
  if (!tree_weak && !suffix_weak) return context.findings.Pass("DMARC-POLICY", std::move(seen));
  seen.fix = SoundFix(dmarc, weaker.policy_domain);
  if (weaker.governs != Governs::kOwn)
    seen.remedy = "Raise " + weaker.tag + " there, or publish a record of its own at _dmarc." + dmarc.domain + ".";
  context.findings.Fail("DMARC-POLICY", std::move(seen));
}

void CheckTest(Context& context, const DmarcDiscovery& dmarc) {
  const DmarcReading& reading = dmarc.tree;
  if (!reading.record->testing)
    return context.findings.Pass("DMARC-TEST", SeenAt(dmarc, reading.policy_domain, "There is no t=y."));
  // A policy of none has nothing to lose; that it is none has been said.
  if (IsWeak(reading.policy)) return;
  const bool reject = reading.policy == Policy::kReject;
  auto seen = SeenAt(dmarc, reading.policy_domain,
                     reject ? "t=y asks readers of RFC 9989 for quarantine instead of reject."
                            : "t=y asks readers of RFC 9989 for none instead of quarantine.");
  seen.fix = SoundFix(dmarc, reading.policy_domain);
  if (reject) return context.findings.Warn("DMARC-TEST", std::move(seen));
  context.findings.Fail("DMARC-TEST", std::move(seen));
}

void CheckPercent(Context& context, const DmarcDiscovery& dmarc) {
  const DmarcReading& reading = dmarc.suffix;
  const DmarcRecord& record = *reading.record;
  auto seen = SeenAt(dmarc, reading.policy_domain, "There is none of pct, rf and ri.");
  if (record.historic_tags.empty()) return context.findings.Pass("DMARC-PCT", std::move(seen));
  seen.fix = SoundFix(dmarc, reading.policy_domain);
  if (record.percent < 100) {
    if (IsWeak(reading.policy)) return;
    const bool reject = reading.policy == Policy::kReject;
    const std::string share = std::to_string(record.percent);
    seen.detail = "pct=" + share + " leaves " + std::to_string(100 - record.percent) + "% of what fails at " +
                  (reject ? "quarantine" : "none") + " with readers of RFC 7489.";
    if (reject) return context.findings.Warn("DMARC-PCT", std::move(seen));
    return context.findings.Fail("DMARC-PCT", std::move(seen));
  }
  seen.detail = "Tags that RFC 9989 has removed, without effect here: " + Listed(record.historic_tags) + ".";
  context.findings.Info("DMARC-PCT", std::move(seen));
}

bool Decided(const DmarcDiscovery& dmarc, std::string_view tag) {
  return dmarc.tree.tag == tag || dmarc.suffix.tag == tag;
}

// A weak tag that governs From is DMARC-POLICY's; here it is judged for the other subdomains.
void CheckSubdomains(Context& context, const DmarcDiscovery& dmarc, std::string_view tag, Policies member,
                     Policy inherited) {
  const DmarcReading& reading = dmarc.tree;
  const std::string id = tag == "sp" ? "DMARC-SP" : "DMARC-NP";
  const std::optional<Policy> policy = (*reading.record).*member;
  auto seen = SeenAt(dmarc, reading.policy_domain, "");
  if (!policy) {
    if (IsWeak(inherited)) return;  // said of the tag it comes from
    seen.detail = std::string(tag) + " is not there and inherits " + std::string(PolicyName(inherited)) + ".";
    return context.findings.Pass(id, std::move(seen));
  }
  seen.detail = std::string(tag) + "=" + std::string(PolicyName(*policy)) + " governs " +
                (tag == "sp" ? "the subdomains without a record of their own." : "subdomains that do not exist.");
  if (!IsWeak(*policy)) return context.findings.Pass(id, std::move(seen));
  if (Decided(dmarc, tag)) return;
  seen.fix = SoundFix(dmarc, reading.policy_domain);
  context.findings.Warn(id, std::move(seen));
}

void CheckSubdomainTags(Context& context, const DmarcDiscovery& dmarc) {
  const DmarcReading& reading = dmarc.tree;
  const DmarcRecord& record = *reading.record;
  const bool organizational = SameName(reading.policy_domain, dmarc.tree.organizational_domain) ||
                              SameName(reading.policy_domain, dmarc.suffix.organizational_domain) ||
                              reading.governs == Governs::kSuffix;
  if (!organizational) {
    if (!record.sp && !record.np)
      return context.findings.Pass("DMARC-SP-DEAD", SeenAt(dmarc, reading.policy_domain, ""));
    return context.findings.Info("DMARC-SP-DEAD", SeenAt(dmarc, reading.policy_domain,
                                                         "sp and np have no effect here: names below take them from " +
                                                             dmarc.tree.organizational_domain + "."));
  }
  context.findings.Pass("DMARC-SP-DEAD", SeenAt(dmarc, reading.policy_domain, "This is the organizational domain."));
  const Policy p = record.p.value_or(Policy::kNone);
  CheckSubdomains(context, dmarc, "sp", &DmarcRecord::sp, p);
  CheckSubdomains(context, dmarc, "np", &DmarcRecord::np, record.sp.value_or(p));
}

// psd=n that parts domains shows in ALIGN-DKIM and ALIGN-DIVERGE, where it is known whether any mail suffers.
void CheckPsd(Context& context, const DmarcDiscovery& dmarc) {
  const std::string& organization = dmarc.suffix.organizational_domain;
  for (const DmarcStep& step : dmarc.steps) {
    const bool declared = step.record && step.record->psd == 'y' && IsWithin(step.domain, organization);
    if (!declared || context.tools.suffixes.IsPublicSuffix(step.domain)) continue;
    auto seen = SeenAt(
        dmarc, step.domain,
        "psd=y says that " + step.domain + " is a public suffix; the public suffix list does not know it as one.");
    seen.fix = SoundFix(dmarc, step.domain);
    return context.findings.Warn("DMARC-PSD", std::move(seen));
  }
  context.findings.Pass("DMARC-PSD", SeenAt(dmarc, dmarc.tree.policy_domain, ""));
}

void CheckOrder(Context& context, const DmarcDiscovery& dmarc) {
  const DmarcReading& reading = dmarc.suffix;
  if (!reading.record->p) return;
  auto seen = SeenAt(dmarc, reading.policy_domain, "p stands directly behind v.");
  if (reading.record->policy_second) return context.findings.Pass("DMARC-P-ORDER", std::move(seen));
  seen.detail = "p does not stand directly behind v.";
  seen.fix = SoundFix(dmarc, reading.policy_domain);
  context.findings.Warn("DMARC-P-ORDER", std::move(seen));
}

void CheckUnknownTags(Context& context, const DmarcDiscovery& dmarc) {
  const DmarcReading& reading = dmarc.tree;
  const std::string tags = Listed(reading.record->unknown_tags);
  auto seen = SeenAt(dmarc, reading.policy_domain, "Every tag is known.");
  if (tags.empty()) return context.findings.Pass("DMARC-UNKNOWN", std::move(seen));
  seen.detail = "Receivers ignore tags that they do not know: " + tags + ".";
  context.findings.Info("DMARC-UNKNOWN", std::move(seen));
}

}  // namespace

void CheckDmarcPolicy(Context& context) {
  const DmarcDiscovery& dmarc = *context.dmarc;
  CheckPolicy(context, dmarc);
  CheckTest(context, dmarc);
  CheckPercent(context, dmarc);
  CheckSubdomainTags(context, dmarc);
  CheckPsd(context, dmarc);
  CheckOrder(context, dmarc);
  CheckUnknownTags(context, dmarc);
}

}  // namespace sealpost::dns
