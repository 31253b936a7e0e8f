#include "dns/checks/spf_fix.h"

#include <algorithm>
#include <set>

#include "dns/checks/spf_repair.h"
#include "dns/name.h"
#include "dns/spf_record.h"

namespace sealpost::dns {
namespace {

bool IsModifier(std::string_view word, std::string_view name) {
  return word.size() > name.size() && word[name.size()] == '=' && SameName(word.substr(0, name.size()), name);
}

bool Contains(const std::vector<std::string>& words, std::string_view word) {
  return std::ranges::any_of(words, [&](const std::string& w) { return SameName(w, word); });
}

std::string Join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

// ~all is milder than -all; +all and ?all are as good as none and become ~all.
std::string_view MildestAll(const std::vector<std::string>& alls) {
  const bool strict = !alls.empty() && std::ranges::all_of(alls, [](const auto& all) { return all.starts_with('-'); });
  return strict ? "-all" : "~all";
}

}  // namespace

std::string_view Unqualified(std::string_view term) {
  if (!term.empty() && std::string_view("+-~?").contains(term.front())) term.remove_prefix(1);
  return term;
}

bool IsAll(std::string_view term) {
  return SameName(Unqualified(term), "all");
}

std::vector<std::string> SpfWords(std::string_view record) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < record.size();) {
    const std::size_t end = std::min(record.find(' ', at), record.size());
    if (end > at) words.emplace_back(record.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

std::string SpfTermFor(const Ip& address) {
  const Ip plain = Unmapped(address);
  return (plain.v6 ? "ip6:" : "ip4:") + ToString(plain);
}

std::string SpfFor(const std::vector<Ip>& addresses) {
  if (addresses.empty()) return "v=spf1 mx ~all";
  std::string record = "v=spf1";
  for (const Ip& address : addresses) record += " " + SpfTermFor(address);
  return record + " -all";
}

std::string MergeSpf(const std::vector<std::string>& records) {
  std::vector<std::string> merged = {"v=spf1"}, alls, exps;
  std::set<std::string> seen = {"v=spf1"};
  for (const std::string& record : records) {
    const std::vector<std::string> words = SpfWords(record);
    const bool has_all = std::ranges::any_of(words, IsAll);
    for (std::size_t i = 1; i < words.size(); ++i) {
      std::string word = words[i];
      if (IsAll(word)) {
        alls.push_back(word);
        break;  // what follows was dead, and must not come alive
      }
      if (IsModifier(word, "redirect")) {
        // Two records cannot both hand over; what the other one lets pass is kept by including it.
        if (has_all) continue;
        word = "include:" + word.substr(std::string_view("redirect=").size());
      }
      if (IsModifier(word, "exp")) {
        exps.push_back(word);
      } else if (seen.insert(Lower(word)).second) {
        merged.push_back(word);
      }
    }
  }
  merged.emplace_back(MildestAll(alls));
  if (!exps.empty()) merged.push_back(exps.front());
  return Join(merged);
}

std::string WithoutTerms(std::string_view record, const std::vector<std::string>& terms) {
  std::vector<std::string> words = SpfWords(record);
  std::erase_if(words, [&](const std::string& word) { return Contains(terms, word); });
  return Join(words);
}

std::string WithTermReplaced(std::string_view record, std::string_view term, const std::vector<std::string>& by) {
  std::vector<std::string> words;
  for (const std::string& word : SpfWords(record)) {
    if (!SameName(word, term)) {
      words.push_back(word);
      continue;
    }
    for (const std::string& other : by)
      if (!Contains(words, other)) words.push_back(other);
  }
  return Join(words);
}

std::string WithTermsAdded(std::string_view record, const std::vector<std::string>& terms, bool in_front) {
  std::vector<std::string> words = SpfWords(record);
  auto place = in_front ? words.begin() + std::min<std::ptrdiff_t>(1, std::ssize(words))
                        : std::ranges::find_if(words, [](const std::string& word) {
                            return IsAll(word) || IsModifier(word, "redirect");
                          });
  words.insert(place, terms.begin(), terms.end());
  return Join(words);
}

std::string WithAll(std::string_view record, std::string_view all) {
  std::vector<std::string> words = SpfWords(record);
  const auto place = std::ranges::find_if(words, IsAll);
  if (place == words.end()) {
    words.emplace_back(all);
  } else {
    *place = all;
  }
  return Join(words);
}

std::string WithAllLast(std::string_view record) {
  std::vector<std::string> words = SpfWords(record);
  const auto all = std::ranges::find_if(words, IsAll);
  if (all == words.end()) return Join(words);
  const std::string decides = *all;
  std::erase_if(words, [](const std::string& word) { return IsAll(word) || IsModifier(word, "redirect"); });
  words.push_back(decides);
  return Join(words);
}

std::string WithModifiersOnce(std::string_view record) {
  std::vector<std::string> words;
  for (const std::string& word : SpfWords(record)) {
    const auto again = [&](std::string_view name) {
      return IsModifier(word, name) &&
             std::ranges::any_of(words, [&](const std::string& earlier) { return IsModifier(earlier, name); });
    };
    if (!again("redirect") && !again("exp")) words.push_back(word);
  }
  return Join(words);
}

std::string Retyped(std::string_view record) {
  // No-break space in UTF-8 and in Latin-1; the rest of Unicode's blanks have no width or are as rare as they are wide.
  static constexpr std::string_view kNoBreakSpace = "\xc2\xa0";
  std::string text;
  for (std::size_t i = 0; i < record.size(); ++i) {
    const auto byte = static_cast<unsigned char>(record[i]);
    if (record.substr(i).starts_with(kNoBreakSpace)) {
      text += ' ';
      ++i;
    } else if (byte == 0xa0 || (byte >= '\t' && byte <= '\r')) {
      text += ' ';
    } else if (byte >= 0x20 && byte < 0x7f && byte != '"') {
      text += static_cast<char>(byte);
    }
  }
  return Join(SpfWords(text));
}

std::string Repaired(std::string_view record) {
  std::vector<std::string> words = SpfWords(RepairedVersion(Retyped(record)));
  if (words.empty() || !IsSpfRecord(words.front())) return "";
  std::vector<std::string> mended = {"v=spf1"};
  for (std::size_t i = 1; i < words.size(); ++i) {
    const bool has_next = i + 1 < words.size();
    const TermRepair repair = RepairTerm(words[i], has_next ? words[i + 1] : "");
    for (const std::string& word : repair.words) mended.push_back(word);
    if (repair.took_next) ++i;
  }
  const std::string whole = WithModifiersOnce(Join(mended));
  return ParseSpf(whole) ? whole : "";
}

}  // namespace sealpost::dns
