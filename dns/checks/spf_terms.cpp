#include <algorithm>

#include "dns/checks/spf_fix.h"
#include "dns/checks/spf_parts.h"
#include "dns/checks/spf_sound.h"
#include "dns/name.h"
#include "dns/spf_macro.h"

namespace sealpost::dns {
namespace {

const SpfTerm* All(const SpfRecord& record) {
  const auto all = std::ranges::find(record.terms, Mechanism::kAll, &SpfTerm::mechanism);
  return all == record.terms.end() ? nullptr : &*all;
}

// An included record that lets everybody pass, corrected, if it is one that the sender can publish.
std::optional<Fix> Narrowed(const WalkedSpf& spf, const SpfWide& wide) {
  if (SameName(wide.domain, spf.domain)) return spf.Sound();
  if (!spf.Own(wide.domain)) return std::nullopt;
  for (const SpfNode& node : spf.walk.nodes) {
    if (!SameName(node.domain, wide.domain) || node.records.size() != 1) continue;
    const std::string& record = node.records.front();
    const bool all = Lower(wide.term).ends_with("all") && !wide.term.contains(':');
    const std::string narrow = all ? WithAll(record, "~all") : WithoutTerms(record, {wide.term});
    return TxtFix(node.domain, StillPassing(spf.context, node.domain, record, narrow));
  }
  return std::nullopt;
}

// What no prefix shows: two halves of the internet, a macro over a wildcard, a constant name that exists.
void CheckStrangers(const WalkedSpf& spf) {
  const Tools& tools = spf.context.tools;
  const std::string term = PassesStrangers(tools.resolver, spf.domain, tools.deadline);
  if (term.empty()) {
    if (!spf.context.findings.Has("SPF-PLUSALL", Verdict::kWarn))
      spf.context.findings.Pass("SPF-PLUSALL", {.name = spf.domain});
    return;
  }
  Findings::Seen fault =
      spf.See("Addresses that nobody sends from, such as private ones, pass by " + term + ": so does everybody.");
  fault.fix = spf.Sound();
  spf.context.findings.Fail("SPF-PLUSALL", std::move(fault));
}

void CheckWide(const WalkedSpf& spf) {
  std::vector<std::string> seen;
  for (const SpfWide& wide : spf.walk.wide) {
    const std::string place = wide.term + " in the record of " + wide.domain;
    if (std::ranges::find(seen, place) != seen.end()) continue;
    seen.push_back(place);
    Findings::Seen fault =
        spf.See(place + (wide.everybody ? " lets the whole internet pass." : " lets a huge network pass."));
    if (!SameName(wide.domain, spf.domain)) {
      for (const SpfNode& node : spf.walk.nodes)
        if (node.domain == wide.domain && fault.records.size() < 2) fault.records = Raw(node.answer);
    }
    if (!spf.Own(wide.domain)) {
      fault.remedy = "Take out what leads to " + wide.domain + " until its owner has mended that record.";
    }
    if (!wide.everybody) {
      spf.context.findings.Warn("SPF-PLUSALL", std::move(fault));
      continue;
    }
    fault.fix = Narrowed(spf, wide);
    spf.context.findings.Fail("SPF-PLUSALL", std::move(fault));
  }
  if (!spf.context.findings.Has("SPF-PLUSALL", Verdict::kFail)) CheckStrangers(spf);
}

// The record whose end decides, along redirects; null where they lead nowhere, which is another fault.
const SpfNode* LastWord(const SpfWalk& walk) {
  std::size_t at = 0;
  for (std::size_t hops = 0; hops < walk.nodes.size(); ++hops) {
    const SpfNode& node = walk.nodes[at];
    if (!node.record) return nullptr;
    if (All(*node.record) != nullptr || !node.record->redirect) return &node;
    const auto next = std::ranges::find_if(walk.nodes, [&](const SpfNode& child) {
      return child.parent == at && Lower(child.via).starts_with("redirect");
    });
    if (next == walk.nodes.end()) return nullptr;
    at = static_cast<std::size_t>(next - walk.nodes.begin());
  }
  return nullptr;
}

void CheckEnd(const WalkedSpf& spf) {
  const SpfNode* last = LastWord(spf.walk);
  if (last == nullptr) return;
  const SpfTerm* all = All(*last->record);
  if (all != nullptr && all->qualifier != Qualifier::kNeutral) {
    return spf.context.findings.Pass("SPF-NEUTRAL", {.name = last->domain});
  }
  const std::string what = all != nullptr ? "ends with " + all->text : "has neither all nor redirect";
  Findings::Seen fault = spf.See("The record of " + last->domain + " " + what + ", which says nothing about others.");
  if (SameName(last->domain, spf.domain)) {
    fault.fix = spf.Sound();
  } else if (spf.Own(last->domain)) {
    fault.fix = TxtFix(last->domain, WithAll(last->records.front(), "~all"));
  }
  spf.context.findings.Warn("SPF-NEUTRAL", std::move(fault));
}

void CheckBehindAll(const WalkedSpf& spf) {
  const SpfRecord& record = *spf.walk.nodes.front().record;
  const SpfTerm* all = All(record);
  const bool dead = all != nullptr && all != &record.terms.back();
  if (!dead && (all == nullptr || !record.redirect)) {
    return spf.context.findings.Pass("SPF-ALL-POS", {.name = spf.domain});
  }
  Findings::Seen fault =
      spf.See(dead ? "Terms behind " + all->text + " are never read."
                   : record.redirect->text + " is ignored, because the record has " + all->text + ".");
  fault.fix = spf.Sound();
  spf.context.findings.Warn("SPF-ALL-POS", std::move(fault));
}

std::vector<std::string> TermsWithPtr(const SpfRecord& record) {
  std::vector<std::string> terms;
  for (const SpfTerm& term : record.terms)
    if (term.mechanism == Mechanism::kPtr || Lower(term.domain).contains("%{p")) terms.push_back(term.text);
  return terms;
}

// Of an included record.
Fix WithoutPtr(const WalkedSpf& spf, const SpfNode& node, const std::vector<std::string>& terms) {
  const std::string& record = node.records.front();
  const std::string mended = WithoutTerms(record, terms);
  return TxtFix(node.domain, StillPassing(spf.context, node.domain, record, mended));
}

void CheckPtr(const WalkedSpf& spf) {
  for (const SpfNode& node : spf.walk.nodes) {
    const std::vector<std::string> terms = node.record ? TermsWithPtr(*node.record) : std::vector<std::string>{};
    if (terms.empty()) continue;
    Findings::Seen fault = spf.See(terms.front() + " stands in the record of " + node.domain + ".");
    // Somebody else's ptr is a fact about his record, not a fault of this domain.
    if (!spf.Own(node.domain)) return spf.context.findings.Info("SPF-PTR", std::move(fault));
    fault.fix = SameName(node.domain, spf.domain) ? spf.Sound() : WithoutPtr(spf, node, terms);
    return spf.context.findings.Warn("SPF-PTR", std::move(fault));
  }
  spf.context.findings.Pass("SPF-PTR", {.name = spf.domain});
}

std::string Expansions(const WalkedSpf& spf, const std::string& text, const std::string& domain) {
  const Sender& sender = spf.context.sender;
  MacroValues values;
  values.sender = "postmaster@" + spf.domain;
  values.domain = domain;
  values.helo = sender.helo_names.empty() ? spf.domain : sender.helo_names.front();
  std::string list;
  for (const Ip& ip : sender.addresses) {
    values.ip = Unmapped(ip);
    list += (list.empty() ? " becomes " : ", ") + ExpandMacros(text, values, MacroPlace::kDomainSpec);
  }
  return list;
}

void CheckMacroTerms(const WalkedSpf& spf) {
  std::vector<std::string> seen;
  for (const SpfNode& node : spf.walk.nodes) {
    if (!node.record) continue;
    for (const SpfTerm& term : node.record->terms) {
      if (!HasMacros(term.domain) || std::ranges::find(seen, term.text) != seen.end()) continue;
      seen.push_back(term.text);
      std::string detail = term.text + Expansions(spf, term.domain, node.domain) + ".";
      if (VariesByMessage(term.domain)) detail += " It is another name for other mail, and is not counted further.";
      spf.context.findings.Info("SPF-MACRO", {.name = node.domain, .records = node.records, .detail = detail});
    }
  }
  if (seen.empty()) spf.context.findings.Pass("SPF-MACRO", {.name = spf.domain});
}

}  // namespace

void CheckSpfTerms(const WalkedSpf& spf) {
  CheckWide(spf);
  CheckEnd(spf);
  CheckBehindAll(spf);
  CheckPtr(spf);
  CheckMacroTerms(spf);
}

}  // namespace sealpost::dns
