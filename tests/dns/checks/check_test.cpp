#include "dns/checks/check.h"

#include <algorithm>
#include <set>

#include "dns/checks/catalog.h"
#include "dns/dkim_record.h"
#include "tests/dns/checks/trial.h"
#include "tests/dns/texts.h"

using namespace sealpost;
using namespace sealpost::dns;
using tests::Faults;
using tests::kRsa;
using tests::VerdictOf;

namespace {

// The sound zone of the trials, with a key that is one.
struct Domain : tests::Trial {
  Domain() {
    Publish("s1._domainkey.example.com", "TXT",
            "\"v=DKIM1; k=rsa; p=" + kRsa.substr(0, 200) + "\" \"" + kRsa.substr(200) + "\"");
    sender.signers[0].key = ReadPublishedKey(kRsa, KeyType::kRsa).value();
  }
  void ReturnPathSpf(const std::string& record) { Publish("bounces.example.com", "TXT", "\"" + record + "\""); }
  Report Check() { return dns::Check(sender, {*resolver, tests::Suffixes(), fetch}); }
};

// Keeps in mind what was prefetched, and what was asked without having been.
class Watched final : public Resolver {
 public:
  explicit Watched(Resolver& inner) : inner_(inner) {}
  Answer Ask(const Question& question, Deadline deadline) override {
    if (first_round_.empty()) early_ = true;
    return inner_.Ask(question, deadline);
  }
  void Prefetch(std::span<const Question> questions) override {
    if (first_round_.empty()) first_round_.assign(questions.begin(), questions.end());
  }
  bool Started(const std::string& name, Type type) const {
    return std::ranges::any_of(first_round_, [&](const Question& q) { return q.name == name && q.type == type; });
  }
  bool early() const { return early_; }

 private:
  Resolver& inner_;
  std::vector<Question> first_round_;
  bool early_ = false;
};

}  // namespace

TEST_CASE("a sound domain can send, and nothing is said against it") {
  const Report report = Domain().Check();
  CHECK(report.domain == "example.com");
  CHECK(Faults(report.findings) == "");
  CHECK(report.outcome == Outcome::kYes);
  CHECK(report.reason == "every check that decides holds");
}

TEST_CASE("findings stand in the order of the catalog, with its words") {
  const Report report = Domain().Check();
  const CheckInfo* before = nullptr;
  for (const Finding& finding : report.findings) {
    const CheckInfo* check = FindCheck(finding.id);
    REQUIRE_MESSAGE(check != nullptr, finding.id);
    CHECK(finding.rule == check->rule);
    if (before != nullptr) CHECK(before <= check);
    before = check;
  }
}

TEST_CASE("each broken variant of a sound domain has exactly its one finding") {
  struct Variant {
    std::string faults;
    void (*breaks)(Domain&);
  };
  const Variant variants[] = {
      {"SPF-NONE fail", [](Domain& d) { d.zone.Remove("bounces.example.com", "TXT"); }},
      {"SPF-MULTI fail", [](Domain& d) { d.zone.Add(R"(bounces.example.com TXT "v=spf1 mx -all")"); }},
      {"SPF-LOOKUPS fail",
       [](Domain& d) {
         std::string record = "v=spf1 mx";
         for (int i = 0; i < 10; ++i) record += " a:mail.example.com";
         d.ReturnPathSpf(record + " -all");
       }},
      {"SPF-VOID fail",
       [](Domain& d) { d.ReturnPathSpf("v=spf1 mx a:a.example.com a:b.example.com a:c.example.com -all"); }},
      {"SPF-PLUSALL fail",
       [](Domain& d) {
         d.ReturnPathSpf("v=spf1 mx include:wide.example.net -all");
         d.zone.Add(R"(wide.example.net TXT "v=spf1 +all")");
       }},
      {"SPF-IP-PASS fail", [](Domain& d) { d.ReturnPathSpf("v=spf1 ip4:9.9.9.9 -all"); }},
      {"DKIM-MULTI fail", [](Domain& d) { d.zone.Add(R"(s1._domainkey.example.com TXT "v=DKIM1; p=")"); }},
      {"DKIM-BASE64 fail",
       [](Domain& d) { d.Publish("s1._domainkey.example.com", "TXT", "\"v=DKIM1; p=" + kRsa.substr(0, 243) + "\""); }},
      {"DKIM-REVOKED fail", [](Domain& d) { d.Publish("s1._domainkey.example.com", "TXT", R"("v=DKIM1; p=")"); }},
      {"DKIM-TEST warn",
       [](Domain& d) { d.Publish("s1._domainkey.example.com", "TXT", "\"v=DKIM1; t=y; p=" + kRsa + "\""); }},
      {"DMARC-TEST fail", [](Domain& d) { d.Dmarc("v=DMARC1; p=quarantine; t=y; rua=mailto:dmarc@example.com"); }},
      {"RP-MX fail",
       [](Domain& d) {
         d.zone.Remove("bounces.example.com", "MX");
         d.ReturnPathSpf("v=spf1 mx:example.com -all");
       }},
  };
  for (const Variant& variant : variants) {
    INFO(variant.faults);
    Domain domain;
    variant.breaks(domain);
    const Report report = domain.Check();
    CHECK(Faults(report.findings) == variant.faults);
    CHECK(report.outcome == (variant.faults.ends_with("fail") ? Outcome::kNo : Outcome::kYes));
  }
}

TEST_CASE("a domain that lacks everything gets a report, and no check crashes on what is not there") {
  tests::ZoneResolver empty;
  Sender sender;
  sender.domain = "nothing.example";
  const Report report = Check(sender, {empty, tests::Suffixes(), {}});
  CHECK(report.outcome == Outcome::kNo);
  CHECK(VerdictOf(report.findings, "SPF-NONE") == "fail");
  CHECK(VerdictOf(report.findings, "DKIM-NONE") == "unknown");
}

TEST_CASE("without selectors and addresses the rest is judged, and the outcome is open") {
  Domain domain;
  domain.sender.signers.clear();
  domain.sender.addresses.clear();
  const Report report = domain.Check();
  CHECK(Faults(report.findings) == "");
  CHECK(report.outcome == Outcome::kUnknown);
  CHECK(VerdictOf(report.findings, "DMARC-POLICY") == "pass");
}

TEST_CASE("a dead resolver gives unknowns only: no fault and no yes") {
  for (const Deadline deadline : {kNoDeadline, Deadline::min()}) {
    tests::ZoneResolver dead;
    if (deadline == kNoDeadline) {
      for (const char* name : {"example.com", "*.example.com", "*._domainkey.example.com", "com", "*.in-addr.arpa"})
        dead.Add(std::string(name) + " * TIMEOUT");
      for (const char* name : {"s1._domainkey.example.com", "_dmarc.example.com", "_dmarc.com", "bounces.example.com",
                               "*.bounces.example.com", "9.9.9.9.in-addr.arpa", "_25._tcp.mail.example.com",
                               "mail.example.com", "_smtp._tls.example.com", "*._tls.example.com",
                               "9.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.e.f.0.0.0.2.6.2.ip6.arpa",
                               "default._bimi.example.com", "_smtp._tls.bounces.example.com"})
        dead.Add(std::string(name) + " * TIMEOUT");
    }
    const Domain sound;
    const Report report = Check(sound.sender, {dead, tests::Suffixes(), {}, deadline});
    CHECK(Faults(report.findings) == "");
    CHECK(report.outcome == Outcome::kUnknown);
  }
}

TEST_CASE("all that can be named beforehand is asked for at once") {
  Domain domain;
  Watched watched(domain.zone);
  domain.resolver = &watched;
  domain.Check();
  CHECK_FALSE(watched.early());
  for (const char* name : {"example.com", "bounces.example.com", "s1._domainkey.example.com", "_dmarc.example.com",
                           "_dmarc.com", "_mta-sts.example.com", "_smtp._tls.example.com", "mail.example.com"}) {
    CHECK_MESSAGE(watched.Started(name, Type::kTxt), name);
  }
  CHECK(watched.Started("9.9.9.9.in-addr.arpa", Type::kPtr));
  CHECK(watched.Started("bounces.example.com", Type::kMx));
}

TEST_CASE("names that cannot be asked for are not, and the check ends") {
  Domain domain;
  domain.sender.signers[0].selector = std::string(300, 'x');
  domain.sender.helo_names = {""};
  const Report report = domain.Check();
  CHECK(report.outcome != Outcome::kYes);
}

TEST_CASE("report hosts, which can only warn, are asked about last") {
  tests::Trial trial;
  trial.Dmarc("v=DMARC1; p=quarantine; rua=mailto:a@reports.test");
  Check(trial.sender, {trial.zone, tests::Suffixes(), {}, kNoDeadline});
  const auto& asked = trial.zone.asked();
  const auto report = std::ranges::find_if(asked, [](const std::string& q) { return q.contains("reports.test"); });
  REQUIRE(report != asked.end());
  CHECK(std::ranges::all_of(report, asked.end(),
                            [](const std::string& q) { return q.contains("_dmarc") || q.contains("reports.test"); }));
}
