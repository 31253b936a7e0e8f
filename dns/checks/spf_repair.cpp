#include "dns/checks/spf_repair.h"

#include <algorithm>
#include <array>
#include <optional>

#include "dns/ip.h"
#include "dns/name.h"
#include "dns/spf_record.h"

namespace sealpost::dns {
namespace {

bool Readable(const std::string& word) {
  const auto record = ParseSpf("v=spf1 " + word);
  // An unknown modifier can be read but means nothing: "ip4=192.0.2.1" is a mistake, not an extension.
  return record && record->unknown.empty();
}

std::string_view WithoutQualifier(std::string_view word) {
  if (!word.empty() && std::string_view("+-~?").contains(word.front())) word.remove_prefix(1);
  return word;
}

// "ip4:..." for an address or a network, whatever was written before it.
std::optional<std::string> Network(std::string_view value) {
  const std::size_t slash = value.find('/');
  const std::optional<Ip> ip = ParseIp(value.substr(0, slash));
  if (!ip) return std::nullopt;
  std::string prefix(slash == std::string_view::npos ? "" : value.substr(slash + 1));
  while (prefix.size() > 1 && prefix.front() == '0') prefix.erase(0, 1);
  return (ip->v6 ? "ip6:" : "ip4:") + std::string(value.substr(0, slash)) + (prefix.empty() ? "" : "/" + prefix);
}

// Transposed, doubled or missing letters: "inlcude", "includes", "inclde".
bool Resembles(std::string_view typed, std::string_view name) {
  if (typed.size() < 2 || typed.front() != name.front()) return false;
  std::string a(typed), b(name);
  std::ranges::sort(a);
  std::ranges::sort(b);
  if (a == b) return true;
  const bool longer = a.size() == b.size() + 1 && std::ranges::includes(a, b);
  const bool shorter = b.size() == a.size() + 1 && b.size() > 4 && std::ranges::includes(b, a);
  return longer || shorter;
}

// The name before ":" or "=" put right, and the separator that goes with it.
std::optional<std::string> Named(std::string_view word) {
  const std::string_view bare = WithoutQualifier(word);
  const std::size_t separator = bare.find_first_of(":=");
  if (separator == std::string_view::npos) return std::nullopt;
  const std::string qualifier(word.substr(0, word.size() - bare.size()));
  const std::string typed = Lower(bare.substr(0, separator));
  const std::string_view value = bare.substr(separator + 1);
  static constexpr std::array<std::string_view, 5> kAddress = {"ip", "ip4", "ip6", "ipv4", "ipv6"};
  if (std::ranges::find(kAddress, typed) != kAddress.end()) {
    const auto network = Network(value);
    return network ? std::optional(qualifier + *network) : std::nullopt;
  }
  static constexpr std::array<std::string_view, 7> kNames = {"include", "redirect", "exists", "exp", "a", "mx", "ptr"};
  for (const std::string_view name : kNames) {
    if (typed != name && !Resembles(typed, name)) continue;
    const bool modifier = name == "redirect" || name == "exp";
    return (modifier ? "" : qualifier) + std::string(name) + (modifier ? "=" : ":") + std::string(value);
  }
  return std::nullopt;
}

// "ip4:192.0.2.1~all": the blank before all was lost.
std::optional<std::vector<std::string>> Torn(const std::string& word) {
  constexpr std::size_t kAll = 4;  // with its qualifier
  if (word.size() <= kAll) return std::nullopt;
  const std::string end = word.substr(word.size() - kAll), front = word.substr(0, word.size() - kAll);
  if (!std::string_view("+-~?").contains(end.front()) || !SameName(end.substr(1), "all") || !Readable(front)) {
    return std::nullopt;
  }
  return std::vector{front, end};
}

}  // namespace

TermRepair RepairTerm(const std::string& word, const std::string& next) {
  if (Readable(word) || (word.contains('=') && ParseSpf("v=spf1 " + word) && !Named(word))) return {{word}};
  const bool unfinished = WithoutQualifier(word).empty() || word.ends_with(':') || word.ends_with('=');
  if (unfinished && !next.empty()) {
    const std::string joined = word + next;
    if (Readable(joined)) return {{joined}, true};
    const auto named = Named(joined);
    if (named && Readable(*named)) return {{*named}, true};
  }
  if (auto torn = Torn(word)) return {*torn};
  std::string trimmed = word;
  while (!trimmed.empty() && std::string_view(";,.'").contains(trimmed.back())) trimmed.pop_back();
  if (Readable(trimmed)) return {{trimmed}};
  for (const auto& guess : {Named(trimmed), Network(trimmed)})
    if (guess && Readable(*guess)) return {{*guess}};
  return {};
}

std::string RepairedVersion(std::string_view text) {
  static constexpr std::string_view kVersion = "v=spf1";
  const std::string lower = Lower(text);
  const std::size_t at = lower.find(kVersion);
  if (at == std::string::npos) return std::string(text);
  std::string rest(text.substr(at + kVersion.size()));
  // A semicolon belongs to DKIM and DMARC; the same hand that typed it behind the version separates terms by it.
  std::ranges::replace(rest, ';', ' ');
  return std::string(kVersion) + " " + rest;
}

}  // namespace sealpost::dns
