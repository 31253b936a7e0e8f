#include <algorithm>

#include "dns/checks/mail_host.h"
#include "dns/checks/spf_fix.h"
#include "dns/checks/spf_parts.h"
#include "dns/checks/spf_sound.h"
#include "dns/name.h"
#include "dns/spf_evaluator.h"

namespace sealpost::dns {
namespace {

constexpr int kManyLookups = 8;

void CheckUnasked(const WalkedSpf& spf) {
  if (spf.walk.unknown.empty()) return spf.context.findings.Pass("SPF-TEMP", {.name = spf.domain});
  std::vector<std::string> troubles;
  for (const SpfNode& node : spf.walk.nodes)
    if (!node.answer.Told() && !node.loop) troubles.push_back(Trouble(node.answer, node.domain));
  const std::string detail =
      troubles.empty() ? "No answer could be had about " + Listed(spf.walk.unknown) : troubles[0];
  spf.context.findings.Unknown("SPF-TEMP", spf.See(detail + "."));
}

std::string WhyUnusable(const SpfNode& node) {
  if (!node.errors.empty()) {
    const SpfError& error = node.errors.front();
    return "its record cannot be read: \"" + error.term + "\" in column " + std::to_string(error.column) + ", " +
           error.message;
  }
  if (node.records.size() > 1) return "it has " + std::to_string(node.records.size()) + " SPF records";
  return node.answer.status == Status::kNxDomain ? "the name does not exist" : "it has no SPF record";
}

// One finding a node, at whoever names it; a name included twice is one fault.
void CheckTargets(const WalkedSpf& spf) {
  std::vector<std::string> seen;
  bool unusable = false, loops = false;
  for (std::size_t i = 1; i < spf.walk.nodes.size(); ++i) {
    const SpfNode& node = spf.walk.nodes[i];
    const SpfNode& parent = spf.walk.nodes[node.parent];
    const bool broken = node.answer.Told() && !node.record;
    if ((!node.loop && !broken) || std::ranges::find(seen, node.domain) != seen.end()) continue;
    seen.push_back(node.domain);
    (node.loop ? loops : unusable) = true;
    const std::string whose = node.parent == 0 ? "" : " in the record of " + parent.domain;
    Findings::Seen fault =
        spf.See(node.via + whose + ": " + (node.loop ? "leads back to itself" : WhyUnusable(node)) + ".");
    if (broken && !node.loop) fault.records = Raw(node.answer);
    if (node.parent == 0) {
      fault.fix = spf.Sound();
    } else if (!spf.Own(parent.domain)) {
      fault.remedy = "Tell the owner of " + parent.domain + ", or take out what leads there.";
    }
    spf.context.findings.Fail(node.loop ? "SPF-LOOP" : "SPF-INCLUDE-NONE", std::move(fault));
  }
  if (!unusable) spf.context.findings.Pass("SPF-INCLUDE-NONE", {.name = spf.domain});
  if (!loops) spf.context.findings.Pass("SPF-LOOP", {.name = spf.domain});
}

std::string Breakdown(const SpfWalk& walk) {
  std::string text = std::to_string(walk.lookups) + " lookups";
  const char* separator = ": ";
  for (const SpfNode& node : walk.nodes) {
    if (node.lookups == 0) continue;
    text += separator + std::to_string(node.lookups) + " in " + node.domain;
    separator = ", ";
  }
  return text + ".";
}

void CheckLookups(const WalkedSpf& spf) {
  Findings& findings = spf.context.findings;
  Findings::Seen seen = spf.See(Breakdown(spf.walk));
  if (spf.walk.lookups > kSpfLimits.lookups) {
    seen.detail += " Addresses that match early never meet the limit, others do.";
    Fix fix = spf.Sound();
    if (LookupsOf(spf.context, spf.domain, fix.value) <= kSpfLimits.lookups) seen.fix = std::move(fix);
    return findings.Fail("SPF-LOOKUPS", std::move(seen));
  }
  if (!spf.walk.unknown.empty() || spf.walk.cut) {
    seen.detail += " Some names gave no answer, so that there may be more.";
    return findings.Unknown("SPF-LOOKUPS", std::move(seen));
  }
  if (spf.walk.lookups >= kManyLookups) {
    seen.detail += " The next include of a provider will break the limit.";
    return findings.Warn("SPF-LOOKUPS", std::move(seen));
  }
  findings.Pass("SPF-LOOKUPS", std::move(seen));
}

// More than two MX hosts without AAAA that the evaluation of an IPv6 address comes by; empty if there are not.
std::string HostsWithoutIpv6(const WalkedSpf& spf) {
  const Context& context = spf.context;
  for (const Ip& ip : context.sender.addresses) {
    if (!Unmapped(ip).v6) continue;
    const SpfQuery query{ip, "postmaster@" + spf.domain, spf.domain, ""};
    std::vector<std::string> hosts;
    for (const SpfStep& step : CheckHost(context.tools.resolver, query, {}, context.tools.deadline).trace) {
      if (!Lower(Unqualified(step.term)).starts_with("mx")) continue;
      for (const Mx& mx : Exchanges(context.Ask(step.expanded, Type::kMx)))
        if (context.Ask(mx.exchange, Type::kAaaa).Void()) hosts.push_back(mx.exchange);
    }
    if (hosts.size() > kSpfLimits.void_lookups) return Listed(hosts);
  }
  return "";
}

void CheckVoids(const WalkedSpf& spf) {
  Findings& findings = spf.context.findings;
  std::vector<std::string> names;
  int by_includes = 0;
  bool own = false;
  for (const SpfVoid& dead : spf.walk.voids) {
    names.push_back(dead.name + " (" + dead.term + ")");
    const std::string term = Lower(Unqualified(dead.term));
    if (term.starts_with("include") || term.starts_with("redirect")) ++by_includes;
    own = own || SameName(dead.domain, spf.domain);
  }
  if (spf.walk.void_lookups > kSpfLimits.void_lookups) {
    // A dead include ends the evaluation by itself and has been reported as that.
    if (spf.walk.void_lookups - by_includes <= kSpfLimits.void_lookups) return;
    Findings::Seen fault{.name = spf.domain, .records = {spf.text}};
    fault.detail = "Nothing stands at " + Listed(names) + ".";
    if (own) fault.fix = spf.Sound();
    return findings.Fail("SPF-VOID", std::move(fault));
  }
  if (const std::string hosts = HostsWithoutIpv6(spf); !hosts.empty()) {
    return findings.Warn("SPF-VOID",
                         {.name = spf.domain,
                          .records = {spf.text},
                          .detail = "Over IPv6 an mx term looks up " + hosts +
                                    ", which have no AAAA. Some receivers (pyspf) count each as a dead name, and stop "
                                    "at the third.",
                          .remedy = "Name the IPv6 addresses that mail leaves from by ip6 terms, before mx."});
  }
  if (!spf.walk.unknown.empty()) {
    return findings.Unknown("SPF-VOID", spf.See("Some names gave no answer, and may be dead too."));
  }
  if (names.empty() || by_includes > 0) return findings.Pass("SPF-VOID", {.name = spf.domain});
  findings.Info("SPF-VOID", spf.See("Within the limit, yet nothing stands at " + Listed(names) + "."));
}

void CheckMxNames(const WalkedSpf& spf) {
  if (spf.walk.mx_over_limit.empty()) return spf.context.findings.Pass("SPF-MX10", {.name = spf.domain});
  Findings::Seen seen = spf.See("More than 10 MX records: " + Listed(spf.walk.mx_over_limit) + ".");
  const auto crowded = [&](const SpfTerm& term) {
    const std::string& name = term.domain.empty() ? spf.domain : term.domain;
    return term.mechanism == Mechanism::kMx &&
           std::ranges::any_of(spf.walk.mx_over_limit, [&](const std::string& mx) { return SameName(mx, name); });
  };
  const bool own = std::ranges::any_of(spf.walk.nodes.front().record->terms, crowded);
  if (own && !spf.context.sender.addresses.empty()) seen.fix = spf.Sound();
  spf.context.findings.Fail("SPF-MX10", std::move(seen));
}

bool UsesPtr(const SpfNode& node) {
  return node.record &&
         std::ranges::any_of(node.record->terms, [](const SpfTerm& term) { return term.mechanism == Mechanism::kPtr; });
}

void CheckPtrNames(const WalkedSpf& spf) {
  std::vector<std::string> crowded;
  if (std::ranges::any_of(spf.walk.nodes, UsesPtr)) {
    for (const Ip& ip : spf.context.sender.addresses)
      if (spf.context.Ask(ReverseName(ip), Type::kPtr).records.size() > kSpfLimits.ptr_names)
        crowded.push_back(ToString(ip));
  }
  if (crowded.empty()) return spf.context.findings.Pass("SPF-PTR10", {.name = spf.domain});
  spf.context.findings.Fail("SPF-PTR10", spf.See("More than 10 PTR names: " + Listed(crowded) + "."));
}

}  // namespace

Findings::Seen WalkedSpf::See(std::string detail) const {
  return {.name = domain, .records = Raw(walk.nodes.front().answer), .detail = std::move(detail)};
}

Fix WalkedSpf::Sound() const {
  return TxtFix(domain, SoundSpf(context, domain, IntendedSpf(walk.nodes.front().answer, text)));
}

bool WalkedSpf::Own(std::string_view name) const {
  return IsWithin(name, context.sender.domain) || IsWithin(name, context.ReturnPath());
}

void CheckSpfLimits(const WalkedSpf& spf) {
  CheckUnasked(spf);
  CheckTargets(spf);
  CheckLookups(spf);
  CheckVoids(spf);
  CheckMxNames(spf);
  CheckPtrNames(spf);
}

}  // namespace sealpost::dns
