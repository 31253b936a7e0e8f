// Whether what authenticates belongs to From: d= of the signatures, and the return path, under both ways to find
// organizational domains.
#include <algorithm>
#include <utility>

#include "dns/checks/context.h"
#include "dns/checks/dmarc_parts.h"
#include "dns/name.h"

namespace sealpost::dns {
namespace {

struct Aligned {
  bool tree = false;
  bool suffix = false;
  bool told = true;

  bool Both() const { return tree && suffix; }
  bool One() const { return tree != suffix; }
};

struct Modes {  // strict, by the record that governs in each reading; relaxed without one
  bool tree = false;
  bool suffix = false;
};

Modes StrictBy(const DmarcDiscovery& dmarc, bool DmarcRecord::* tag) {
  const auto strict = [&](const DmarcReading& reading) { return reading.record && (*reading.record).*tag; };
  return {strict(dmarc.tree), strict(dmarc.suffix)};
}

Aligned Align(Context& context, const Modes& strict, const std::string& domain) {
  const DmarcDiscovery& dmarc = *context.dmarc;
  // Equal names are aligned however their organization is found.
  if (SameName(domain, dmarc.domain)) return {true, true, true};
  if (strict.tree && strict.suffix) return {false, false, dmarc.tree.told && dmarc.suffix.told};
  const Tools& tools = context.tools;
  const auto organization = FindOrganizationalDomains(tools.resolver, domain, tools.suffixes, tools.deadline);
  return {!strict.tree && SameName(organization.tree, dmarc.tree.organizational_domain),
          !strict.suffix && SameName(organization.suffix, dmarc.suffix.organizational_domain),
          organization.told && dmarc.tree.organization_told && dmarc.tree.told && dmarc.suffix.told};
}

// "For readers of RFC 9989 the organization of From is a, for those of RFC 7489 b."
std::string Organizations(const DmarcDiscovery& dmarc) {
  return "for readers of RFC 9989 the organization of " + dmarc.domain + " is " + dmarc.tree.organizational_domain +
         ", for those of RFC 7489 " + dmarc.suffix.organizational_domain;
}

// What makes the two differ, for people.
std::string Cause(const DmarcDiscovery& dmarc) {
  for (const DmarcStep& step : dmarc.steps)
    if (step.record && step.record->psd != 'u')
      return "The record of " + step.domain + " has psd=" + std::string(1, step.record->psd) + ".";
  const std::string& listed = dmarc.suffix.organizational_domain;
  const DmarcStep* step = StepAt(dmarc, listed);
  if (step == nullptr || !step->record)
    return listed + " has no DMARC record, so that the tree walk does not end there.";
  return "A name above " + listed + ", which the public suffix list takes for a suffix, has a DMARC record.";
}

void CheckDkimAlignment(Context& context, const Modes& strict) {
  const std::string& from = context.sender.domain;
  if (context.sender.signers.empty()) {
    return context.findings.Unknown("ALIGN-DKIM", {.name = from,
                                                   .detail = "No signing domain is known.",
                                                   .remedy = "Give the selector that signs, and its domain."});
  }
  std::string domains;
  std::vector<std::string> seen;
  bool told = true;
  bool divided = false;
  for (const Signer& signer : context.sender.signers) {
    if (std::ranges::find(seen, signer.domain) != seen.end()) continue;
    seen.push_back(signer.domain);
    const Aligned aligned = Align(context, strict, signer.domain);
    if (aligned.told && aligned.Both())
      return context.findings.Pass(
          "ALIGN-DKIM", {.name = signer.domain, .detail = "d=" + signer.domain + " is aligned with " + from + "."});
    told = told && aligned.told;
    divided = divided || aligned.One();
    domains += (domains.empty() ? "d=" : ", d=") + signer.domain;
  }
  if (!told) {
    return context.findings.Unknown(
        "ALIGN-DKIM", {.name = seen.front(), .detail = "The organizational domains could not be found out."});
  }
  std::string detail = domains + (seen.size() == 1 ? " is" : " are") + " not aligned with " + from;
  if (strict.tree || strict.suffix) detail += " (adkim=s asks for the same name)";
  if (divided) detail += " at every receiver: " + Organizations(*context.dmarc) + ". " + Cause(*context.dmarc);
  if (!detail.ends_with('.')) detail += ".";
  context.findings.Fail("ALIGN-DKIM", {.name = seen.front(), .detail = std::move(detail)});
}

// Whether aligned by one reading only: then the readings are at fault, not the return path.
bool CheckSpfAlignment(Context& context, const Modes& strict) {
  const std::string& from = context.sender.domain;
  const std::string& path = context.ReturnPath();
  const Aligned aligned = Align(context, strict, path);
  if (!aligned.told) {
    context.findings.Unknown("ALIGN-SPF",
                             {.name = path, .detail = "The organizational domains could not be found out."});
    return false;
  }
  if (aligned.One()) return true;
  if (aligned.Both()) {
    context.findings.Pass("ALIGN-SPF",
                          {.name = path, .detail = "The return path " + path + " is aligned with " + from + "."});
    return false;
  }
  std::string detail = "The return path " + path + " is not aligned with " + from;
  if (strict.tree || strict.suffix) detail += " (aspf=s asks for the same name)";
  context.findings.Warn("ALIGN-SPF", {.name = path, .detail = detail + ": DKIM alone carries DMARC."});
  return false;
}

void CheckDiverge(Context& context, bool path_divided) {
  const DmarcDiscovery& dmarc = *context.dmarc;
  const std::string& from = context.sender.domain;
  if (!dmarc.tree.told || !dmarc.suffix.told) return;
  // Where nothing governs, that has been reported, and readings that differ are its consequence.
  if (!dmarc.tree.record || !dmarc.suffix.record) return;
  const bool record_differs = !SameName(dmarc.tree.policy_domain, dmarc.suffix.policy_domain);
  auto seen = SeenAt(dmarc, from, "");
  if (path_divided) {
    seen.detail = "The return path " + context.ReturnPath() + " is aligned with " + from +
                  " at some receivers only: " + Organizations(dmarc) + ". " + Cause(dmarc);
  } else if (record_differs) {
    seen.detail = "Receivers take the policy from different records, of " + dmarc.tree.policy_domain + " or of " +
                  dmarc.suffix.policy_domain + ": " + Organizations(dmarc) + ". " + Cause(dmarc);
  } else {
    const bool same = SameName(dmarc.tree.organizational_domain, dmarc.suffix.organizational_domain);
    seen.detail = same ? "Both readings find " + dmarc.tree.organizational_domain + "."
                       : "Without consequence here, " + Organizations(dmarc) + ".";
    // A signature aligned at some receivers only has been reported as not aligned.
    if (same || !context.findings.Failed("ALIGN-DKIM")) context.findings.Pass("ALIGN-DIVERGE", std::move(seen));
    return;
  }
  // A psd=y that is none has been reported as the reason.
  if (!context.findings.Has("DMARC-PSD", Verdict::kWarn)) context.findings.Warn("ALIGN-DIVERGE", std::move(seen));
}

}  // namespace

void CheckAlignment(Context& context) {
  CheckDkimAlignment(context, StrictBy(*context.dmarc, &DmarcRecord::strict_dkim));
  const bool divided = CheckSpfAlignment(context, StrictBy(*context.dmarc, &DmarcRecord::strict_spf));
  CheckDiverge(context, divided);
}

}  // namespace sealpost::dns
