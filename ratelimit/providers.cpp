#include "ratelimit/providers.h"

#include <algorithm>
#include <array>

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

// Free mailers whose rules for spellings are not documented.
constexpr auto kFreemail = std::to_array<std::string_view>(
    {"126.com",      "139.com",         "163.com",        "aim.com",         "aol.com",
     "arcor.de",     "att.net",         "bellsouth.net",  "bigpond.com",     "bk.ru",
     "bol.com.br",   "btinternet.com",  "centrum.cz",     "charter.net",     "comcast.net",
     "cox.net",      "daum.net",        "docomo.ne.jp",   "duck.com",        "email.cz",
     "ezweb.ne.jp",  "foxmail.com",     "free.fr",        "freenet.de",      "gmx.at",
     "gmx.ch",       "gmx.com",         "gmx.de",         "gmx.fr",          "gmx.net",
     "hanmail.net",  "hey.com",         "i.ua",           "inbox.ru",        "interia.pl",
     "juno.com",     "laposte.net",     "libero.it",      "list.ru",         "mail.com",
     "mail.de",      "mail.ru",         "mailbox.org",    "mozmail.com",     "naver.com",
     "netzero.net",  "o2.pl",           "onet.pl",        "online.de",       "optonline.net",
     "orange.fr",    "passinbox.com",   "posteo.de",      "posteo.net",      "privaterelay.appleid.com",
     "qq.com",       "rambler.ru",      "rediffmail.com", "rogers.com",      "sbcglobal.net",
     "seznam.cz",    "sfr.fr",          "shaw.ca",        "simplelogin.com", "sina.com",
     "sky.com",      "sohu.com",        "softbank.ne.jp", "t-online.de",     "talktalk.net",
     "telenet.be",   "terra.com.br",    "tiscali.it",     "tuta.com",        "tuta.io",
     "tutanota.com", "tutanota.de",     "ukr.net",        "uol.com.br",      "verizon.net",
     "virgilio.it",  "virginmedia.com", "vk.com",         "wanadoo.fr",      "web.de",
     "wp.pl",        "zoho.com",        "zohomail.com"});

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

}  // namespace

const Provider* FindProvider(std::string_view domain) {
  const auto* found = std::ranges::find_if(
      kProviders, [domain](const Provider& p) { return std::ranges::binary_search(p.domains, domain); });
  return found == kProviders.end() ? nullptr : found;
}

bool IsFreemail(std::string_view domain) {
  return FindProvider(domain) != nullptr || std::ranges::find(kFreemail, domain) != kFreemail.end();
}

}  // namespace sealpost::ratelimit
