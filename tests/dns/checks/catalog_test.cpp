#include "dns/checks/catalog.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using namespace sealpost::dns;

namespace {

std::string Read(const std::filesystem::path& path) {
  std::ifstream in(path);
  REQUIRE_MESSAGE(in.good(), path.string());
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

const std::filesystem::path kRoot = SEALPOST_SOURCE_DIR;

// A row of dns/docs/checks.md.
std::string Row(const CheckInfo& check) {
  const std::string whose = check.ours ? " (ours)" : "";
  return "| " + std::string(check.id) + " | " + std::string(SeverityName(check.severity)) + " | " +
         std::string(check.rule) + " | " + std::string(check.source) + whose + " |";
}

std::vector<std::string> DocumentedRows() {
  std::vector<std::string> rows;
  std::istringstream text(Read(kRoot / "dns/docs/checks.md"));
  for (std::string line; std::getline(text, line);)
    if (line.starts_with("| ") && !line.starts_with("| id ")) rows.push_back(line);
  return rows;
}

bool LooksLikeId(const std::string& word) {
  static constexpr std::string_view kFamilies[] = {"SPF-", "DKIM-", "DMARC-", "ALIGN-",  "FROM-", "PTR-",
                                                   "RP-",  "MX-",   "STS-",   "DNSSEC-", "NS-"};
  static constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
  if (word.find_first_not_of(kLetters) != std::string::npos) return false;
  return FindCheck(word) != nullptr ||
         std::ranges::any_of(kFamilies, [&](std::string_view family) { return word.starts_with(family); });
}

// What the code of the checks calls by name.
std::set<std::string> IdsInCode() {
  std::set<std::string> ids;
  for (const auto& entry : std::filesystem::directory_iterator(kRoot / "dns/checks")) {
    const std::string name = entry.path().filename();
    if (!name.ends_with(".cpp") || name.starts_with("catalog")) continue;
    const std::string text = Read(entry.path());
    for (std::size_t at = text.find('"'); at != std::string::npos; at = text.find('"', at + 1)) {
      const std::string word = text.substr(at + 1, text.find('"', at + 1) - at - 1);
      if (LooksLikeId(word)) ids.insert(word);
    }
  }
  return ids;
}

}  // namespace

TEST_CASE("each check has everything that is said about it, and an id of its own") {
  std::set<std::string_view> ids;
  for (const CheckInfo& check : Catalog()) {
    INFO(check.id);
    CHECK(ids.insert(check.id).second);
    CHECK(check.rule.ends_with('.'));
    CHECK_FALSE(check.source.empty());
    CHECK(check.explanation.ends_with('.'));
    CHECK(check.explanation.contains(". "));
    CHECK(check.remedy.ends_with('.'));
    // A pipe would tear the table of the documents.
    CHECK_FALSE(std::string(check.rule).contains('|'));
  }
}

TEST_CASE("the documents list every check in the catalog's words, and no other") {
  const std::vector<std::string> rows = DocumentedRows();
  const auto catalog = Catalog();
  REQUIRE(rows.size() == catalog.size());
  for (std::size_t i = 0; i < rows.size(); ++i) CHECK(rows[i] == Row(catalog[i]));
}

TEST_CASE("the checks report ids of the catalog only, and the catalog has no id that nothing reports") {
  const std::set<std::string> used = IdsInCode();
  for (const std::string& id : used) CHECK_MESSAGE(FindCheck(id) != nullptr, id);
  for (const CheckInfo& check : Catalog()) CHECK_MESSAGE(used.contains(std::string(check.id)), check.id);
}

TEST_CASE("the families follow each other in the order of a report") {
  const auto place = [](std::string_view id) { return FindCheck(id) - Catalog().data(); };
  CHECK(place("SPF-NONE") == 0);
  CHECK(place("SPF-TEMP") < place("DKIM-NONE"));
  CHECK(place("DKIM-SIZE") < place("DMARC-NONE"));
  CHECK(place("DMARC-LOCATION") < place("ALIGN-DKIM"));
  CHECK(place("ALIGN-DIVERGE") < place("PTR-NONE"));
  CHECK(place("PTR-MANY") < place("STS-TXT"));
  CHECK(place("BIMI") < place("DNSSEC-BOGUS"));
}

TEST_CASE("a check is found in any case, and nothing else is") {
  REQUIRE(FindCheck("spf-plusall") != nullptr);
  CHECK(FindCheck("spf-plusall")->id == "SPF-PLUSALL");
  CHECK(FindCheck("SPF") == nullptr);
  CHECK(FindCheck("") == nullptr);
}

TEST_CASE("a misspelt id leads to the one that was meant") {
  CHECK(NearestCheck("SPF-NON") == "SPF-NONE");
  CHECK(NearestCheck("dkim-keymach") == "DKIM-KEYMATCH");
  CHECK(NearestCheck("keymatch") == "DKIM-KEYMATCH");
  CHECK(NearestCheck("FCRDNS") == "PTR-FCRDNS");
  CHECK(NearestCheck("DMARC-TSET") == "DMARC-TEST");
}

TEST_CASE("a name of any length has a nearest check") {
  CHECK_FALSE(NearestCheck("").empty());
  CHECK_FALSE(NearestCheck(std::string(100'000, 'x')).empty());
}

TEST_CASE("our own bar is marked as ours, receivers' and standards' rules are not") {
  CHECK(FindCheck("DMARC-POLICY")->ours);
  CHECK(FindCheck("ALIGN-DKIM")->ours);
  CHECK_FALSE(FindCheck("DMARC-NONE")->ours);
  CHECK_FALSE(FindCheck("PTR-NONE")->ours);
  CHECK_FALSE(FindCheck("DKIM-WEAK")->ours);
  CHECK(FindCheck("PTR-NONE")->source.contains("Gmail"));
}
