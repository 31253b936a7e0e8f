#include "dns/checks/name_servers.h"

#include <map>

#include "tests/dns/checks/trial.h"

namespace sealpost::tests {
namespace {

// Questions for a certain server go to that server's zone, others to the resolver's.
class PerServer final : public dns::Resolver {
 public:
  explicit PerServer(dns::Resolver& recursive) : recursive_(recursive) {}
  ZoneResolver& At(const std::string& ip) { return servers_.try_emplace(ip, kSoundZone).first->second; }
  dns::Answer Ask(const dns::Question& question, dns::Deadline deadline) override {
    if (question.servers.empty()) return recursive_.Ask(question, deadline);
    return At(dns::ToString(question.servers.front().ip)).Ask(question, deadline);
  }

 private:
  dns::Resolver& recursive_;
  std::map<std::string, ZoneResolver> servers_;
};

struct AuthoritativeTrial : Trial {
  PerServer servers{zone};
  AuthoritativeTrial() {
    sender.ask_authoritative = true;
    resolver = &servers;
  }
  std::vector<dns::Finding> Check() { return Run(dns::CheckNameServers); }
};

}  // namespace

TEST_CASE("NS-AGREE passes where every server gives the same records, in whatever order") {
  AuthoritativeTrial trial;
  trial.servers.At("9.9.9.53").Add("example.com TXT \"a\"\nexample.com TXT \"b\"");
  trial.servers.At("9.9.9.54").Add("example.com TXT \"b\"\nexample.com TXT \"a\"");
  const auto found = trial.Check();
  CHECK(Faults(found) == "");
  CHECK(VerdictOf(found, "NS-AGREE") == "pass");
}

TEST_CASE("NS-AGREE: a server with an older record is named, with what each has") {
  AuthoritativeTrial trial;
  trial.zone.Add("example.com NS ns3.example.com\nns3.example.com A 9.9.9.55");
  trial.servers.At("9.9.9.54").Remove("_dmarc.example.com", "TXT");
  const auto found = trial.Check();
  CHECK(Faults(found) == "NS-AGREE warn");
  const auto finding = Of(found, "NS-AGREE");
  CHECK(finding.name == "_dmarc.example.com");
  CHECK(finding.detail == "ns2.example.com (9.9.9.54:53) has something else than most servers.");
  CHECK(finding.records.size() == 3);
}

TEST_CASE("NS-AGREE: a server that refuses the zone is lame and named") {
  AuthoritativeTrial trial;
  trial.servers.At("9.9.9.54").Add("_dmarc.example.com * REFUSED");
  const auto found = trial.Check();
  CHECK(Faults(found) == "NS-AGREE warn");
  CHECK(Of(found, "NS-AGREE").detail.contains("ns2.example.com (9.9.9.54:53) answered REFUSED"));
}

TEST_CASE("NS-AGREE is unknown for a silent server, which may be our own network's fault") {
  AuthoritativeTrial trial;
  trial.servers.At("9.9.9.54").Add("_dmarc.example.com * TIMEOUT");
  const auto found = trial.Check();
  CHECK(Faults(found) == "");
  CHECK(VerdictOf(found, "NS-AGREE") == "unknown");
}

TEST_CASE("NS-AGREE asks the servers of a delegated _domainkey for the selectors") {
  AuthoritativeTrial trial;
  trial.zone.Add("_domainkey.example.com NS ns.keys.test\nns.keys.test A 9.9.9.60");
  trial.servers.At("9.9.9.60");
  CHECK(VerdictOf(trial.Check(), "NS-AGREE") == "pass");
  const auto& asked = trial.servers.At("9.9.9.60").asked();
  REQUIRE(asked.size() == 1);
  CHECK(asked.front() == "s1._domainkey.example.com TXT");
}

TEST_CASE("NS-AGREE is unknown without name servers that can be reached by name") {
  AuthoritativeTrial trial;
  trial.zone.Remove("ns1.example.com", "A");
  trial.zone.Remove("ns2.example.com", "A");
  CHECK(VerdictOf(trial.Check(), "NS-AGREE") == "unknown");
}

}  // namespace sealpost::tests
