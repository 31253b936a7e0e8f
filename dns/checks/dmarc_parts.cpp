#include "dns/checks/dmarc_parts.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "dns/name.h"
#include "dns/tag_list.h"

namespace sealpost::dns {
namespace {

bool IsPolicy(std::string_view name) {
  return name == "p" || name == "sp" || name == "np";
}

// Only what a correct record may lack: what is not named here stays as the operator wrote it.
bool IsDropped(std::string_view name, std::string_view value) {
  constexpr std::array kHistoric = {"t", "pct", "rf", "ri"};
  return std::ranges::find(kHistoric, name) != kHistoric.end() || (name == "psd" && value == "y");
}

std::string Raised(std::string_view value) {
  return Lower(value) == "reject" ? "reject" : "quarantine";
}

std::string DefaultRua(const std::string& domain) {
  return "mailto:dmarc@" + domain;
}

}  // namespace

const DmarcStep* StepAt(const DmarcDiscovery& discovery, std::string_view domain) {
  const auto found =
      std::ranges::find_if(discovery.steps, [&](const DmarcStep& s) { return SameName(s.domain, domain); });
  return found == discovery.steps.end() ? nullptr : &*found;
}

std::vector<const DmarcReading*> Governing(const DmarcDiscovery& discovery) {
  std::vector<const DmarcReading*> readings;
  for (const DmarcReading* reading : {&discovery.tree, &discovery.suffix}) {
    const bool seen = !readings.empty() && SameName(readings.front()->policy_domain, reading->policy_domain);
    if (reading->record && !seen) readings.push_back(reading);
  }
  return readings;
}

Findings::Seen SeenAt(const DmarcDiscovery& discovery, const std::string& domain, std::string detail) {
  Findings::Seen seen{.name = "_dmarc." + domain, .detail = std::move(detail)};
  if (const DmarcStep* step = StepAt(discovery, domain)) seen.records = Raw(step->answer);
  return seen;
}

std::string NewDmarc(const std::string& domain) {
  return "v=DMARC1; p=quarantine; rua=" + DefaultRua(domain);
}

std::string SoundDmarc(const std::string& text, const std::string& domain) {
  const auto tags = ParseTagList(text);
  if (!tags) return NewDmarc(domain);
  std::string p = "quarantine";
  std::string rest;
  bool has_rua = false;
  std::set<std::string> written;
  for (const Tag& tag : tags->tags()) {
    const std::string name = Lower(tag.name);
    const bool again = !written.insert(name).second;
    if (name == "v" || again || IsDropped(name, Lower(tag.value))) continue;
    if (name == "p") {
      p = Raised(tag.value);
      continue;
    }
    has_rua = has_rua || (name == "rua" && !tag.value.empty());
    if (name == "rua" && tag.value.empty()) continue;
    rest += "; " + tag.name + "=" + (IsPolicy(name) ? Raised(tag.value) : tag.value);
  }
  if (!has_rua) rest += "; rua=" + DefaultRua(domain);
  return "v=DMARC1; p=" + p + rest;
}

Fix SoundFix(const DmarcDiscovery& discovery, const std::string& domain) {
  const DmarcStep* step = StepAt(discovery, domain);
  const bool one = step != nullptr && step->candidates.size() == 1;
  return TxtFix("_dmarc." + domain, one ? SoundDmarc(step->candidates.front(), domain) : NewDmarc(domain));
}

}  // namespace sealpost::dns
