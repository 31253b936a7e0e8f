#include "dns/dmarc_walk.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/dns/zone_resolver.h"

using namespace sealpost::dns;
using sealpost::tests::ZoneResolver;

namespace {

using Names = std::vector<std::string>;

std::vector<DmarcStep> Walk(ZoneResolver& dns, const std::string& domain) {
  return WalkTree(dns, domain, kNoDeadline);
}

Organization OrganizationOf(const std::string& zone, const std::string& domain) {
  ZoneResolver dns(zone);
  return SelectOrganization(Walk(dns, domain));
}

}  // namespace

TEST_CASE("the walk goes up one label at a time, the top-level domain included") {
  CHECK(WalkDomains("a.mail.example.com") == Names{"a.mail.example.com", "mail.example.com", "example.com", "com"});
  CHECK(WalkDomains("com") == Names{"com"});
  CHECK(WalkDomains("").empty());
}

TEST_CASE("a name of seven labels is walked whole, one of eight or more jumps to seven") {
  CHECK(WalkDomains("1.2.3.4.5.example.com").size() == 7);
  const Names eight = WalkDomains("1.2.3.4.5.6.example.com");
  CHECK(eight.size() == 8);
  CHECK(eight[1] == "2.3.4.5.6.example.com");
  const Names nine = WalkDomains("0.1.2.3.4.5.6.example.com");
  CHECK(nine.size() == 8);
  CHECK(nine[1] == "2.3.4.5.6.example.com");
}

TEST_CASE("a domain of thirteen labels is walked in the eight questions of RFC 9989 4.10") {
  ZoneResolver dns("example.com TXT \"x\"");
  Walk(dns, "a.b.c.d.e.f.g.h.i.j.mail.example.com");
  CHECK(dns.asked() == Names{"_dmarc.a.b.c.d.e.f.g.h.i.j.mail.example.com TXT", "_dmarc.g.h.i.j.mail.example.com TXT",
                             "_dmarc.h.i.j.mail.example.com TXT", "_dmarc.i.j.mail.example.com TXT",
                             "_dmarc.j.mail.example.com TXT", "_dmarc.mail.example.com TXT", "_dmarc.example.com TXT",
                             "_dmarc.com TXT"});
}

TEST_CASE("psd=n and psd=y end the walk, also at its start, psd=u and several records do not") {
  ZoneResolver dns(R"(
    _dmarc.n.example.com    TXT "v=DMARC1; p=none; psd=n"
    _dmarc.y.example.com    TXT "v=DMARC1; p=none; psd=y"
    _dmarc.u.example.com    TXT "v=DMARC1; p=none; psd=u"
    _dmarc.two.example.com  TXT "v=DMARC1; p=none; psd=n"
    _dmarc.two.example.com  TXT "v=DMARC1; p=none; psd=n"
  )");
  CHECK(Walk(dns, "n.example.com").size() == 1);
  CHECK(Walk(dns, "y.example.com").size() == 1);
  CHECK(Walk(dns, "a.n.example.com").size() == 2);
  CHECK(Walk(dns, "a.y.example.com").size() == 2);
  CHECK(Walk(dns, "a.u.example.com").size() == 4);
  CHECK(Walk(dns, "two.example.com").size() == 3);
}

TEST_CASE("each step tells what stands there and what it means") {
  ZoneResolver dns(R"(
    _dmarc.one.example     TXT "v=DMARC1; p=re" "ject"
    _dmarc.n.example       TXT "v=DMARC1; p=none; psd=n"
    _dmarc.two.example     TXT "v=DMARC1; p=none"
    _dmarc.two.example     TXT "v=DMARC1; p=none"
    _dmarc.broken.example  TXT "v=DMARC1; p=none; p=reject"
    _dmarc.other.example   TXT "v=spf1 -all"
    _dmarc.other.example   TXT "v=dmarc1; p=reject"
    _dmarc.failed.example  TXT SERVFAIL
    _dmarc.alias.example   CNAME _dmarc.one.example.
  )");
  const auto step = [&](const std::string& domain) { return AskForDmarc(dns, domain, kNoDeadline); };
  CHECK(step("one.example").outcome == "record");
  CHECK(step("one.example").name == "_dmarc.one.example");
  CHECK(step("one.example").record->p == Policy::kReject);
  CHECK(step("alias.example").record->p == Policy::kReject);
  CHECK(step("n.example").outcome == "record, psd=n: stop");
  CHECK(step("two.example").outcome == "2 records: all discarded");
  CHECK(step("two.example").candidates.size() == 2);
  CHECK_FALSE(step("two.example").record);
  CHECK(step("broken.example").outcome == "discarded, column 11: the tag p= stands more than once");
  CHECK(step("broken.example").error);
  CHECK(step("other.example").outcome == "none, but other TXT records");
  CHECK(step("nothing.example").outcome == "none");
  CHECK(step("failed.example").outcome.starts_with("could not tell: "));
  CHECK_FALSE(IsTold(step("failed.example")));
}

TEST_CASE("a name that cannot be asked for holds no record, and the walk goes on") {
  ZoneResolver dns("_dmarc.example.com TXT \"v=DMARC1; p=reject\"");
  const auto steps = Walk(dns, std::string(64, 'a') + ".example.com");
  REQUIRE(steps.size() == 3);
  CHECK(IsTold(steps[0]));
  CHECK(SelectOrganization(steps).domain == "example.com");
}

TEST_CASE("the examples of RFC 9989 4.10.2 select their organizational domains") {
  CHECK(OrganizationOf(R"(
    _dmarc.mail.example.com TXT "v=DMARC1; p=none"
    _dmarc.example.com      TXT "v=DMARC1; p=none")",
                       "a.mail.example.com")
            .domain == "example.com");
  CHECK(OrganizationOf(R"(_dmarc.mail.example.com TXT "v=DMARC1; p=none; psd=n")", "a.mail.example.com").domain ==
        "mail.example.com");
  CHECK(OrganizationOf(R"(_dmarc.com TXT "v=DMARC1; p=none; psd=y")", "a.mail.example.com").domain == "example.com");
  CHECK(OrganizationOf("", "a.mail.example.com").domain == "a.mail.example.com");
}

TEST_CASE("psd=n wins over a record above it, psd=y at the start is passed over") {
  CHECK(OrganizationOf(R"(
    _dmarc.mail.example.com TXT "v=DMARC1; p=none; psd=n"
    _dmarc.example.com      TXT "v=DMARC1; p=none")",
                       "mail.example.com")
            .domain == "mail.example.com");
  CHECK(OrganizationOf(R"(_dmarc.bank.example TXT "v=DMARC1; p=none; psd=y")", "bank.example").domain ==
        "bank.example");
  CHECK(OrganizationOf(R"(_dmarc.bank.example TXT "v=DMARC1; p=none; psd=y")", "mail.bank.example").domain ==
        "mail.bank.example");
}

TEST_CASE("below a public suffix domain the labels that the walk jumped over count") {
  const auto organization =
      OrganizationOf(R"(_dmarc.3.4.5.6.7.8.example TXT "v=DMARC1; p=none; psd=y")", "0.1.2.3.4.5.6.7.8.example");
  CHECK(organization.domain == "2.3.4.5.6.7.8.example");
  CHECK(organization.suffix);
  CHECK_FALSE(organization.record);
}

TEST_CASE("a failed question leaves the organizational domain open unless a psd tag below it decides") {
  const auto above = OrganizationOf(R"(
    _dmarc.example.com TXT "v=DMARC1; p=none"
    _dmarc.com         TXT SERVFAIL)",
                                    "mail.example.com");
  CHECK_FALSE(above.told);
  CHECK(above.domain == "mail.example.com");
  const auto between = OrganizationOf(R"(
    _dmarc.example.com      TXT "v=DMARC1; p=none"
    _dmarc.mail.example.com TXT TIMEOUT)",
                                      "a.mail.example.com");
  CHECK_FALSE(between.told);
  const auto settled = OrganizationOf(R"(
    _dmarc.example.com TXT "v=DMARC1; p=none; psd=n"
    _dmarc.com         TXT SERVFAIL)",
                                      "mail.example.com");
  CHECK(settled.told);
  CHECK(settled.domain == "example.com");
}
