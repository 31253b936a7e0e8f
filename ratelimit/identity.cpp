#include "ratelimit/identity.h"

#include <idn2.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <span>

namespace sealpost::ratelimit {
namespace {

constexpr auto kGmail = std::to_array<std::string_view>({"gmail.com", "googlemail.com"});

constexpr auto kOutlook = std::to_array<std::string_view>(
    {"hotmail.at",     "hotmail.be",     "hotmail.ca",     "hotmail.cl",     "hotmail.co.id",  "hotmail.co.il",
     "hotmail.co.nz",  "hotmail.co.th",  "hotmail.co.uk",  "hotmail.co.za",  "hotmail.com",    "hotmail.com.ar",
     "hotmail.com.au", "hotmail.com.br", "hotmail.com.gr", "hotmail.com.mx", "hotmail.com.pe", "hotmail.com.tr",
     "hotmail.com.vn", "hotmail.cz",     "hotmail.de",     "hotmail.dk",     "hotmail.es",     "hotmail.fi",
     "hotmail.fr",     "hotmail.gr",     "hotmail.hu",     "hotmail.id",     "hotmail.ie",     "hotmail.in",
     "hotmail.it",     "hotmail.jp",     "hotmail.kr",     "hotmail.lv",     "hotmail.my",     "hotmail.nl",
     "hotmail.no",     "hotmail.ph",     "hotmail.pt",     "hotmail.sa",     "hotmail.se",     "hotmail.sg",
     "hotmail.sk",     "live.at",        "live.be",        "live.ca",        "live.cl",        "live.cn",
     "live.co.uk",     "live.co.za",     "live.com",       "live.com.ar",    "live.com.au",    "live.com.mx",
     "live.com.my",    "live.com.pt",    "live.com.sg",    "live.de",        "live.dk",        "live.es",
     "live.eu",        "live.fi",        "live.fr",        "live.hk",        "live.ie",        "live.in",
     "live.it",        "live.jp",        "live.nl",        "live.no",        "live.ru",        "live.se",
     "msn.com",        "outlook.at",     "outlook.be",     "outlook.cl",     "outlook.co.id",  "outlook.co.il",
     "outlook.co.nz",  "outlook.co.th",  "outlook.com",    "outlook.com.ar", "outlook.com.au", "outlook.com.br",
     "outlook.com.gr", "outlook.com.pe", "outlook.com.tr", "outlook.com.vn", "outlook.cz",     "outlook.de",
     "outlook.dk",     "outlook.es",     "outlook.fr",     "outlook.hu",     "outlook.id",     "outlook.ie",
     "outlook.in",     "outlook.it",     "outlook.jp",     "outlook.kr",     "outlook.lv",     "outlook.my",
     "outlook.ph",     "outlook.pt",     "outlook.sa",     "outlook.sg",     "outlook.sk",     "passport.com",
     "windowslive.com"});

constexpr auto kFastmail = std::to_array<std::string_view>(
    {"123mail.org",     "airpost.net",    "eml.cc",         "fastmail.cn",   "fastmail.co.uk", "fastmail.com",
     "fastmail.com.au", "fastmail.de",    "fastmail.es",    "fastmail.fm",   "fastmail.fr",    "fastmail.im",
     "fastmail.in",     "fastmail.jp",    "fastmail.mx",    "fastmail.net",  "fastmail.nl",    "fastmail.org",
     "fastmail.se",     "fastmail.to",    "fastmail.tw",    "fastmail.uk",   "fastmail.us",    "fea.st",
     "fmail.co.uk",     "fmailbox.com",   "ftml.net",       "imap.cc",       "imapmail.org",   "mailbolt.com",
     "mailcan.com",     "mailforce.net",  "mailhaven.com",  "mailmight.com", "ml1.net",        "mm.st",
     "myfastmail.com",  "proinbox.com",   "promessage.com", "rushpost.com",  "sent.as",        "sent.at",
     "sent.com",        "speedymail.org", "warpmail.net",   "xsmail.com",    "yepmail.net"});

constexpr auto kIcloud = std::to_array<std::string_view>({"icloud.com", "mac.com", "me.com"});

constexpr auto kProton = std::to_array<std::string_view>({"pm.me", "proton.me", "protonmail.ch", "protonmail.com"});

constexpr auto kYahoo = std::to_array<std::string_view>(
    {"myyahoo.com",  "rocketmail.com", "yahoo.at",     "yahoo.be",     "yahoo.ca",     "yahoo.ch",     "yahoo.co.id",
     "yahoo.co.il",  "yahoo.co.in",    "yahoo.co.kr",  "yahoo.co.nz",  "yahoo.co.th",  "yahoo.co.uk",  "yahoo.co.za",
     "yahoo.com",    "yahoo.com.ar",   "yahoo.com.au", "yahoo.com.br", "yahoo.com.co", "yahoo.com.hk", "yahoo.com.mx",
     "yahoo.com.my", "yahoo.com.pe",   "yahoo.com.ph", "yahoo.com.sg", "yahoo.com.tr", "yahoo.com.tw", "yahoo.com.ve",
     "yahoo.com.vn", "yahoo.cz",       "yahoo.de",     "yahoo.dk",     "yahoo.es",     "yahoo.fi",     "yahoo.fr",
     "yahoo.gr",     "yahoo.hu",       "yahoo.ie",     "yahoo.in",     "yahoo.it",     "yahoo.nl",     "yahoo.no",
     "yahoo.pl",     "yahoo.pt",       "yahoo.ro",     "yahoo.se",     "ymail.com"});

constexpr auto kYandex = std::to_array<std::string_view>(
    {"ya.ru",         "yandex.az", "yandex.by", "yandex.co.il", "yandex.com", "yandex.com.am", "yandex.com.ge",
     "yandex.com.tr", "yandex.ee", "yandex.fr", "yandex.kg",    "yandex.kz",  "yandex.lt",     "yandex.lv",
     "yandex.md",     "yandex.ru", "yandex.tj", "yandex.tm",    "yandex.ua",  "yandex.uz"});

struct Provider {
  std::string_view name;
  std::span<const std::string_view> domains;  // sorted
  std::string_view one_domain;                // the name all its domains count under; empty: each is its own
  bool plus_tag = false;                      // "base+tag" is delivered to "base"
  std::string_view ignored = {};              // characters that make no difference
  // "base-keyword" is a disposable address. Its base is a name of its own, not the account's, so the account stays
  // unknown; all of one base count as one class, "base-*".
  bool hyphen_class = false;
  bool user_in_domain = false;  // anything@user.example is delivered to user@example
};

constexpr auto kProviders = std::to_array<Provider>({
    {.name = "gmail", .domains = kGmail, .one_domain = "gmail.com", .plus_tag = true, .ignored = "."},
    {.name = "outlook", .domains = kOutlook, .one_domain = {}, .plus_tag = true},
    {.name = "fastmail", .domains = kFastmail, .one_domain = {}, .plus_tag = true, .user_in_domain = true},
    {.name = "icloud", .domains = kIcloud, .one_domain = "icloud.com", .plus_tag = true},
    {.name = "proton", .domains = kProton, .one_domain = "proton.me", .plus_tag = true, .ignored = "._-"},
    {.name = "yahoo", .domains = kYahoo, .one_domain = {}, .hyphen_class = true},
    {.name = "yandex", .domains = kYandex, .one_domain = "yandex.ru", .plus_tag = true},
});

static_assert(std::ranges::all_of(kProviders, [](const Provider& p) { return std::ranges::is_sorted(p.domains); }));

const Provider* FindProvider(std::string_view domain) {
  const auto* found = std::ranges::find_if(
      kProviders, [domain](const Provider& p) { return std::ranges::binary_search(p.domains, domain); });
  return found == kProviders.end() ? nullptr : found;
}

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

std::string Fold(const Provider& provider, std::string local) {
  if (provider.plus_tag) local = WithoutTag(local);
  if (!provider.ignored.empty()) local = Without(local, provider.ignored);
  if (provider.hyphen_class) local = ClassOf(local);
  return local;
}

}  // namespace

Identity Identify(std::string_view local, std::string_view domain) {
  bool quoted = IsQuoted(local);
  std::string name = quoted ? Unquote(local) : std::string(local);
  if (!std::ranges::all_of(name, IsAscii)) name = FoldUnicode(name);
  LowerAscii(name);
  std::string place(domain);
  const Provider* provider = FindProvider(domain);

  if (const std::size_t dot = domain.find('.'); provider == nullptr && dot != std::string_view::npos) {
    const Provider* parent = FindProvider(domain.substr(dot + 1));
    if (parent != nullptr && parent->user_in_domain) {
      provider = parent;
      name = domain.substr(0, dot);
      quoted = false;
      place = domain.substr(dot + 1);
    }
  }
  if (provider != nullptr) name = Fold(*provider, std::move(name));
  if (provider != nullptr && !provider->one_domain.empty()) place = provider->one_domain;
  const std::string family = WithoutTag(name);
  return {.mailbox = (quoted ? Quote(name) : name) + '@' + place,
          .family = (quoted ? Quote(family) : family) + '@' + place,
          .normalised_by = std::string(provider == nullptr ? "none" : provider->name)};
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
