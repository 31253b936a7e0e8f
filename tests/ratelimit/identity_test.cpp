#include "ratelimit/identity.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace sealpost::ratelimit;

namespace {

struct Row {
  const char* local;
  const char* domain;
  const char* mailbox;
  const char* family;
  const char* rule;
};

void Check(const Row& row) {
  CAPTURE(row.local);
  CAPTURE(row.domain);
  const Identity identity = Identify(row.local, row.domain);
  CHECK(identity.mailbox == row.mailbox);
  CHECK(identity.family == row.family);
  CHECK(identity.normalised_by == row.rule);
}

}  // namespace

TEST_CASE("the big providers' spellings of one mailbox are one mailbox") {
  const Row rows[] = {
      {"John.Doe", "gmail.com", "johndoe@gmail.com", "johndoe@gmail.com", "gmail"},
      {"j.o.h.n.doe+shop.x", "googlemail.com", "johndoe@gmail.com", "johndoe@gmail.com", "gmail"},
      {"john-doe", "gmail.com", "john-doe@gmail.com", "john-doe@gmail.com", "gmail"},
      {"john.doe+x", "outlook.com", "john.doe@outlook.com", "john.doe@outlook.com", "outlook"},
      {"John+x+y", "hotmail.co.uk", "john@hotmail.co.uk", "john@hotmail.co.uk", "outlook"},
      {"john+x", "live.com", "john@live.com", "john@live.com", "outlook"},
      {"john+x", "msn.com", "john@msn.com", "john@msn.com", "outlook"},
      {"john+x", "fastmail.com", "john@fastmail.com", "john@fastmail.com", "fastmail"},
      {"john.doe", "fastmail.fm", "john.doe@fastmail.fm", "john.doe@fastmail.fm", "fastmail"},
      {"shop", "john.fastmail.com", "john@fastmail.com", "john@fastmail.com", "fastmail"},
      {"shop+x", "john.sent.com", "john@sent.com", "john@sent.com", "fastmail"},
      {"john+x", "me.com", "john@icloud.com", "john@icloud.com", "icloud"},
      {"john", "mac.com", "john@icloud.com", "john@icloud.com", "icloud"},
      {"j.doe", "icloud.com", "j.doe@icloud.com", "j.doe@icloud.com", "icloud"},
      {"John_D.o-e+x", "protonmail.com", "johndoe@proton.me", "johndoe@proton.me", "proton"},
      {"johndoe", "pm.me", "johndoe@proton.me", "johndoe@proton.me", "proton"},
      {"john+x", "ya.ru", "john@yandex.ru", "john@yandex.ru", "yandex"},
      {"john.doe", "yandex.com", "john.doe@yandex.ru", "john.doe@yandex.ru", "yandex"},
  };
  for (const Row& row : rows) Check(row);
}

TEST_CASE("a disposable Yahoo address counts as a class of its base, never as the account of that name") {
  const Row rows[] = {
      {"base-shop", "yahoo.com", "base-*@yahoo.com", "base-*@yahoo.com", "yahoo"},
      {"Base-bank-2", "yahoo.com", "base-*@yahoo.com", "base-*@yahoo.com", "yahoo"},
      {"base", "yahoo.com", "base@yahoo.com", "base@yahoo.com", "yahoo"},
      {"john.doe", "ymail.com", "john.doe@ymail.com", "john.doe@ymail.com", "yahoo"},
      {"john+x", "yahoo.co.uk", "john+x@yahoo.co.uk", "john@yahoo.co.uk", "yahoo"},
      {"-x", "yahoo.com", "-x@yahoo.com", "-x@yahoo.com", "yahoo"},
  };
  for (const Row& row : rows) Check(row);
}

TEST_CASE("at an unknown domain only the case is folded, and the tag only for the family") {
  const Row rows[] = {
      {"John.Doe", "example.com", "john.doe@example.com", "john.doe@example.com", "none"},
      {"john+a", "example.com", "john+a@example.com", "john@example.com", "none"},
      {"john+a+b", "example.com", "john+a+b@example.com", "john@example.com", "none"},
      {"+a", "example.com", "+a@example.com", "+a@example.com", "none"},
      {"john-a", "example.com", "john-a@example.com", "john-a@example.com", "none"},
      {"x", "john.gmail.com", "x@john.gmail.com", "x@john.gmail.com", "none"},
      {"x", "notgmail.com", "x@notgmail.com", "x@notgmail.com", "none"},
      {"x", "localhost", "x@localhost", "x@localhost", "none"},
      {"x", "a.b.fastmail.com", "x@a.b.fastmail.com", "x@a.b.fastmail.com", "none"},
  };
  for (const Row& row : rows) Check(row);
}

TEST_CASE("what the operator says of a domain stands above the table") {
  const IdentityRules rules{
      .domains = {{.domain = "corp.example", .plus = Spelling::kIgnored},
                  {.domain = "dots.example", .plus = Spelling::kIgnored, .dots = Spelling::kIgnored},
                  {.domain = "old.example", .same_as = "new.example"},
                  {.domain = "gsuite.example", .same_as = "gmail.com"},
                  {.domain = "outlook.com", .plus = Spelling::kCounts},
                  {.domain = "ours.example", .no_domain_budget = true}}};
  const auto mailbox = [&](const char* local, const char* domain) { return Identify(local, domain, rules).mailbox; };
  CHECK(mailbox("John+a", "corp.example") == "john@corp.example");
  CHECK(mailbox("j.ohn+a", "dots.example") == "john@dots.example");
  CHECK(mailbox("john+a", "old.example") == "john+a@new.example");
  CHECK(mailbox("j.ohn+a", "gsuite.example") == "john@gmail.com");
  CHECK(mailbox("john+a", "outlook.com") == "john+a@outlook.com");
  CHECK(mailbox("john+a", "ours.example") == "john+a@ours.example");
  CHECK(Identify("j", "corp.example", rules).normalised_by == "operator");
  CHECK(Identify("j", "ours.example", rules).normalised_by == "none");
  CHECK(Identify("j", "ours.example", rules).domain_budget.empty());
  CHECK(Identify("j", "old.example", rules).domain_budget == "new.example");
  CHECK(mailbox("john+a", "gmail.com") == "john@gmail.com");
}

TEST_CASE("strangers at a free mailer share no budget, those of a domain do") {
  for (const char* domain : {"gmail.com", "googlemail.com", "outlook.com", "yahoo.co.uk", "proton.me", "web.de",
                             "gmx.net", "qq.com", "mail.ru", "john.fastmail.com"}) {
    CAPTURE(domain);
    CHECK(Identify("john", domain).domain_budget.empty());
  }
  CHECK(Identify("john", "example.com").domain_budget == "example.com");
  CHECK(Identify("john", "mail.example.com").domain_budget == "mail.example.com");
  CHECK(Identify("john", "notgmail.com").domain_budget == "notgmail.com");
}

TEST_CASE("a domain with all its subdomains is one budget, where it is known what was registered") {
  // A stand-in for the public suffix list: the last two labels, three below co.uk and github.io.
  const IdentityRules rules{.domains = {{.domain = "ours.example", .no_domain_budget = true},
                                        {.domain = "guests.firm.example", .no_domain_budget = true},
                                        {.domain = "alias.example", .same_as = "mail.firm.example"}},
                            .registered_part = [](std::string_view name) {
                              std::size_t labels = name.ends_with("co.uk") || name.ends_with("github.io") ? 3 : 2,
                                          at = name.size();
                              while (labels-- != 0 && at != std::string_view::npos)
                                at = at == 0 ? at : name.rfind('.', at - 1);
                              return std::string(at == std::string_view::npos ? name : name.substr(at + 1));
                            }};
  const auto budget = [&](const char* domain) { return Identify("john", domain, rules).domain_budget; };
  CHECK(budget("evil.example") == "evil.example");
  CHECK(budget("a.evil.example") == "evil.example");
  CHECK(budget("b.c.evil.example") == "evil.example");
  CHECK(budget("localhost") == "localhost");
  CHECK(budget("shop.co.uk") == "shop.co.uk");
  CHECK(budget("mail.shop.co.uk") == "shop.co.uk");
  CHECK(budget("ann.github.io") == "ann.github.io");
  CHECK(budget("x.bob.github.io") == "bob.github.io");
  CHECK(budget("alias.example") == "firm.example");
  // The operator's exemptions, by the name as written or by what was registered.
  CHECK(budget("ours.example").empty());
  CHECK(budget("mail.ours.example").empty());
  CHECK(budget("guests.firm.example").empty());
  CHECK(budget("mail.guests.firm.example") == "firm.example");
  // A customer's own subdomain at a free mailer takes any local part: it is not exempt, and nobody else's.
  CHECK(budget("mozmail.com").empty());
  CHECK(budget("me.mozmail.com") == "me.mozmail.com");
  CHECK(budget("x.y.me.mozmail.com") == "me.mozmail.com");
  CHECK(budget("john.fastmail.com").empty());
  // The mailbox and its family are what they were.
  const Identity tagged = Identify("john+x", "a.evil.example", rules);
  CHECK(tagged.mailbox == "john+x@a.evil.example");
  CHECK(tagged.family == "john@a.evil.example");
}

TEST_CASE("nothing is folded away to an empty name") {
  CHECK(Identify("+x", "gmail.com").mailbox == "+x@gmail.com");
  CHECK(Identify("...", "gmail.com").mailbox == "...@gmail.com");
  CHECK(Identify("_-_", "proton.me").mailbox == "_-_@proton.me");
}

TEST_CASE("a quoted local part is unquoted where the quotes make no difference") {
  CHECK(Identify("\"John\"", "example.com").mailbox == "john@example.com");
  CHECK(Identify("\"jo\\hn\"", "example.com").mailbox == "john@example.com");
  CHECK(Identify("\"john.doe+x\"", "gmail.com").mailbox == "johndoe@gmail.com");
  CHECK(Identify("\"John Doe\"", "example.com").mailbox == "\"john doe\"@example.com");
  CHECK(Identify("\"john\\ doe\"", "example.com").mailbox == "\"john doe\"@example.com");
  CHECK(Identify("\"a\\\"b\"", "example.com").mailbox == "\"a\\\"b\"@example.com");
  CHECK(Identify("\"a..b\"", "example.com").mailbox == "\"a..b\"@example.com");
  CHECK(Identify("\"a b+c\"", "example.com").mailbox == "\"a b+c\"@example.com");
  CHECK(Identify("\"a b+c\"", "example.com").family == "\"a b\"@example.com");
  CHECK(Identify("\"\"", "example.com").mailbox == "\"\"@example.com");
  CHECK(Identify("\"", "example.com").mailbox == "\"@example.com");
}

TEST_CASE("quotes hide no tag and no dot from a provider's rule") {
  const Row rows[] = {
      {"\"bob+1 x\"", "gmail.com", "bob@gmail.com", "bob@gmail.com", "gmail"},
      {"\"B.ob\\+2 x\"", "gmail.com", "bob@gmail.com", "bob@gmail.com", "gmail"},
      {"\"b..ob\"", "gmail.com", "bob@gmail.com", "bob@gmail.com", "gmail"},
      {"\"b. ob+x\"", "gmail.com", "\"b ob\"@gmail.com", "\"b ob\"@gmail.com", "gmail"},
      {"\"base-a b\"", "yahoo.com", "base-*@yahoo.com", "base-*@yahoo.com", "yahoo"},
      {"\"bob+1 x\"", "example.com", "\"bob+1 x\"@example.com", "bob@example.com", "none"},
      {"\"+1 x\"", "gmail.com", "\"+1 x\"@gmail.com", "\"+1 x\"@gmail.com", "gmail"},
  };
  for (const Row& row : rows) Check(row);
}

TEST_CASE("an international local part is one mailbox in every case and composition") {
  const std::string folded = Identify("j\u00fcrgen.stra\u00dfe", "example.com").mailbox;
  CHECK(folded == "j\u00fcrgen.stra\u00dfe@example.com");
  CHECK(Identify("J\u00dcRGEN.stra\u00dfe", "example.com").mailbox == folded);
  CHECK(Identify("Ju\u0308rgen.stra\u00dfe", "example.com").mailbox == folded);
  CHECK(Identify("\u041f\u043e\u0447\u0442\u0430+X", "example.com").mailbox ==
        "\u043f\u043e\u0447\u0442\u0430+x@example.com");
  CHECK(Identify("\u041f\u043e\u0447\u0442\u0430+X", "example.com").family ==
        "\u043f\u043e\u0447\u0442\u0430@example.com");
  CHECK(Identify("\u7528\u6237", "example.com").mailbox == "\u7528\u6237@example.com");
}

TEST_CASE("a combining mark in front keeps no letter from being folded") {
  const std::string folded = "\u0308bob.j\u00fcrgen@example.com";
  CHECK(Identify("\u0308BOB.J\u00dcRGEN", "example.com").mailbox == folded);
  CHECK(Identify("\u0308J\u00dcRGEN", "example.com").mailbox == "\u0308j\u00fcrgen@example.com");
  CHECK(Identify("\u0308JU\u0308RGEN", "example.com").mailbox == "\u0308j\u00fcrgen@example.com");
}

TEST_CASE("bytes that are no text are kept, not folded") {
  CHECK(Identify("A\xff\xfe", "example.com").mailbox == "a\xff\xfe@example.com");
}

TEST_CASE("folding a canonical mailbox again changes nothing") {
  for (const auto& [local, domain] :
       {std::pair{"J.Doe+x", "gmail.com"}, std::pair{"a_b-c", "pm.me"}, std::pair{"base-key", "yahoo.com"},
        std::pair{"q", "john.fastmail.com"}, std::pair{"J\u00dcRGEN", "example.com"}}) {
    const std::string once = Identify(local, domain).mailbox;
    const std::size_t at = once.rfind('@');
    CHECK(Identify(once.substr(0, at), once.substr(at + 1)).mailbox == once);
  }
}

TEST_CASE("the key of a mailbox is the HMAC-SHA-256 of RFC 4231, cut to 128 bits, as base64url") {
  // Test cases 1 and 2: b0344c61d8db38535ca8afceaf0bf12b..., 5bdcc146bf60754e6a042426089575c7...
  CHECK(MailboxKey(std::string(20, '\x0b'), "Hi There") == "sDRMYdjbOFNcqK_OrwvxKw");
  CHECK(MailboxKey("Jefe", "what do ya want for nothing?") == "W9zBRr9gdU5qBCQmCJV1xw");
}

TEST_CASE("keys are 22 characters, differ by mailbox and by secret, and take an empty secret") {
  std::set<std::string> keys;
  for (const char* secret : {"", "a", "b"}) {
    for (const char* mailbox : {"john@example.com", "jane@example.com", ""}) {
      const std::string key = MailboxKey(secret, mailbox);
      CHECK(key.size() == 22);
      keys.insert(key);
    }
  }
  CHECK(keys.size() == 9);
}
