#include "dns/checks/catalog.h"

#include <algorithm>
#include <string>
#include <vector>

#include "dns/checks/catalog_families.h"
#include "dns/name.h"

namespace sealpost::dns {
namespace {

// Levenshtein's, row by row.
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::span<const CheckInfo> Catalog() {
  static const std::vector<CheckInfo> all = [] {
    std::vector<CheckInfo> joined;
    for (const auto family : {SpfChecks(), DkimChecks(), DmarcChecks(), AroundChecks()})
      joined.insert(joined.end(), family.begin(), family.end());
    return joined;
  }();
  return all;
}

const CheckInfo* FindCheck(std::string_view id) {
  for (const CheckInfo& check : Catalog())
    if (SameName(check.id, id)) return &check;
  return nullptr;
}

std::string_view NearestCheck(std::string_view id) {
  constexpr std::size_t kLongestWorthReading = 40;
  const std::string typed = Lower(id.substr(0, kLongestWorthReading));
  std::string_view nearest;
  std::size_t least = 0;
  for (const CheckInfo& check : Catalog()) {
    const std::string known = Lower(check.id);
    // "keymatch" means DKIM-KEYMATCH, however many letters are missing.
    const bool part = typed.size() > 3 && known.contains(typed);
    const std::size_t distance = part ? 1 : Distance(typed, known);
    if (nearest.empty() || distance < least) {
      nearest = check.id;
      least = distance;
    }
  }
  return nearest;
}

}  // namespace sealpost::dns
