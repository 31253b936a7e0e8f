#include "ratelimit/identity.h"

#include <idn2.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "ratelimit/providers.h"

namespace sealpost::ratelimit {
namespace {

bool IsAscii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}
bool IsLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool IsAtomText(char c) {
  return !IsAscii(c) || IsLetterOrDigit(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").contains(c);
}

// RFC 5322 3.2.3: atoms with single dots between them.
bool IsDotAtom(std::string_view text) {
  if (text.empty() || text.starts_with('.') || text.ends_with('.') || text.contains("..")) return false;
  return std::ranges::all_of(text, [](char c) { return c == '.' || IsAtomText(c); });
}

bool IsQuoted(std::string_view local) {
  return local.size() >= 2 && local.front() == '"' && local.back() == '"';
}

// What stands between the quotes, its quoted pairs resolved.
std::string Unquote(std::string_view local) {
  std::string content;
  for (std::size_t i = 1; i + 1 < local.size(); ++i) {
    if (local[i] == '\\' && i + 2 < local.size()) ++i;
    content += local[i];
  }
  return content;
}

// One form for all spellings of a local part: "john", "jo\hn" and john are the same (RFC 5321 4.1.2).
std::string Quote(const std::string& content) {
  if (IsDotAtom(content)) return content;
  std::string quoted = "\"";
  for (const char c : content) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

void LowerAscii(std::string& text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
}

struct FreeIdn {
  void operator()(char* text) const noexcept { idn2_free(text); }
};

// Case folding and NFKC of letters, by way of the mapping of UTS 46; nothing if it refuses them.
std::optional<std::string> MapLetters(const std::string& run) {
  constexpr int kFlags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL;
  char* ascii = nullptr;
  if (idn2_to_ascii_8z(run.c_str(), &ascii, kFlags) != IDN2_OK) return std::nullopt;
  const std::unique_ptr<char, FreeIdn> encoded(ascii);
  char* unicode = nullptr;
  if (idn2_to_unicode_8z8z(ascii, &unicode, kFlags) != IDN2_OK) return std::nullopt;
  const std::unique_ptr<char, FreeIdn> decoded(unicode);
  return unicode;
}

std::size_t LengthOfFirst(std::string_view text) {
  std::size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) ++length;
  return length;
}

// A character that is refused, such as a combining mark in front, stays as it is and spoils none after it.
std::string FoldRun(std::string run) {
  std::string folded;
  while (!run.empty()) {
    if (const auto mapped = MapLetters(run)) return folded + *mapped;
    const std::string first = run.substr(0, LengthOfFirst(run));
    folded += MapLetters(first).value_or(first);
    run.erase(0, first.size());
  }
  return folded;
}

// The mapping is made for labels of domain names: it is given letters and digits only, punctuation is kept between.
std::string FoldUnicode(std::string_view local) {
  std::string folded;
  std::string run;
  for (const char c : local) {
    if (!IsAscii(c) || IsLetterOrDigit(c)) {
      run += c;
      continue;
    }
    folded += FoldRun(run) + c;
    run.clear();
  }
  return folded + FoldRun(run);
}

// What stands before the tag; the whole local part if nothing does.
std::string WithoutTag(const std::string& local) {
  const std::size_t plus = local.find('+');
  return plus == 0 ? local : local.substr(0, plus);
}

std::string Without(const std::string& local, std::string_view ignored) {
  std::string rest = local;
  std::erase_if(rest, [ignored](char c) { return ignored.contains(c); });
  return rest.empty() ? local : rest;
}

std::string ClassOf(const std::string& local) {
  const std::size_t hyphen = local.find('-');
  return hyphen == 0 || hyphen == std::string::npos ? local : local.substr(0, hyphen) + "-*";
}

constexpr Provider kNoProvider{.name = "none", .domains = {}};

const DomainRule* FindRule(const IdentityRules& rules, std::string_view domain) {
  const auto found = std::ranges::find(rules.domains, domain, &DomainRule::domain);
  return found == rules.domains.end() ? nullptr : &*found;
}

// What the operator says of a domain stands above the table.
Provider WithRule(Provider provider, const DomainRule* own) {
  if (own == nullptr || (!own->plus && !own->dots && own->same_as.empty())) return provider;
  provider.name = "operator";
  if (own->plus) provider.plus_tag = *own->plus == Spelling::kIgnored;
  if (own->dots) provider.ignored = *own->dots == Spelling::kIgnored ? "." : "";
  return provider;
}

// `registered` and one label more of `name`, which ends with it and is longer.
std::string OneLabelMore(std::string_view name, std::string_view registered) {
  const std::size_t dot = name.size() - registered.size() - 1;
  const std::size_t before = dot == 0 ? std::string_view::npos : name.rfind('.', dot - 1);
  return std::string(before == std::string_view::npos ? name : name.substr(before + 1));
}

// `own`: what the operator says of the name as it was given.
std::string BudgetOf(const std::string& place, const DomainRule* own, const IdentityRules& rules) {
  if (IsFreemail(place) || (own != nullptr && own->no_domain_budget)) return {};
  std::string registered = rules.registered_part ? rules.registered_part(place) : place;
  if (registered == place) return registered;
  const DomainRule* whole = FindRule(rules, registered);
  if (whole != nullptr && whole->no_domain_budget) return {};
  return IsFreemail(registered) ? OneLabelMore(place, registered) : registered;
}

std::string Fold(const Provider& provider, std::string local) {
  if (provider.plus_tag) local = WithoutTag(local);
  if (!provider.ignored.empty()) local = Without(local, provider.ignored);
  if (provider.hyphen_class) local = ClassOf(local);
  return local;
}

}  // namespace

Identity Identify(std::string_view local, std::string_view domain, const IdentityRules& rules) {
  bool quoted = IsQuoted(local);
  std::string name = quoted ? Unquote(local) : std::string(local);
  if (!std::ranges::all_of(name, IsAscii)) name = FoldUnicode(name);
  LowerAscii(name);
  const DomainRule* own = FindRule(rules, domain);
  if (own != nullptr && !own->same_as.empty()) domain = own->same_as;
  std::string place(domain);
  const Provider* known = FindProvider(domain);

  if (const std::size_t dot = domain.find('.'); own == nullptr && known == nullptr && dot != std::string_view::npos) {
    const Provider* parent = FindProvider(domain.substr(dot + 1));
    if (parent != nullptr && parent->user_in_domain) {
      known = parent;
      name = domain.substr(0, dot);
      quoted = false;
      place = domain.substr(dot + 1);
    }
  }
  const Provider provider = WithRule(known == nullptr ? kNoProvider : *known, own);
  name = Fold(provider, std::move(name));
  if (!provider.one_domain.empty()) place = provider.one_domain;
  const std::string family = WithoutTag(name);
  std::string budget = BudgetOf(place, own, rules);
  return {.mailbox = (quoted ? Quote(name) : name) + '@' + place,
          .family = (quoted ? Quote(family) : family) + '@' + place,
          .normalised_by = std::string(provider.name),
          .domain_budget = std::move(budget)};
}

Identity Identify(std::string_view local, std::string_view domain) {
  return Identify(local, domain, {});
}

std::string MailboxKey(std::string_view secret, std::string_view mailbox) {
  constexpr std::size_t kBytes = 16;
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(mailbox.data()), mailbox.size(), digest.data(), &length);
  std::string key;
  unsigned bits = 0;
  int held = 0;
  for (std::size_t i = 0; i < kBytes; ++i) {
    bits = bits << 8 | digest[i];
    for (held += 8; held >= 6; held -= 6) key += kAlphabet[bits >> (held - 6) & 63];
  }
  return key + kAlphabet[bits << (6 - held) & 63];
}

}  // namespace sealpost::ratelimit
