#include "dns/dmarc_discovery.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "tests/dns/zone_resolver.h"

using namespace sealpost::dns;
using sealpost::tests::ZoneResolver;

namespace {

using Names = std::vector<std::string>;

const PublicSuffixList& Suffixes() {
  static const auto list = PublicSuffixList::FromSystem();
  REQUIRE(list);
  return *list;
}

DmarcDiscovery Discover(const std::string& zone, const std::string& domain) {
  ZoneResolver dns(zone);
  return DiscoverDmarc(dns, domain, Suffixes(), kNoDeadline);
}

OrganizationalDomains Organizations(const std::string& zone, const std::string& domain) {
  ZoneResolver dns(zone);
  return FindOrganizationalDomains(dns, domain, Suffixes(), kNoDeadline);
}

// "own example.com p reject", and "-> quarantine" if that is what is left of it.
std::string Told(const DmarcReading& reading) {
  if (!reading.told) return "could not tell";
  if (reading.governs == Governs::kNothing) return "nothing";
  const std::string whose = reading.governs == Governs::kOwn            ? "own "
                            : reading.governs == Governs::kOrganization ? "organization "
                                                                        : "suffix ";
  std::string text = whose + reading.policy_domain + " " + reading.tag + " " + std::string(PolicyName(reading.policy));
  if (reading.effective != reading.policy) text += " -> " + std::string(PolicyName(reading.effective));
  return text;
}

std::string Tree(const std::string& zone, const std::string& domain) {
  return Told(Discover(zone, domain).tree);
}
std::string Suffix(const std::string& zone, const std::string& domain) {
  return Told(Discover(zone, domain).suffix);
}

}  // namespace

TEST_CASE("a domain's own record governs by its p, in both readings") {
  const auto found = Discover(R"(
    example.com        MX  10 mx.example.com
    _dmarc.example.com TXT "v=DMARC1; p=reject; sp=none; np=none")",
                              "Example.COM");
  CHECK(found.domain == "example.com");
  CHECK(found.exists);
  CHECK(Told(found.tree) == "own example.com p reject");
  CHECK(Told(found.suffix) == "own example.com p reject");
  CHECK(found.tree.organizational_domain == "example.com");
  CHECK(found.suffix.organizational_domain == "example.com");
  REQUIRE(found.steps.size() == 2);
  CHECK(found.steps[1].name == "_dmarc.com");
}

TEST_CASE("nothing governs where there is no record") {
  const auto found = Discover("example.com MX 10 mx.example.com", "mail.example.com");
  CHECK(Told(found.tree) == "nothing");
  CHECK(Told(found.suffix) == "nothing");
  CHECK(found.tree.policy_domain.empty());
  CHECK(found.tree.organizational_domain == "mail.example.com");
  CHECK(found.suffix.organizational_domain == "example.com");
}

TEST_CASE("an existing subdomain inherits sp, else p") {
  const std::string exists = "mail.example.com A 192.0.2.1\n";
  CHECK(Tree(exists + R"(_dmarc.example.com TXT "v=DMARC1; p=reject; sp=quarantine; np=none")", "mail.example.com") ==
        "organization example.com sp quarantine");
  CHECK(Tree(exists + R"(_dmarc.example.com TXT "v=DMARC1; p=reject; np=none")", "mail.example.com") ==
        "organization example.com p reject");
  CHECK(Suffix(exists + R"(_dmarc.example.com TXT "v=DMARC1; p=reject; sp=none")", "mail.example.com") ==
        "organization example.com sp none");
}

TEST_CASE("a subdomain that does not exist inherits np, else sp, else p; a 7489 reader knows no np") {
  const std::string zone = R"(_dmarc.example.com TXT "v=DMARC1; p=reject; sp=none; np=quarantine")";
  const auto found = Discover(zone, "no.example.com");
  CHECK_FALSE(found.exists);
  CHECK(Told(found.tree) == "organization example.com np quarantine");
  CHECK(Told(found.suffix) == "organization example.com sp none");
  CHECK(Tree(R"(_dmarc.example.com TXT "v=DMARC1; p=reject; sp=none")", "no.example.com") ==
        "organization example.com sp none");
  CHECK(Tree(R"(_dmarc.example.com TXT "v=DMARC1; p=reject")", "no.example.com") ==
        "organization example.com p reject");
}

TEST_CASE("only NXDOMAIN of the name itself is non-existence") {
  const std::string policy = "_dmarc.example.com TXT \"v=DMARC1; p=reject; sp=none; np=quarantine\"\n";
  CHECK(Tree(policy + "mail.example.com A 192.0.2.1", "mail.example.com") == "organization example.com sp none");
  CHECK(Tree(policy + "deep.mail.example.com A 192.0.2.1", "mail.example.com") == "organization example.com sp none");
  CHECK(Tree(policy + "mail.example.com CNAME gone.example.net.", "mail.example.com") ==
        "organization example.com sp none");
  CHECK(Tree(policy, std::string(64, 'a') + ".example.com") == "organization example.com np quarantine");
}

TEST_CASE("np does not govern the domain of the record itself") {
  CHECK(Tree(R"(_dmarc.example.com TXT "v=DMARC1; p=reject; np=none")", "example.com") == "own example.com p reject");
}

TEST_CASE("records between the domain and its organizational domain are not asked for their policy") {
  const std::string zone = R"(
    a.b.example.com      A   192.0.2.1
    _dmarc.b.example.com TXT "v=DMARC1; p=none"
    _dmarc.example.com   TXT "v=DMARC1; p=reject")";
  CHECK(Tree(zone, "a.b.example.com") == "organization example.com p reject");
  CHECK(Suffix(zone, "a.b.example.com") == "organization example.com p reject");
}

TEST_CASE("psd=n between makes the readings part") {
  const std::string zone = R"(
    a.b.example.com      A   192.0.2.1
    _dmarc.b.example.com TXT "v=DMARC1; p=reject; psd=n"
    _dmarc.example.com   TXT "v=DMARC1; p=none")";
  const auto found = Discover(zone, "a.b.example.com");
  CHECK(Told(found.tree) == "organization b.example.com p reject");
  CHECK(Told(found.suffix) == "organization example.com p none");
  CHECK(found.tree.organizational_domain == "b.example.com");
  REQUIRE(found.steps.size() == 3);
  CHECK(found.steps[2].domain == "example.com");
}

TEST_CASE("a record above the public suffix list's domain is found by the walk alone") {
  const std::string zone = "alice.blogspot.com A 192.0.2.1\n_dmarc.blogspot.com TXT \"v=DMARC1; p=reject\"\n";
  CHECK(Tree(zone, "alice.blogspot.com") == "organization blogspot.com p reject");
  CHECK(Suffix(zone, "alice.blogspot.com") == "nothing");
}

TEST_CASE("a subdomain's record alone makes it its own organizational domain for the walk") {
  const auto found = Discover(R"(_dmarc.mail.example.com TXT "v=DMARC1; p=reject")", "mail.example.com");
  CHECK(found.tree.organizational_domain == "mail.example.com");
  CHECK(found.suffix.organizational_domain == "example.com");
}

TEST_CASE("a public suffix domain's policy governs below it where the organizational domain has none") {
  const std::string psd = "_dmarc.bank.example TXT \"v=DMARC1; p=reject; sp=quarantine; np=none; psd=y\"\n";
  const auto found = Discover(psd + "mail.giant.bank.example A 192.0.2.1", "mail.giant.bank.example");
  CHECK(found.tree.organizational_domain == "giant.bank.example");
  CHECK(Told(found.tree) == "suffix bank.example sp quarantine");
  CHECK(Tree(psd + "giant.bank.example A 192.0.2.1", "giant.bank.example") == "suffix bank.example sp quarantine");
  CHECK(Tree(psd, "fake.bank.example") == "suffix bank.example np none");
  CHECK(Tree(psd, "bank.example") == "own bank.example p reject");
}

TEST_CASE("a public suffix domain's policy is not used where the organizational domain published its own") {
  const std::string zone = R"(
    mail.foo.example   A   192.0.2.1
    _dmarc.example     TXT "v=DMARC1; p=reject; psd=y"
    _dmarc.foo.example TXT "v=DMARC1; p=none")";
  CHECK(Tree(zone, "foo.example") == "own foo.example p none");
  CHECK(Tree(zone, "mail.foo.example") == "organization foo.example p none");
}

TEST_CASE("several records are discarded: the walk goes on, a 7489 reader stops") {
  const std::string zone = R"(
    mail.example.com        A   192.0.2.1
    _dmarc.mail.example.com TXT "v=DMARC1; p=reject"
    _dmarc.mail.example.com TXT "v=DMARC1; p=quarantine"
    _dmarc.example.com      TXT "v=DMARC1; p=none; sp=quarantine")";
  CHECK(Tree(zone, "mail.example.com") == "organization example.com sp quarantine");
  CHECK(Suffix(zone, "mail.example.com") == "nothing");
}

TEST_CASE("texts that are no candidates do not stand in the way of either reading") {
  const std::string zone = R"(
    mail.example.com        A   192.0.2.1
    _dmarc.mail.example.com TXT "v=spf1 -all"
    _dmarc.mail.example.com TXT "v=dmarc1; p=none"
    _dmarc.example.com      TXT "google-site-verification=x"
    _dmarc.example.com      TXT "v=DMARC1; p=quarantine")";
  CHECK(Tree(zone, "mail.example.com") == "organization example.com p quarantine");
  CHECK(Suffix(zone, "mail.example.com") == "organization example.com p quarantine");
}

TEST_CASE("without a valid policy a record acts as p=none if it has a usable rua, and is void otherwise") {
  for (const char* tags : {"", "p=quarantin; ", "p=reject; sp=bounce; ", "p=reject; np=; "}) {
    CAPTURE(tags);
    const std::string start = "_dmarc.example.com TXT \"v=DMARC1; " + std::string(tags);
    const auto with = Discover(start + "rua=mailto:a@example.com!10m\"", "example.com");
    CHECK(Told(with.tree) == "own example.com p none");
    REQUIRE(with.tree.record);
    const auto without = Discover(start + "rua=a@example.com\"", "example.com");
    CHECK(Told(without.tree) == "nothing");
    CHECK(without.tree.policy_domain == "example.com");
    CHECK_FALSE(without.tree.record);
  }
}

TEST_CASE("a void record of the domain does not hand over to the one above") {
  const std::string zone = R"(
    _dmarc.mail.example.com TXT "v=DMARC1; adkim=s"
    _dmarc.example.com      TXT "v=DMARC1; p=reject")";
  CHECK(Tree(zone, "mail.example.com") == "nothing");
  CHECK(Suffix(zone, "mail.example.com") == "nothing");
}

TEST_CASE("an invalid np is nothing to a 7489 reader, an invalid sp is") {
  CHECK(Suffix(R"(_dmarc.example.com TXT "v=DMARC1; p=reject; np=x")", "example.com") == "own example.com p reject");
  CHECK(Suffix(R"(_dmarc.example.com TXT "v=DMARC1; p=reject; sp=x")", "example.com") == "nothing");
  CHECK(Suffix(R"(_dmarc.example.com TXT "v=DMARC1; p=reject; sp=x; rua=mailto:a@example.com")", "example.com") ==
        "own example.com p none");
}

TEST_CASE("t=y takes a level off for the walk, pct for a 7489 reader, and neither for the other") {
  const auto testing = Discover(R"(_dmarc.example.com TXT "v=DMARC1; p=reject; t=y")", "example.com");
  CHECK(Told(testing.tree) == "own example.com p reject -> quarantine");
  CHECK(Told(testing.suffix) == "own example.com p reject");
  const auto share = Discover(R"(_dmarc.example.com TXT "v=DMARC1; p=quarantine; pct=99")", "example.com");
  CHECK(Told(share.tree) == "own example.com p quarantine");
  CHECK(Told(share.suffix) == "own example.com p quarantine -> none");
  CHECK(Tree(R"(_dmarc.example.com TXT "v=DMARC1; p=quarantine; t=y")", "example.com") ==
        "own example.com p quarantine -> none");
  CHECK(Tree(R"(_dmarc.example.com TXT "v=DMARC1; p=none; t=y")", "example.com") == "own example.com p none");
  CHECK(Tree(R"(_dmarc.example.com TXT "v=DMARC1; p=reject; t=yes")", "example.com") == "own example.com p reject");
  CHECK(Suffix(R"(_dmarc.example.com TXT "v=DMARC1; p=reject; pct=0")", "example.com") ==
        "own example.com p reject -> quarantine");
  CHECK(Suffix(R"(_dmarc.example.com TXT "v=DMARC1; p=reject; pct=100")", "example.com") == "own example.com p reject");
}

TEST_CASE("a failure at the domain itself leaves both readings open") {
  for (const char* failure : {"SERVFAIL", "REFUSED", "TIMEOUT"}) {
    const auto found = Discover(
        "_dmarc.mail.example.com TXT " + std::string(failure) + "\n_dmarc.example.com TXT \"v=DMARC1; p=reject\"",
        "mail.example.com");
    CHECK_FALSE(found.tree.told);
    CHECK_FALSE(found.tree.organization_told);
    CHECK_FALSE(found.suffix.told);
    CHECK(found.suffix.organizational_domain == "example.com");
  }
}

TEST_CASE("a failure above a domain's own record leaves its policy told, its organizational domain open") {
  const auto found = Discover(R"(
    _dmarc.example.com TXT "v=DMARC1; p=reject"
    _dmarc.com         TXT SERVFAIL)",
                              "example.com");
  CHECK(Told(found.tree) == "own example.com p reject");
  CHECK_FALSE(found.tree.organization_told);
  CHECK(Told(found.suffix) == "own example.com p reject");
}

TEST_CASE("a failure between leaves the walk open, not a 7489 reader who never asks there") {
  const std::string zone = R"(
    a.b.example.com      A   192.0.2.1
    _dmarc.b.example.com TXT TIMEOUT
    _dmarc.example.com   TXT "v=DMARC1; p=reject")";
  CHECK(Tree(zone, "a.b.example.com") == "could not tell");
  CHECK(Suffix(zone, "a.b.example.com") == "organization example.com p reject");
}

TEST_CASE("a nearer psd tag settles what a failure above would leave open") {
  CHECK(Tree(R"(
    mail.example.com   A   192.0.2.1
    _dmarc.example.com TXT "v=DMARC1; p=reject; psd=n"
    _dmarc.com         TXT SERVFAIL)",
             "mail.example.com") == "organization example.com p reject");
}

TEST_CASE("an existence that cannot be told matters only where np asks for something else") {
  const std::string unknown = "mail.example.com MX SERVFAIL\n";
  CHECK(Tree(unknown + R"(_dmarc.example.com TXT "v=DMARC1; p=reject; np=reject")", "mail.example.com") ==
        "organization example.com p reject");
  CHECK(Tree(unknown + R"(_dmarc.example.com TXT "v=DMARC1; p=reject")", "mail.example.com") ==
        "organization example.com p reject");
  const std::string weaker = R"(_dmarc.example.com TXT "v=DMARC1; p=reject; np=none")";
  CHECK(Tree("mail.example.com * SERVFAIL\n_dmarc.mail.example.com * SERVFAIL\n" + weaker, "mail.example.com") ==
        "could not tell");
  CHECK(Tree(unknown + "_dmarc.mail.example.com TXT \"a name below\"\n" + weaker, "mail.example.com") ==
        "organization example.com p reject");
}

TEST_CASE("a deadline that has passed tells nothing") {
  ZoneResolver dns(R"(_dmarc.example.com TXT "v=DMARC1; p=reject")");
  const auto found = DiscoverDmarc(dns, "example.com", Suffixes(), Deadline::min());
  CHECK_FALSE(found.tree.told);
  CHECK_FALSE(found.suffix.told);
}

TEST_CASE("what is no domain has no policy and asks for nothing harmful") {
  for (const std::string& domain : {std::string(), std::string(".."), std::string(300, 'a'), std::string("a\0b", 3)}) {
    const auto found = Discover("", domain);
    CHECK(found.tree.governs == Governs::kNothing);
    CHECK(found.suffix.governs == Governs::kNothing);
    CHECK(found.steps.size() <= 8);
  }
}

TEST_CASE("RFC 9989 B.4.1: domains of a simple hierarchy share their organizational domain") {
  const std::string zone = R"(
    _dmarc.example.com         TXT "v=DMARC1; p=reject"
    _dmarc.signing.example.com TXT "v=DMARC1; p=reject")";
  CHECK(Organizations(zone, "example.com").tree == "example.com");
  CHECK(Organizations(zone, "signing.example.com").tree == "example.com");
}

TEST_CASE("RFC 9989 B.4.2: a deep domain walks eight names and shares it, too") {
  ZoneResolver dns(R"(
    _dmarc.example.com         TXT "v=DMARC1; p=reject"
    _dmarc.signing.example.com TXT "v=DMARC1; p=reject")");
  const auto found = FindOrganizationalDomains(dns, "a.b.c.d.e.f.g.h.i.j.k.example.com", Suffixes(), kNoDeadline);
  CHECK(found.tree == "example.com");
  CHECK(found.told);
  CHECK(dns.asked() == Names{"_dmarc.a.b.c.d.e.f.g.h.i.j.k.example.com TXT", "_dmarc.g.h.i.j.k.example.com TXT",
                             "_dmarc.h.i.j.k.example.com TXT", "_dmarc.i.j.k.example.com TXT",
                             "_dmarc.j.k.example.com TXT", "_dmarc.k.example.com TXT", "_dmarc.example.com TXT",
                             "_dmarc.com TXT"});
}

TEST_CASE("RFC 9989 B.4.3: below a public suffix domain each registrant is apart") {
  const std::string zone = R"(
    _dmarc.bank.example       TXT "v=DMARC1; p=reject; psd=y; rua=mailto:psd@bank.example"
    _dmarc.giant.bank.example TXT "v=DMARC1; p=quarantine")";
  CHECK(Organizations(zone, "giant.bank.example").tree == "giant.bank.example");
  CHECK(Organizations(zone, "mail.giant.bank.example").tree == "giant.bank.example");
  CHECK(Organizations(zone, "mail.mega.bank.example").tree == "mega.bank.example");
  CHECK(Tree(zone, "giant.bank.example") == "own giant.bank.example p quarantine");
}

TEST_CASE("two sibling subdomains share the organizational domain of both readings") {
  const std::string zone = R"(_dmarc.example.co.uk TXT "v=DMARC1; p=reject")";
  for (const char* domain : {"a.example.co.uk", "b.example.co.uk", "x.b.EXAMPLE.co.uk"}) {
    const auto found = Organizations(zone, domain);
    CHECK(found.tree == "example.co.uk");
    CHECK(found.suffix == "example.co.uk");
  }
}

TEST_CASE("a failure leaves the organizational domain of the walk open, and the domain itself stands there") {
  const auto found = Organizations("_dmarc.example.com TXT TIMEOUT", "mail.example.com");
  CHECK_FALSE(found.told);
  CHECK(found.tree == "mail.example.com");
  CHECK(found.suffix == "example.com");
}

TEST_CASE("everything that may be asked is prefetched at once") {
  struct Recorder final : Resolver {
    Answer Ask(const Question& question, Deadline) override {
      CHECK(std::find(prefetched.begin(), prefetched.end(), question) != prefetched.end());
      Answer answer;
      answer.status = Status::kNxDomain;
      return answer;
    }
    void Prefetch(std::span<const Question> questions) override {
      ++times;
      prefetched.assign(questions.begin(), questions.end());
    }
    std::vector<Question> prefetched;
    int times = 0;
  } resolver;
  DiscoverDmarc(resolver, "1.2.3.4.5.6.7.8.9.10.mail.example.com", Suffixes(), kNoDeadline);
  CHECK(resolver.times == 1);
  CHECK(resolver.prefetched.size() == 9);
}
