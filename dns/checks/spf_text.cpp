#include <algorithm>

#include "dns/checks/spf_fix.h"
#include "dns/checks/spf_parts.h"
#include "dns/checks/spf_sound.h"
#include "dns/name.h"
#include "dns/spf_record.h"

namespace sealpost::dns {
namespace {

using Seen = Findings::Seen;

struct SpfPlace {
  Context& context;
  const std::string& domain;
  const Answer& answer;
  SpfRole role;

  void Fault(std::string_view id, Seen seen) const {
    seen.name = domain;
    if (seen.records.empty()) seen.records = Raw(answer);
    if (role == SpfRole::kFrom) {
      seen.detail += " This is the From domain, not the return path, whose record is the one receivers evaluate.";
      context.findings.Warn(id, std::move(seen));
    } else {
      context.findings.Fail(id, std::move(seen));
    }
  }
};

// The presentation of the records that are SPF only: other TXT records are no part of the fault.
std::vector<std::string> RawSpf(const Answer& answer) {
  std::vector<std::string> raw;
  for (const Record& record : answer.records) {
    const Txt* txt = std::get_if<Txt>(&record.data);
    if (txt != nullptr && IsSpfRecord(txt->Joined())) raw.push_back(Presentation(record));
  }
  return raw;
}

// What is wrong with the record besides is mended with it; nothing of nothing.
std::optional<Fix> SoundSpfFix(const SpfPlace& place, const std::string& readable) {
  if (readable.empty()) return std::nullopt;
  return TxtFix(place.domain, SoundSpf(place.context, place.domain, readable));
}

std::optional<Fix> RepairFix(const SpfPlace& place, const std::string& text) {
  return SoundSpfFix(place, Repaired(text));
}

// Where a record for this domain stands in vain; empty if nowhere that was looked.
std::string MisplacedSpf(const SpfPlace& place) {
  for (const std::string& name : {place.domain + "." + place.domain, "_spf." + place.domain}) {
    if (!IsQueryable(name)) continue;
    const std::vector<std::string> texts = Texts(place.context.Ask(name, Type::kTxt));
    if (std::ranges::any_of(texts, IsSpfRecord)) return name;
  }
  return "";
}

void NoSpfRecord(const SpfPlace& place) {
  const std::vector<Ip>& addresses = place.context.sender.addresses;
  const std::vector<std::string> texts = Texts(place.answer);
  const auto near = std::ranges::find_if(texts, LooksLikeSpf);
  std::optional<Fix> fix;
  std::string detail;
  if (near != texts.end()) {
    fix = RepairFix(place, *near);
    detail = "A text that was meant as SPF is none for receivers: it does not begin with exactly v=spf1 and a space.";
  } else if (place.answer.status == Status::kNxDomain) {
    detail = "The name does not exist.";
  } else {
    detail = texts.empty() ? "There is no TXT record." : "None of the TXT records begins with v=spf1.";
  }
  if (const std::string where = near == texts.end() ? MisplacedSpf(place) : ""; !where.empty()) {
    detail += " One stands at " + where + ", where no receiver looks.";
  }
  if (!fix) {
    // Staff and other services may send as the From domain, from addresses that are not known here.
    const bool others = place.role == SpfRole::kFrom;
    const std::string value = SpfFor(addresses);
    fix = TxtFix(place.domain, others ? WithAll(value, "~all") : value);
    if (addresses.empty()) detail += " The addresses your mail leaves from belong into it, as ip4: and ip6: terms.";
    if (SameName(place.domain, place.context.sender.domain)) {
      detail += " If others send mail as " + place.domain + " too, staff or services, add their addresses or includes.";
    }
  }
  place.Fault("SPF-NONE", {.detail = detail, .fix = fix});
}

void SeveralRecords(const SpfPlace& place, const std::vector<std::string>& records) {
  const bool same = std::ranges::all_of(records, [&](const std::string& text) { return text == records.front(); });
  const std::optional<Fix> fix = RepairFix(place, MergeSpf(records));
  place.Fault("SPF-MULTI", {.records = RawSpf(place.answer),
                            .detail = std::to_string(records.size()) + " SPF records stand here" +
                                      (same ? ", the same text each time," : "") + " and receivers stop at permerror.",
                            .fix = fix});
}

bool Typeable(char c) {
  return c >= 0x20 && c < 0x7f;
}

void NotAscii(const SpfPlace& place, const std::string& text) {
  const auto bad = std::ranges::find_if_not(text, Typeable);
  const auto column = std::to_string(bad - text.begin() + 1);
  place.Fault("SPF-NONASCII",
              {.records = RawSpf(place.answer),
               .detail = "Column " + column + " holds byte " + std::to_string(static_cast<unsigned char>(*bad)) +
                         ", which looks like a blank or a sign but is none in SPF.",
               .fix = RepairFix(place, text)});
}

bool IsRepeatedModifier(const SpfError& error, const std::string& text) {
  const std::string term = Lower(error.term);
  for (const std::string_view name : {"redirect=", "exp="}) {
    if (!term.starts_with(name)) continue;
    const auto words = SpfWords(text);
    return std::ranges::count_if(words, [&](const std::string& word) { return Lower(word).starts_with(name); }) > 1;
  }
  return false;
}

// A seam of two strings inside the term, if that is what broke it: the text with a blank there.
std::string WithBlankAtSeam(const Answer& answer, const std::string& text, const SpfError& error) {
  for (const Record& record : answer.records) {
    const Txt* txt = std::get_if<Txt>(&record.data);
    if (txt == nullptr || txt->Joined() != text) continue;
    std::size_t seam = 0;
    for (const std::string& string : txt->strings) {
      seam += string.size();
      if (seam < error.column || seam >= error.column - 1 + error.term.size()) continue;
      std::string mended = text;
      mended.insert(seam, " ");
      if (ParseSpf(mended)) return mended;
    }
  }
  return "";
}

void Misspelt(const SpfPlace& place, const std::string& text, const std::vector<SpfError>& errors) {
  std::string detail;
  for (const SpfError& error : errors) {
    if (!detail.empty()) detail += "; ";
    detail += "\"" + error.term + "\" in column " + std::to_string(error.column) + ": " + error.message;
  }
  std::optional<Fix> fix = RepairFix(place, text);
  if (const std::string joined = WithBlankAtSeam(place.answer, text, errors.front()); !joined.empty()) {
    detail += ". Two strings meet there, which are joined with nothing between";
    fix = SoundSpfFix(place, joined);
  }
  place.Fault("SPF-SYNTAX", {.records = RawSpf(place.answer), .detail = detail + ".", .fix = fix});
}

// "ip4=192.0.2.1" is an unknown modifier, which receivers ignore: no error, and yet nothing that was meant.
void WarnOfMistakenModifiers(const SpfPlace& place, const std::string& text, const SpfRecord& record) {
  for (const SpfModifier& modifier : record.unknown) {
    if (!IsMistaken(modifier)) continue;
    place.context.findings.Warn("SPF-SYNTAX",
                                {.name = place.domain,
                                 .records = RawSpf(place.answer),
                                 .detail = "\"" + modifier.text + "\" is read as an unknown modifier and ignored.",
                                 .fix = SoundSpfFix(place, IntendedSpf(place.answer, text))});
    return;
  }
  place.context.findings.Pass("SPF-SYNTAX", {.name = place.domain});
}

// Each fault by its name. False if there is any.
bool CanBeRead(const SpfPlace& place, const std::string& text) {
  const bool ascii = std::ranges::all_of(text, Typeable);
  if (!ascii) NotAscii(place, text);
  const std::string plain = ascii ? text : Retyped(text);
  const auto parsed = ParseSpf(plain);
  if (parsed) {
    if (!ascii) return false;
    place.context.findings.Pass("SPF-NONASCII", {.name = place.domain});
    place.context.findings.Pass("SPF-DUPMOD", {.name = place.domain});
    WarnOfMistakenModifiers(place, text, *parsed);
    return true;
  }
  std::vector<SpfError> errors = parsed.error();
  const auto [first, last] =
      std::ranges::stable_partition(errors, [&](const SpfError& error) { return !IsRepeatedModifier(error, plain); });
  if (first != last) {
    place.Fault("SPF-DUPMOD", {.records = RawSpf(place.answer),
                               .detail = "\"" + first->term + "\" in column " + std::to_string(first->column) +
                                         " repeats a modifier.",
                               .fix = RepairFix(place, text)});
  }
  errors.erase(first, last);
  if (!errors.empty()) Misspelt(place, plain, errors);
  return false;
}

}  // namespace

bool LooksLikeSpf(std::string_view text) {
  constexpr std::size_t kNearTheFront = 8;
  const std::string lower = Lower(text);
  return !IsSpfRecord(text) && (lower.find("v=spf1") < kNearTheFront || lower.starts_with("spf1 "));
}

std::string CheckSpfText(Context& context, const std::string& domain, const Answer& answer, SpfRole role) {
  const SpfPlace place{context, domain, answer, role};
  std::vector<std::string> records = Texts(answer);
  std::erase_if(records, [](const std::string& text) { return !IsSpfRecord(text); });
  if (records.empty()) {
    NoSpfRecord(place);
    return "";
  }
  if (records.size() > 1) {
    SeveralRecords(place, records);
    return "";
  }
  context.findings.Pass("SPF-NONE", {.name = domain, .records = RawSpf(answer)});
  context.findings.Pass("SPF-MULTI", {.name = domain, .records = RawSpf(answer)});
  return CanBeRead(place, records.front()) ? records.front() : "";
}

}  // namespace sealpost::dns
