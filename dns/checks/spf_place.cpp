#include <algorithm>

#include "dns/checks/spf_fix.h"
#include "dns/checks/spf_parts.h"
#include "dns/checks/spf_sound.h"
#include "dns/name.h"
#include "dns/spf_record.h"

namespace sealpost::dns {
namespace {

// Of the answer section alone: what a server adds behind it may be left out, and is not what makes it TCP's.
std::size_t AnswerBytes(const std::string& domain, const Answer& answer) {
  constexpr std::size_t kHeader = 12, kQuestionTail = 4, kRecordHead = 12;  // with a compressed owner
  std::size_t bytes = kHeader + domain.size() + 2 + kQuestionTail;
  for (const std::string& alias : answer.aliases) bytes += kRecordHead + alias.size() + 2;
  for (const Record& record : answer.records) {
    bytes += kRecordHead;
    if (const Txt* txt = std::get_if<Txt>(&record.data))
      for (const std::string& string : txt->strings) bytes += 1 + string.size();
  }
  return bytes;
}

void CheckSpfSize(Context& context, const std::string& domain, const Answer& answer, const std::string& text) {
  constexpr std::size_t kRecordLimit = 450, kAnswerLimit = 512;
  const std::size_t bytes = AnswerBytes(domain, answer);
  const std::string sizes = "The record has " + std::to_string(text.size()) + " bytes, the answer with all " +
                            std::to_string(answer.records.size()) + " TXT records " + std::to_string(bytes) + ".";
  if (text.size() > kRecordLimit || bytes > kAnswerLimit) {
    context.findings.Warn("SPF-SIZE", {.name = domain, .records = Raw(answer), .detail = sizes});
  } else {
    context.findings.Pass("SPF-SIZE", {.name = domain, .detail = sizes});
  }
}

bool IsTerm(const std::string& word) {
  const auto record = ParseSpf("v=spf1 " + word);
  return record && record->unknown.empty();
}

// Two whole terms that a seam made one: "a:mail.example.com" "mx". A term cut in two has halves that are none.
std::string GluedAt(const std::string& left, const std::string& right) {
  if (left.empty() || right.empty() || left.ends_with(' ') || right.starts_with(' ')) return "";
  const std::string before = left.substr(left.rfind(' ') + 1), after = right.substr(0, right.find(' '));
  return IsTerm(before) && IsTerm(after) ? before + after : "";
}

// The text with blanks where two terms were glued; `glued` is the last such place.
std::string Unglued(const Txt& txt, std::string& glued) {
  std::string mended;
  for (const std::string& string : txt.strings) {
    const std::string here = GluedAt(mended, string);
    if (!here.empty()) glued = here;
    mended += (here.empty() ? "" : " ") + string;
  }
  return mended;
}

void CheckStrings(Context& context, const std::string& domain, const Answer& answer, const std::string& text) {
  for (const Record& record : answer.records) {
    const Txt* txt = std::get_if<Txt>(&record.data);
    if (txt == nullptr || txt->Joined() != text) continue;
    std::string glued;
    Unglued(*txt, glued);
    if (glued.empty()) continue;
    return context.findings.Warn("SPF-STRINGS",
                                 {.name = domain,
                                  .records = {Presentation(record)},
                                  .detail = "Two strings join to \"" + glued + "\", which was hardly meant.",
                                  .fix = TxtFix(domain, SoundSpf(context, domain, IntendedSpf(answer, text)))});
  }
  context.findings.Pass("SPF-STRINGS", {.name = domain});
}

void CheckLeftovers(Context& context, const std::string& domain, const Answer& answer) {
  std::vector<std::string> leftovers = Raw(context.Ask(domain, Type::kSpf));
  const std::size_t old_type = leftovers.size();
  for (const std::string& text : Texts(answer))
    if (Lower(text).starts_with("spf2.0")) leftovers.push_back(text);
  if (leftovers.empty()) return context.findings.Pass("SPF-TYPE99", {.name = domain});
  context.findings.Info("SPF-TYPE99",
                        {.name = domain,
                         .records = leftovers,
                         .detail = old_type > 0 ? "A record of type SPF (99) is left over; receivers do not ask for it."
                                                : "A Sender ID record (spf2.0) is left over; nobody reads it."});
}

void CheckStrays(Context& context, const std::string& domain, const Answer& answer) {
  std::vector<std::string> strays = Texts(answer);
  std::erase_if(strays, [](const std::string& text) { return !LooksLikeSpf(text); });
  if (strays.empty()) return context.findings.Pass("SPF-WRONGPLACE", {.name = domain});
  context.findings.Warn("SPF-WRONGPLACE",
                        {.name = domain,
                         .records = strays,
                         .detail = "Beside the record stands a text that receivers do not take for SPF.",
                         .remedy = "Delete it; if its terms are needed, add them to the record that counts."});
}

void CheckWildcard(Context& context, const std::string& domain) {
  const std::string name = RandomLabel() + "." + domain;
  const Answer answer = context.Ask(name, Type::kTxt);
  if (!answer.Told()) return context.findings.Unknown("SPF-WILDCARD", {.name = name, .detail = Trouble(answer, name)});
  std::vector<std::string> records = Texts(answer);
  std::erase_if(records, [](const std::string& text) { return !IsSpfRecord(text); });
  if (records.empty()) return context.findings.Pass("SPF-WILDCARD", {.name = name});
  const std::vector<std::string> words = SpfWords(records.front());
  if (records.size() == 1 && words.size() == 2 && words.back() == "-all") {
    return context.findings.Info(
        "SPF-WILDCARD", {.name = name, .records = Raw(answer), .detail = "The wildcard says that nobody sends."});
  }
  context.findings.Warn(
      "SPF-WILDCARD",
      {.name = name, .records = Raw(answer), .detail = "A made-up name below " + domain + " has an SPF record."});
}

}  // namespace

std::string IntendedSpf(const Answer& answer, const std::string& text) {
  std::string intended = text, glued;
  for (const Record& record : answer.records)
    if (const Txt* txt = std::get_if<Txt>(&record.data); txt != nullptr && txt->Joined() == text)
      intended = Unglued(*txt, glued);
  const auto record = ParseSpf(intended);
  if (!record) return text;
  return std::ranges::any_of(record->unknown, IsMistaken) ? Repaired(intended) : intended;
}

bool IsMistaken(const SpfModifier& unknown) {
  return ParseSpf("v=spf1 " + unknown.name + ":" + unknown.value).has_value();
}

void CheckSpfPlace(Context& context, const std::string& domain, const Answer& answer, const std::string& text) {
  CheckSpfSize(context, domain, answer, text);
  CheckStrings(context, domain, answer, text);
  CheckLeftovers(context, domain, answer);
  CheckStrays(context, domain, answer);
  CheckWildcard(context, domain);
}

}  // namespace sealpost::dns
