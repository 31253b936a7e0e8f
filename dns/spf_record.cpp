#include "dns/spf_record.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "dns/characters.h"
#include "dns/name.h"
#include "dns/spf_macro.h"

namespace sealpost::dns {
namespace {

constexpr std::string_view kVersion = "v=spf1";
constexpr std::array<std::pair<std::string_view, Mechanism>, 8> kMechanisms = {{{"all", Mechanism::kAll},
                                                                                {"include", Mechanism::kInclude},
                                                                                {"a", Mechanism::kA},
                                                                                {"mx", Mechanism::kMx},
                                                                                {"ptr", Mechanism::kPtr},
                                                                                {"ip4", Mechanism::kIp4},
                                                                                {"ip6", Mechanism::kIp6},
                                                                                {"exists", Mechanism::kExists}}};

// What is wrong with a term, and where in it.
struct TermProblem {
  std::size_t offset = 0;
  std::string message;
};
template <typename T>
using Read = std::expected<T, TermProblem>;
using Checked = std::expected<void, TermProblem>;

std::unexpected<TermProblem> Wrong(std::size_t offset, std::string message) {
  return std::unexpected(TermProblem{offset, std::move(message)});
}

// toplabel of RFC 7208 7.1: not all digits, no hyphen at its ends.
bool IsTopLabel(std::string_view label) {
  return !label.empty() && IsAlphanumeric(label.front()) && IsAlphanumeric(label.back()) &&
         std::ranges::all_of(label, [](char c) { return IsAlphanumeric(c) || c == '-'; }) &&
         !std::ranges::all_of(label, IsDigit);
}

// What follows the last macro of a text whose macros have been checked; the whole text if it has none.
std::string_view AfterMacros(std::string_view text) {
  for (std::size_t percent = text.find('%'); percent != std::string_view::npos; percent = text.find('%'))
    text.remove_prefix(text[percent + 1] == '{' ? text.find('}', percent) + 1 : percent + 2);
  return text;
}

// domain-spec of RFC 7208 7.1. It ends in a macro, or in a dot and a top label.
Checked CheckDomainSpec(std::string_view spec, std::size_t offset) {
  if (spec.empty()) return Wrong(offset, "a domain is missing");
  if (const auto macros = CheckMacros(spec, MacroPlace::kDomainSpec); !macros) return Wrong(offset, macros.error());
  if (ParseIp(spec)) {
    const std::string network = (ParseIp(spec)->v6 ? "ip6:" : "ip4:") + std::string(spec);
    return Wrong(offset, "an address stands where a domain belongs: write " + network);
  }
  std::string_view tail = AfterMacros(spec);
  if (tail.empty()) return {};
  if (tail.ends_with('.')) tail.remove_suffix(1);
  const std::size_t dot = tail.rfind('.');
  if (dot == std::string_view::npos) {
    return Wrong(offset, "\"" + std::string(spec) + "\" is no full domain: it needs a dot and a top-level domain");
  }
  const std::string_view top = tail.substr(dot + 1);
  if (IsTopLabel(top)) return {};
  return Wrong(offset, "a domain cannot end in \"" + std::string(top) + "\"");
}

// "0" to `most`, without leading zeros.
std::optional<unsigned> ReadPrefix(std::string_view digits, unsigned most) {
  unsigned value = 0;
  if (digits.empty() || digits.size() > 3 || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || value > most) return std::nullopt;
  return value;
}
std::string PrefixRule(std::string_view mechanism, unsigned most) {
  return std::string(mechanism) + " needs a prefix length of 0 to " + std::to_string(most) + ", without leading zeros";
}

// Takes "/" and the digits behind it off the end of `text`; nothing if it does not end so.
std::optional<std::string_view> TakePrefix(std::string_view& text, std::string_view slashes) {
  const std::size_t end = text.find_last_not_of("0123456789");
  const std::size_t digits = end == std::string_view::npos ? 0 : end + 1;
  if (digits == text.size() || !text.substr(0, digits).ends_with(slashes)) return std::nullopt;
  const std::string_view taken = text.substr(digits);
  text = text.substr(0, digits - slashes.size());
  return taken;
}

// The domain and the dual prefix length of a and mx: [ ":" domain-spec ] [ "/" 1*2DIGIT ] [ "//" 1*3DIGIT ].
Checked ReadDual(std::string_view rest, std::size_t offset, SpfTerm& term) {
  const std::string_view name = MechanismName(term.mechanism);
  const std::size_t whole = offset + rest.size();
  if (const auto digits = TakePrefix(rest, "//")) {
    const auto prefix = ReadPrefix(*digits, 128);
    if (!prefix) return Wrong(whole - digits->size(), PrefixRule("IPv6 behind \"//\"", 128));
    term.prefix6 = *prefix;
  }
  const std::size_t end = offset + rest.size();
  if (const auto digits = TakePrefix(rest, "/")) {
    const auto prefix = ReadPrefix(*digits, 32);
    if (!prefix) return Wrong(end - digits->size(), PrefixRule(name, 32));
    term.prefix4 = *prefix;
  }
  if (rest.empty()) return {};
  if (rest[0] == '/') return Wrong(offset, PrefixRule(name, 32) + "; an IPv6 one is written \"//64\"");
  term.domain = rest.substr(1);
  return CheckDomainSpec(term.domain, offset + 1);
}

Checked ReadNetwork(std::string_view rest, std::size_t offset, SpfTerm& term) {
  const bool v6 = term.mechanism == Mechanism::kIp6;
  const std::string name(MechanismName(term.mechanism));
  if (rest.size() < 2 || rest[0] != ':') return Wrong(offset, name + " needs \":\" and an address");
  const std::string_view value = rest.substr(1);
  const std::size_t slash = value.find('/');
  const std::string_view address = value.substr(0, slash);
  const auto network = ParseIp(address);
  if (!network) {
    const std::string kind = v6 ? "IPv6" : "IPv4";
    return Wrong(offset + 1, "\"" + std::string(address) + "\" is no " + kind + " address");
  }
  if (network->v6 != v6) return Wrong(0, "\"" + std::string(address) + "\" belongs behind " + (v6 ? "ip4:" : "ip6:"));
  term.network = *network;
  if (slash == std::string_view::npos) return {};
  const unsigned most = v6 ? 128 : 32;
  const auto prefix = ReadPrefix(value.substr(slash + 1), most);
  if (!prefix) return Wrong(offset + 1 + slash, PrefixRule(name, most));
  (v6 ? term.prefix6 : term.prefix4) = *prefix;
  return {};
}

// `rest` is what stands behind the mechanism's name, `offset` where.
Checked ReadArgument(std::string_view rest, std::size_t offset, SpfTerm& term) {
  const std::string name(MechanismName(term.mechanism));
  switch (term.mechanism) {
    case Mechanism::kAll:
      if (!rest.empty()) return Wrong(offset, "nothing may follow all but a space");
      return {};
    case Mechanism::kIp4:
    case Mechanism::kIp6:
      return ReadNetwork(rest, offset, term);
    case Mechanism::kA:
    case Mechanism::kMx:
      return ReadDual(rest, offset, term);
    case Mechanism::kPtr:
      if (rest.empty()) return {};
      break;
    case Mechanism::kInclude:
    case Mechanism::kExists:
      break;
  }
  if (!rest.starts_with(':')) return Wrong(offset, name + " needs \":\" and a domain");
  term.domain = rest.substr(1);
  return CheckDomainSpec(term.domain, offset + 1);
}

std::string NoMechanism(std::string_view name) {
  const std::string lower = Lower(name);
  if (lower == "redirect" || lower == "exp") return lower + " is a modifier: write \"" + lower + "=\"";
  if (lower == "ip" || lower == "ipv4") return "there is no mechanism \"" + lower + "\": write ip4";
  if (lower == "ipv6") return "there is no mechanism \"ipv6\": write ip6";
  return "there is no mechanism \"" + std::string(name) + "\"";
}

Read<SpfTerm> ReadDirective(std::string_view text) {
  SpfTerm term;
  term.text = text;
  std::string_view rest = text;
  constexpr std::string_view kQualifiers = "+-~?";
  if (const std::size_t sign = kQualifiers.find(rest[0]); sign != std::string_view::npos) {
    term.qualifier = static_cast<Qualifier>(sign);
    rest.remove_prefix(1);
  }
  const std::size_t start = text.size() - rest.size();
  const std::string_view name = rest.substr(0, rest.find_first_of(":/"));
  const auto* known = std::ranges::find_if(kMechanisms, [&](const auto& m) { return SameName(m.first, name); });
  if (known == kMechanisms.end()) return Wrong(start, NoMechanism(name));
  term.mechanism = known->second;
  if (const auto read = ReadArgument(rest.substr(name.size()), start + name.size(), term); !read)
    return std::unexpected(read.error());
  return term;
}

// Length of the name in front of "=", 0 if the term is no modifier (4.6.1).
std::size_t ModifierName(std::string_view text) {
  if (text.empty() || !IsAlpha(text[0])) return 0;
  const auto* end =
      std::ranges::find_if_not(text, [](char c) { return IsAlphanumeric(c) || c == '-' || c == '_' || c == '.'; });
  return end != text.end() && *end == '=' ? static_cast<std::size_t>(end - text.begin()) : 0;
}

Checked ReadModifier(std::string_view text, std::size_t length, std::size_t column, SpfRecord& record) {
  SpfModifier modifier{std::string(text), column, Lower(text.substr(0, length)), std::string(text.substr(length + 1))};
  if (modifier.name != "redirect" && modifier.name != "exp") {
    // An unknown modifier is ignored, but its macros must be well-formed (6).
    if (const auto macros = CheckMacros(modifier.value, MacroPlace::kExplanation); !macros)
      return Wrong(length + 1, macros.error());
    record.unknown.push_back(std::move(modifier));
    return {};
  }
  auto& place = modifier.name == "exp" ? record.exp : record.redirect;
  if (place) return Wrong(0, modifier.name + " stands more than once");
  const auto domain = CheckDomainSpec(modifier.value, length + 1);
  place = std::move(modifier);
  return domain;
}

// Bytes that no term may hold; named before grammar is tried on them, because a copied "smart" quote or a line break
// looks like something else in every other message.
Checked CheckBytes(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte > ' ' && byte < 0x7f) continue;
    const std::string hex = std::string("0x") + kHex[byte >> 4] + kHex[byte & 15];
    if (byte > 0x7f) return Wrong(at, "the byte " + hex + " is not ASCII");
    return Wrong(at, "the control character " + hex + " cannot stand in a record: terms are separated by spaces only");
  }
  return {};
}

// Mistakes that are seen in published records and that the grammar alone cannot name.
std::string Hint(std::string_view term) {
  if (term.find('"') != std::string_view::npos) return "; quotes are part of a zone file, not of the record";
  const std::size_t all = term.size() < 5 ? 0 : term.size() - 4;
  const bool glued = all > 0 && SameName(term.substr(all + 1), "all") &&
                     std::string_view("+-~?").find(term[all]) != std::string_view::npos;
  return glued ? "; a space is missing in front of \"" + std::string(term.substr(all)) + "\"" : "";
}

Checked ReadTerm(std::string_view text, std::size_t column, SpfRecord& record) {
  if (const auto bytes = CheckBytes(text); !bytes) return bytes;
  if (const std::size_t length = ModifierName(text)) return ReadModifier(text, length, column, record);
  auto term = ReadDirective(text);
  if (!term) return Wrong(term.error().offset, term.error().message + Hint(text));
  term->column = column;
  record.terms.push_back(std::move(*term));
  return {};
}

}  // namespace

bool IsSpfRecord(std::string_view text) {
  return SameName(text.substr(0, kVersion.size()), kVersion) &&
         (text.size() == kVersion.size() || text[kVersion.size()] == ' ');
}

std::expected<SpfRecord, std::vector<SpfError>> ParseSpf(std::string_view text) {
  SpfRecord record;
  std::vector<SpfError> errors;
  if (!IsSpfRecord(text)) {
    const std::string first(text.substr(0, text.find(' ')));
    return std::unexpected(std::vector{SpfError{first, 1, "the record must begin with v=spf1 and a space"}});
  }
  for (std::size_t at = kVersion.size(); at < text.size();) {
    if (text[at] == ' ') {
      ++at;
      continue;
    }
    const std::string_view term = text.substr(at, text.find(' ', at) - at);
    if (const auto read = ReadTerm(term, at + 1, record); !read)
      errors.push_back({std::string(term), at + 1 + read.error().offset, read.error().message});
    at += term.size();
  }
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return record;
}

bool CostsLookup(Mechanism mechanism) {
  return mechanism != Mechanism::kAll && mechanism != Mechanism::kIp4 && mechanism != Mechanism::kIp6;
}

std::string_view MechanismName(Mechanism mechanism) {
  return std::ranges::find(kMechanisms, mechanism, &std::pair<std::string_view, Mechanism>::second)->first;
}

}  // namespace sealpost::dns
