#include "dns/checks/spf_fix.h"
#include "dns/name.h"
#include "dns/spf_macro.h"
#include "dns/spf_record.h"
#include "tests/fuzz/targets.h"

namespace sealpost::tests::fuzz {
namespace {

using namespace sealpost::dns;

constexpr std::size_t kLongestName = 253;

MacroValues Values(std::string_view stranger) {
  MacroValues values;
  values.ip = ParseIp("2001:db8::cb01").value();
  values.sender = std::string(stranger.substr(0, 300)) + "@example.org";
  values.domain = "mail.example.com";
  values.helo = stranger.substr(stranger.size() / 2, 300);
  return values;
}

void CheckExpansion(std::string_view text, MacroPlace place) {
  const auto sound = CheckMacros(text, place);
  if (!sound) return ExpectNoControls(sound.error(), "the fault of a macro");
  const std::string one = ExpandMacros(text, Values(text), place);
  if (!VariesByMessage(text)) {
    MacroValues others;
    others.domain = "mail.example.com";
    Expect(ExpandMacros(text, others, place) == one, "what does not vary by message expands to the same for all");
  }
  if (!HasMacros(text) && one.size() < kLongestName)
    Expect(text.starts_with(one) && text.size() - one.size() <= 1, "a text without macros stays, but for its last dot");
  if (place != MacroPlace::kDomainSpec) return;
  const bool no_dot =
      std::string_view(one).substr(one.size() - std::min(one.size(), kLongestName)).find('.') == std::string_view::npos;
  Expect(one.size() <= kLongestName || no_dot, "an expansion is cut to the longest name");
  IsQueryable(NameOf(one));
}

void CheckPlace(std::string_view record, const std::string& text, std::size_t column) {
  Expect(column >= 1 && record.substr(column - 1).starts_with(text), "a term stands in the column that is told");
  const std::size_t end = column - 1 + text.size();
  Expect(end == record.size() || record[end] == ' ', "a term ends before a space");
}

void CheckTerm(std::string_view text, const SpfTerm& term) {
  CheckPlace(text, term.text, term.column);
  ExpectShowable(term.text, "a term");
  Expect(term.prefix4 <= 32 && term.prefix6 <= 128, "a prefix fits its family");
  const bool network = term.mechanism == Mechanism::kIp4 || term.mechanism == Mechanism::kIp6;
  Expect(!network || term.network.v6 == (term.mechanism == Mechanism::kIp6), "a network is of its family");
  const bool named = term.mechanism == Mechanism::kInclude || term.mechanism == Mechanism::kExists;
  Expect(!named || !term.domain.empty(), "include and exists name a domain");
  Expect(CheckMacros(term.domain, MacroPlace::kDomainSpec).has_value(), "the macros of a term have been checked");
  CheckExpansion(term.domain, MacroPlace::kDomainSpec);
  const auto alone = ParseSpf("v=spf1 " + term.text);
  Expect(alone && alone->terms.size() == 1, "a term that can be read can be read alone");
}

// What the checker proposes to publish can be read.
void CheckFixes(std::string_view text) {
  const std::vector<std::string> added = {"ip4:192.0.2.1"};
  for (const std::string& fix :
       {WithAll(text, "~all"), WithAllLast(text), WithModifiersOnce(text), WithTermsAdded(text, added, true),
        WithTermsAdded(text, added, false), MergeSpf({std::string(text), "v=spf1 redirect=a.example"})})
    Expect(ParseSpf(fix).has_value(), "a record made of a readable one is readable: " + fix);
}

}  // namespace

void Spf(std::string_view bytes) {
  CheckExpansion(bytes, MacroPlace::kDomainSpec);
  CheckExpansion(bytes, MacroPlace::kExplanation);
  ExpectShowable(Retyped(bytes), "a retyped record");
  if (const std::string repaired = Repaired(bytes); !repaired.empty())
    Expect(ParseSpf(repaired).has_value(), "a repaired record is readable: " + repaired);

  const auto record = ParseSpf(bytes);
  if (!record) {
    Expect(!record.error().empty(), "a record that cannot be read has an error");
    for (const SpfError& error : record.error()) {
      Expect(error.column >= 1 && error.column <= bytes.size() + 1, "an error stands in the record");
      ExpectNoControls(error.message, "the message of an error");
    }
    return;
  }
  Expect(IsSpfRecord(bytes), "only an SPF record can be read as one");
  for (const SpfTerm& term : record->terms) CheckTerm(bytes, term);
  for (const SpfModifier& modifier : record->unknown) CheckPlace(bytes, modifier.text, modifier.column);
  for (const auto* modifier : {&record->redirect, &record->exp}) {
    if (!*modifier) continue;
    CheckPlace(bytes, (*modifier)->text, (*modifier)->column);
    CheckExpansion((*modifier)->value, MacroPlace::kDomainSpec);
  }
  CheckFixes(bytes);
}

}  // namespace sealpost::tests::fuzz
