// Whether a record governs the From domain, and whether receivers can read it. What it says is judged in
// dmarc_policy.cpp, where its reports go in dmarc_reports.cpp.
#include <algorithm>
#include <optional>

#include "dns/checks/context.h"
#include "dns/checks/dmarc_parts.h"
#include "dns/name.h"

namespace sealpost::dns {
namespace {

bool GovernsNothing(const DmarcDiscovery& dmarc) {
  return dmarc.tree.governs == Governs::kNothing || dmarc.suffix.governs == Governs::kNothing;
}

// Whose records matter: the domain's own, and without a usable one those of its organizational domains.
std::vector<const DmarcStep*> Relevant(const DmarcDiscovery& dmarc) {
  std::vector<const DmarcStep*> steps;
  const auto add = [&](const std::string& domain) {
    const DmarcStep* step = StepAt(dmarc, domain);
    if (step != nullptr && std::ranges::find(steps, step) == steps.end()) steps.push_back(step);
  };
  add(dmarc.domain);
  const DmarcStep* own = StepAt(dmarc, dmarc.domain);
  if (own != nullptr && own->record) return steps;
  add(dmarc.tree.organizational_domain);
  add(dmarc.suffix.organizational_domain);
  return steps;
}

std::string WithoutRubbish(const std::string& text) {
  const std::size_t start = text.find_first_of("vV");
  return start == std::string::npos ? std::string() : text.substr(start);
}

// A text that was meant as a DMARC record, or stands in the place of one, and that receivers pass over.
bool IsNearMiss(const std::string& text) {
  if (IsDmarcRecord(text)) return false;
  const std::string lower = Lower(text);
  return lower.contains("dmarc1") || lower.starts_with("v=spf1") || lower.starts_with("p=");
}

std::string WhyMissed(const std::string& text) {
  const std::string lower = Lower(text);
  const std::string start = WithoutRubbish(lower);
  if (lower.starts_with("v=spf1")) return "an SPF record stands where the DMARC record belongs";
  if (!lower.contains("dmarc1")) return "the record does not begin with v=DMARC1";
  if (text.starts_with('"')) return "the record's text begins with a quote: it was published with quotes inside quotes";
  if (text.front() == ' ' || text.front() == '\t') return "the record's text begins with a blank";
  if (IsDmarcRecord(WithoutRubbish(text))) return "something stands in front of v=DMARC1";
  if (start.starts_with("v=dmarc1") && !text.contains("DMARC1")) return "DMARC1 is not in capital letters";
  return "v=DMARC1 is not the first tag, or no semicolon follows it";
}

std::string RepairedDmarc(const std::string& text, const std::string& domain) {
  const std::string lower = Lower(text);
  const std::size_t version = lower.find("dmarc1");
  if (version == std::string::npos) return NewDmarc(domain);
  std::string rest = text.substr(version + 6);
  std::erase(rest, '"');
  const std::size_t start = rest.find_first_not_of("; \t");
  return SoundDmarc("v=DMARC1; " + (start == std::string::npos ? "" : rest.substr(start)), domain);
}

bool Multi(Context& context, const DmarcDiscovery& dmarc, bool told) {
  bool found = false;
  for (const DmarcStep* step : Relevant(dmarc)) {
    if (step->candidates.size() < 2) continue;
    found = true;
    std::string strictest = step->candidates.front();
    for (const std::string& text : step->candidates)
      if (const auto record = ParseDmarc(text); record && record->p == Policy::kReject) strictest = text;
    auto seen =
        SeenAt(dmarc, step->domain,
               std::to_string(step->candidates.size()) + " DMARC records stand here: receivers discard all of them.");
    seen.fix = TxtFix(step->name, SoundDmarc(strictest, step->domain));
    context.findings.Fail("DMARC-MULTI", std::move(seen));
  }
  if (!found && told) context.findings.Pass("DMARC-MULTI", {.name = "_dmarc." + dmarc.domain});
  return found;
}

// Where nothing governs a near miss is the reason; beside a good record it is only a leftover.
bool Version(Context& context, const DmarcDiscovery& dmarc) {
  const bool nothing = GovernsNothing(dmarc);
  for (const DmarcStep* step : Relevant(dmarc)) {
    for (const std::string& text : Texts(step->answer)) {
      if (!IsNearMiss(text) || (!nothing && !Lower(text).contains("dmarc1"))) continue;
      auto seen = SeenAt(dmarc, step->domain, "Receivers find no DMARC record here: " + WhyMissed(text) + ".");
      if (nothing && step->candidates.empty()) {
        seen.fix = TxtFix(step->name, RepairedDmarc(text, step->domain));
        context.findings.Fail("DMARC-VERSION", std::move(seen));
        return true;
      }
      seen.detail = "Receivers pass over one of the texts here: " + WhyMissed(text) + ".";
      seen.remedy = "Delete the text that is not the record in force.";
      context.findings.Warn("DMARC-VERSION", std::move(seen));
      return false;
    }
  }
  if (!nothing) context.findings.Pass("DMARC-VERSION", {.name = "_dmarc." + dmarc.domain});
  return false;
}

// What makes receivers treat the record as none, or as p=none.
std::string Unusable(const DmarcStep& step) {
  if (step.error)
    return "The record cannot be read: column " + std::to_string(step.error->column) + ", " + step.error->message + ".";
  if (!step.record || step.record->bad_policies.empty()) return "";
  return Listed(step.record->bad_policies) + " is none of none, quarantine and reject: the whole record acts as " +
         (step.record->rua.empty() ? "if it were not there." : "p=none.");
}

bool TagValue(Context& context, const DmarcDiscovery& dmarc) {
  bool broken = false;
  bool clean = true;
  for (const DmarcStep* step : Relevant(dmarc)) {
    const std::string unusable = Unusable(*step);
    const bool defaults = step->record && !step->record->bad_values.empty();
    if (unusable.empty() && !defaults) continue;
    clean = false;
    auto seen = SeenAt(dmarc, step->domain, unusable);
    seen.fix = SoundFix(dmarc, step->domain);
    if (!unusable.empty()) {
      broken = true;
      context.findings.Fail("DMARC-TAGVALUE", std::move(seen));
      continue;
    }
    seen.detail = Listed(step->record->bad_values) + ": receivers use the default instead.";
    seen.fix.reset();
    context.findings.Warn("DMARC-TAGVALUE", std::move(seen));
  }
  if (clean && !GovernsNothing(dmarc)) context.findings.Pass("DMARC-TAGVALUE", {.name = "_dmarc." + dmarc.domain});
  return broken;
}

struct MisplacedDmarc {
  std::string name;
  Answer answer;
  std::string text;
};

// What an operator publishes by mistake: the record at the domain itself, or the zone's name appended by a panel.
std::optional<MisplacedDmarc> FindMisplaced(Context& context, const std::string& domain) {
  for (const std::string& name : {domain, "_dmarc." + domain + "." + domain}) {
    Answer answer = context.Ask(name, Type::kTxt);
    // The doubled name may be too long to be asked for: then nothing stands there.
    if (!answer.Told() && answer.status != Status::kBadName) {
      context.findings.Unknown("DMARC-LOCATION", {.name = name, .detail = Trouble(answer, name)});
      return std::nullopt;
    }
    for (const std::string& text : Texts(answer))
      if (IsDmarcRecord(text)) return MisplacedDmarc{name, std::move(answer), text};
  }
  return std::nullopt;
}

void Location(Context& context, const std::string& domain, const std::optional<MisplacedDmarc>& misplaced) {
  if (misplaced) {
    context.findings.Warn("DMARC-LOCATION", {.name = misplaced->name,
                                             .records = Raw(misplaced->answer),
                                             .detail = "A DMARC record stands here, where no receiver looks.",
                                             .remedy = "Delete it: the record in force stands at _dmarc."});
  } else if (!context.findings.Has("DMARC-LOCATION", Verdict::kUnknown)) {
    context.findings.Pass("DMARC-LOCATION", {.name = domain});
  }
}

void None(Context& context, const DmarcDiscovery& dmarc, const std::optional<MisplacedDmarc>& misplaced) {
  const std::string& domain = dmarc.domain;
  auto seen = SeenAt(dmarc, domain, "No DMARC record governs " + domain + ".");
  seen.fix = TxtFix("_dmarc." + domain, NewDmarc(domain));
  const DmarcStep* own = StepAt(dmarc, domain);
  if (dmarc.tree.record || dmarc.suffix.record) {
    const DmarcReading& found = dmarc.tree.record ? dmarc.tree : dmarc.suffix;
    seen.detail = std::string("Only readers of ") + (dmarc.tree.record ? "RFC 9989" : "RFC 7489") +
                  " find a record, that of " + found.policy_domain + "; for the others none governs " + domain + ".";
    seen.fix->value = SoundDmarc(found.record->text, domain);
  }
  if (own != nullptr && !own->answer.aliases.empty() && own->answer.Void())
    seen.detail += " " + own->name + " is an alias of " + own->answer.aliases.back() + ", where none stands.";
  if (misplaced) {
    seen.detail += " One stands at " + misplaced->name + ", where no receiver looks: " + misplaced->text;
    seen.fix->value = SoundDmarc(misplaced->text, domain);
  }
  context.findings.Fail("DMARC-NONE", std::move(seen));
}

// Without p, and without the rua that would make it p=none, a record governs nothing; a policy is all it lacks.
bool NoPolicy(Context& context, const DmarcDiscovery& dmarc) {
  for (const DmarcStep* step : Relevant(dmarc)) {
    if (!step->record || step->record->p) continue;
    auto seen = SeenAt(dmarc, step->domain, "The record has no p: receivers act as if it were not there.");
    seen.fix = SoundFix(dmarc, step->domain);
    context.findings.Fail("DMARC-POLICY", std::move(seen));
    return true;
  }
  return false;
}

void Alias(Context& context, const DmarcDiscovery& dmarc) {
  const DmarcStep* own = StepAt(dmarc, dmarc.domain);
  if (own == nullptr || !own->answer.Told()) return;
  if (own->answer.aliases.empty()) {
    context.findings.Pass("DMARC-CNAME", {.name = own->name});
    return;
  }
  const std::string target = own->answer.aliases.back();
  auto seen = SeenAt(dmarc, dmarc.domain, own->name + " is an alias of " + target + ", which receivers follow.");
  if (!own->candidates.empty()) return context.findings.Info("DMARC-CNAME", std::move(seen));
  seen.detail = own->name + " is an alias of " + target + ", where no DMARC record stands.";
  context.findings.Warn("DMARC-CNAME", std::move(seen));
}

void Found(Context& context, const DmarcDiscovery& dmarc) {
  for (const DmarcReading* reading : Governing(dmarc)) {
    const bool own = reading->governs == Governs::kOwn;
    context.findings.Pass("DMARC-NONE",
                          SeenAt(dmarc, reading->policy_domain,
                                 own ? "The domain has a record of its own."
                                     : "The record of " + reading->policy_domain + " governs " + dmarc.domain + "."));
  }
}

void CouldNotTell(Context& context, const DmarcDiscovery& dmarc) {
  for (const DmarcStep& step : dmarc.steps) {
    if (step.answer.Told()) continue;
    context.findings.Unknown("DMARC-NONE", {.name = step.name, .detail = Trouble(step.answer, step.name)});
    return;
  }
  context.findings.Unknown("DMARC-NONE",
                           {.name = "_dmarc." + dmarc.domain, .detail = "The policy could not be found out."});
}

}  // namespace

void CheckDmarc(Context& context) {
  context.dmarc =
      DiscoverDmarc(context.tools.resolver, context.sender.domain, context.tools.suffixes, context.tools.deadline);
  const DmarcDiscovery& dmarc = *context.dmarc;
  // Nothing can stand at a name that is too long; LABELS says so.
  if (!IsQueryable("_dmarc." + dmarc.domain)) return;
  const std::optional<MisplacedDmarc> misplaced = FindMisplaced(context, dmarc.domain);
  const bool told = dmarc.tree.told && dmarc.suffix.told;
  if (Multi(context, dmarc, told)) return Location(context, dmarc.domain, misplaced);
  if (!told) return CouldNotTell(context, dmarc);
  if (Version(context, dmarc) || TagValue(context, dmarc)) return Location(context, dmarc.domain, misplaced);
  if (GovernsNothing(dmarc) && NoPolicy(context, dmarc)) return Location(context, dmarc.domain, misplaced);
  if (GovernsNothing(dmarc)) return None(context, dmarc, misplaced);
  Location(context, dmarc.domain, misplaced);
  Alias(context, dmarc);
  Found(context, dmarc);
  context.dmarc_governs = true;
  CheckDmarcPolicy(context);
}

}  // namespace sealpost::dns
