#include "tests/dns/checks/trial.h"

namespace sealpost::tests {
namespace {

using dns::CheckHosts;

constexpr const char* kReverse = "9.9.9.9.in-addr.arpa";

}  // namespace

TEST_CASE("addresses whose names lead back, and a server that greets with that name, pass every check") {
  const auto found = Trial().Run(CheckHosts);
  CHECK(Faults(found) == "");
  for (const char* id : {"PTR-NONE", "PTR-FCRDNS", "PTR-HELO", "PTR-MANY", "SPF-HELO"})
    CHECK_MESSAGE(VerdictOf(found, id) == "pass", id);
}

TEST_CASE("PTR-NONE: an address without a reverse name is one fault") {
  Trial trial;
  trial.zone.Remove(kReverse, "PTR");
  const auto found = trial.Run(CheckHosts);
  CHECK(Faults(found) == "PTR-NONE fail");
  CHECK(FixOf(found, "PTR-NONE") == "9.9.9.9.in-addr.arpa PTR mail.example.com.");
}

TEST_CASE("PTR-NONE: of several HELO names the one that leads to the address is to be its reverse name") {
  Trial trial;
  trial.zone.Remove(kReverse, "PTR");
  trial.sender.helo_names = {"first.example.com", "mail.example.com"};
  CHECK(FixOf(trial.Run(CheckHosts), "PTR-NONE") == "9.9.9.9.in-addr.arpa PTR mail.example.com.");
}

TEST_CASE("PTR-NONE is unknown without addresses, and says how to give them") {
  Trial trial;
  trial.sender.addresses.clear();
  const auto found = trial.Run(CheckHosts);
  CHECK(Faults(found) == "");
  CHECK(VerdictOf(found, "PTR-NONE") == "unknown");
  CHECK(Of(found, "PTR-NONE").remedy.contains("--ip"));
}

TEST_CASE("PTR-NONE is unknown when the reverse zone does not answer") {
  Trial trial;
  trial.Publish(kReverse, "PTR", "SERVFAIL");
  const auto found = trial.Run(CheckHosts);
  CHECK(Faults(found) == "");
  CHECK(VerdictOf(found, "PTR-NONE") == "unknown");
}

TEST_CASE("PTR-FCRDNS: a reverse name whose address was changed is one fault, with the address to publish") {
  Trial trial;
  trial.Publish("mail.example.com", "A", "9.9.9.10");
  const auto found = trial.Run(CheckHosts);
  CHECK(Faults(found) == "PTR-FCRDNS fail");
  CHECK(FixOf(found, "PTR-FCRDNS") == "mail.example.com A 9.9.9.9");
}

TEST_CASE("PTR-FCRDNS: a reverse name in the place of the HELO name, which leads there, is one fault") {
  Trial trial;
  trial.Publish(kReverse, "PTR", "other.example.com");
  const auto found = trial.Run(CheckHosts);
  CHECK(Faults(found) == "PTR-FCRDNS fail");
  CHECK(FixOf(found, "PTR-FCRDNS") == "9.9.9.9.in-addr.arpa PTR mail.example.com.");
}

TEST_CASE("PTR-FCRDNS: where the HELO name does not lead there either, PTR-HELO warns besides") {
  Trial trial;
  trial.Publish(kReverse, "PTR", "other.example.com");
  trial.Publish("mail.example.com", "A", "9.9.9.10");
  const auto found = trial.Run(CheckHosts);
  CHECK(Faults(found) == "PTR-FCRDNS fail, PTR-HELO warn");
  CHECK(FixOf(found, "PTR-FCRDNS") == "other.example.com A 9.9.9.9");
}

TEST_CASE("PTR-FCRDNS is unknown when the reverse name could not be asked about") {
  Trial trial;
  trial.Publish(kReverse, "PTR", "silent.example.net");
  trial.zone.Add("silent.example.net * TIMEOUT");
  trial.sender.helo_names.clear();
  const auto found = trial.Run(CheckHosts);
  CHECK(Faults(found) == "");
  CHECK(VerdictOf(found, "PTR-FCRDNS") == "unknown");
}

TEST_CASE("PTR-FCRDNS: an IPv4-mapped sending address is looked up as IPv4") {
  Trial trial;
  trial.sender.addresses = {dns::ParseIp("::ffff:9.9.9.9").value()};
  CHECK(Faults(trial.Run(CheckHosts)) == "");
}

TEST_CASE("PTR-MANY: several reverse names are a warning, one that leads back is enough") {
  Trial trial;
  trial.zone.Add(std::string(kReverse) + " PTR www.example.com");
  CHECK(Faults(trial.Run(CheckHosts)) == "PTR-MANY warn");
}

TEST_CASE("PTR-HELO: another name than the reverse one is a warning") {
  Trial trial;
  trial.sender.helo_names = {"smtp.example.com"};
  trial.sender.addresses.pop_back();
  trial.zone.Add("smtp.example.com A 9.9.9.9");
  CHECK(Faults(trial.Run(CheckHosts)) == "PTR-HELO warn");
}

TEST_CASE("PTR-HELO: names of access lines and names that are no host name are warnings") {
  for (const char* name : {"9-9-9-9.isp.example.net", "dyn.example.net", "ip-9.9.9.9.pool.example.net"}) {
    Trial trial;
    trial.sender.addresses.pop_back();
    trial.sender.helo_names = {name};
    trial.Publish(kReverse, "PTR", name);
    trial.zone.Add(std::string(name) + " A 9.9.9.9");
    CHECK_MESSAGE(Faults(trial.Run(CheckHosts)) == "PTR-HELO warn", name);
  }
  Trial local;
  local.sender.helo_names = {"mail.example.com", "localhost"};
  CHECK(Faults(local.Run(CheckHosts)) == "PTR-HELO warn");
}

TEST_CASE("PTR-HELO is unknown without a HELO name") {
  Trial trial;
  trial.sender.helo_names.clear();
  CHECK(VerdictOf(trial.Run(CheckHosts), "PTR-HELO") == "unknown");
}

TEST_CASE("SPF-HELO: a HELO name that SPF refuses, or that leads elsewhere, is a warning") {
  Trial refused;
  refused.Publish("mail.example.com", "TXT", "\"v=spf1 -all\"");
  const auto found = refused.Run(CheckHosts);
  CHECK(Faults(found) == "SPF-HELO warn");
  CHECK(FixOf(found, "SPF-HELO") == "mail.example.com TXT v=spf1 a -all");
  Trial elsewhere;
  elsewhere.sender.helo_names = {"mail.example.com", "www.example.com"};
  CHECK(Faults(elsewhere.Run(CheckHosts)) == "SPF-HELO warn");
}

TEST_CASE("SPF-HELO passes for a HELO name without a record, and is unknown when it could not be asked for") {
  Trial none;
  none.zone.Remove("mail.example.com", "TXT");
  CHECK(VerdictOf(none.Run(CheckHosts), "SPF-HELO") == "pass");
  Trial silent;
  silent.Publish("mail.example.com", "TXT", "TIMEOUT");
  const auto found = silent.Run(CheckHosts);
  CHECK(Faults(found) == "");
  CHECK(VerdictOf(found, "SPF-HELO") == "unknown");
}

TEST_CASE("SPF-HELO: a name that leads nowhere is to lead to all addresses") {
  Trial trial;
  trial.sender.helo_names = {"new.example.com"};
  const auto found = Of(trial.Run(CheckHosts), "SPF-HELO");
  REQUIRE(found.fix);
  CHECK(found.fix->value == "9.9.9.9");
  CHECK(found.remedy.contains("AAAA 2620:fe::9"));
}

}  // namespace sealpost::tests
