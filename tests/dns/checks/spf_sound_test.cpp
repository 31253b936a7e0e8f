#include "dns/checks/spf_sound.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/dns/checks/spf_trial.h"

using namespace sealpost;
using namespace sealpost::dns;
using tests::Spf;
using tests::VerdictOf;

namespace {

constexpr const char* kAround = R"(
  *.wild.example.net     A    192.0.2.99
  *.words.example.net    TXT  "nothing"
  good-0.example.net     A    192.0.2.99
  typo.example.net       TXT  "v=spf1 ip4:192.0.2.300 -all"
  twice.example.net      TXT  "v=spf1 -all"
  twice.example.net      TXT  "v=spf1 mx -all"
  open.example.net       TXT  "v=spf1 +all"
  circle.example.net     TXT  "v=spf1 include:example.com -all"
  _spf.example.com       TXT  "v=spf1 +all"
  _ptr.example.com       TXT  "v=spf1 ptr -all"
  _end.example.com       TXT  "v=spf1 mx ?all"
  many.example.net       MX   1 m1.example.net
  many.example.net       MX   2 m2.example.net
  many.example.net       MX   3 m3.example.net
  many.example.net       MX   4 m4.example.net
  many.example.net       MX   5 m5.example.net
  many.example.net       MX   6 m6.example.net
  many.example.net       MX   7 m7.example.net
  many.example.net       MX   8 m8.example.net
  many.example.net       MX   9 m9.example.net
  many.example.net       MX   10 m10.example.net
  many.example.net       MX   11 m11.example.net
)";

const std::vector<std::string> kBroken = {
    // Found by an attack: each had a fix that shut out the address, or did not mend.
    "v=spf1 a/0 -all",
    "v=spf1 include:nothere.example.net -all",
    "v=spf1 include:typo.example.net -all",
    "v=spf1 ip4:192.0.2.010 -all",
    "v=spf1 +all",
    "v=spf1 -ip4:0.0.0.0/0 +all",
    "v=spf1 include:%{l}.words.example.net ip4:192.0.2.10 -all",
    "v=spf1 a|b;rm=1;;; -all",
    "v=spf1 exists:good-0.example.net -all",
    "v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all",
    "v=spf1 exists:%{v}.wild.example.net -all",
    // Of each kind one, and several at once.
    "v=spf1",
    "v=spf1 -all",
    "v=spf1 mx ?all",
    "v=spf1 all",
    "v=spf1 ?mx -all",
    "v=spf1 -mx +all",
    "v=spf1 mx -all a:a.example.com redirect=open.example.net",
    "v=spf1 redirect=nothere.example.net",
    "v=spf1 redirect=example.com",
    "v=spf1 include:twice.example.net include:circle.example.net ?all",
    "v=spf1 include:open.example.net -all",
    "v=spf1 include:_spf.example.com -all",
    "v=spf1 include:_spf.example.com +all",
    "v=spf1 include:_ptr.example.com ptr -all",
    "v=spf1 redirect=_end.example.com",
    "v=spf1 ptr ?all",
    "v=spf1 mx:many.example.net -all",
    "v=spf1 a:x.example.com a:y.example.com mx:z.example.com +all",
    "v=spf1 ip6:::/0 ip4:0.0.0.0/0 ?all",
    "v=spf1 ip4=192.0.2.99 all",
    "v=spf1 exp=a.example.com exp=b.example.com +all",
    "v=spf1 mx a:%{x}.example.com ?all ptr",
    "v=spf1 a:a.example.com a:mail.example.com a a a a a a a a a -all",
    "v=spf1; mx; +all",
};
const std::vector<std::vector<std::string>> kSenders = {
    {"192.0.2.10"}, {"192.0.2.10", "2001:db8::10"}, {"198.51.100.7", "2001:db8:7::1"}};

bool Mended(const std::vector<Finding>& findings, const Finding& was) {
  return std::ranges::none_of(findings, [&](const Finding& f) {
    return f.id == was.id && (f.verdict == Verdict::kFail || f.verdict == Verdict::kWarn) &&
           (!f.fix || f.fix->name == was.fix->name);
  });
}

}  // namespace

TEST_CASE("every record that is given to publish mends its finding and lets the sender's addresses pass") {
  for (const std::string& record : kBroken) {
    for (const std::vector<std::string>& addresses : kSenders) {
      Spf broken(record, addresses);
      broken.zone.Add(kAround);
      const auto before = broken.Run();
      std::map<std::string, std::set<std::string>> published;
      for (const Finding& finding : before) {
        if (!finding.fix) continue;
        INFO(record << " for " << addresses.front() << ": " << finding.id << " -> " << finding.fix->value);
        published[finding.fix->name].insert(finding.fix->value);
        Spf mended(record, addresses);
        mended.zone.Add(kAround);
        mended.zone.Remove(finding.fix->name, "TXT");
        mended.zone.Add(finding.fix->name + " TXT \"" + finding.fix->value + "\"");
        const auto after = mended.Run();
        CHECK(Mended(after, finding));
        const bool own = finding.fix->name == "example.com";
        if (own || VerdictOf(before, "SPF-IP-PASS") == "pass") CHECK(VerdictOf(after, "SPF-IP-PASS") == "pass");
      }
      INFO(record);
      // Published beside each other they would contradict.
      for (const auto& [name, values] : published) CHECK(values.size() == 1);
      if (!published.empty()) {
        Spf all(record, addresses);
        all.zone.Add(kAround);
        for (const auto& [name, values] : published) {
          all.zone.Remove(name, "TXT");
          all.zone.Add(name + " TXT \"" + *values.begin() + "\"");
        }
        const auto verdict = VerdictOf(all.Run(), "SPF-IP-PASS");
        CHECK((verdict == "pass" || !published.contains("example.com")));
      }
    }
  }
}

TEST_CASE("what lets strangers pass is found by trying, whatever it is made of") {
  for (const std::string record : {"v=spf1 exists:good-0.example.net -all", "v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all",
                                   "v=spf1 exists:%{v}.wild.example.net ~all", "v=spf1 ip6:::/1 ip6:8000::/1 -all"}) {
    INFO(record);
    Spf spf(record);
    spf.zone.Add(kAround);
    CHECK(VerdictOf(spf.Run(), "SPF-PLUSALL") == "fail");
  }
  Spf narrow("v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.0/24 ip4:203.0.113.0/24 ip6:2001:db8::/32 -all");
  CHECK(VerdictOf(narrow.Run(), "SPF-PLUSALL") == "pass");
}
