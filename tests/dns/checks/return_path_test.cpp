#include "tests/dns/checks/trial.h"

namespace sealpost::tests {

using dns::CheckReturnPath;
using dns::CheckZone;

TEST_CASE("RP-MX and RP-CNAME pass for a return path with an MX") {
  const auto found = Trial().Run(CheckReturnPath);
  CHECK(Faults(found) == "");
  CHECK(VerdictOf(found, "RP-MX") == "pass");
  CHECK(VerdictOf(found, "RP-CNAME") == "pass");
}

TEST_CASE("RP-MX: neither MX nor address, a null MX, no such name, and MX hosts without addresses are faults") {
  Trial none;
  none.zone.Remove("bounces.example.com", "MX");
  CHECK(Faults(none.Run(CheckReturnPath)) == "RP-MX fail");
  CHECK(FixOf(none.Run(CheckReturnPath), "RP-MX") == "bounces.example.com MX 10 mail.example.com.");
  Trial null;
  null.Publish("bounces.example.com", "MX", "0 .");
  CHECK(Faults(null.Run(CheckReturnPath)) == "RP-MX fail");
  Trial gone;
  gone.sender.return_path = "gone.example.com";
  CHECK(Faults(gone.Run(CheckReturnPath)) == "RP-MX fail");
  Trial dangling;
  dangling.Publish("bounces.example.com", "MX", "10 gone.example.com");
  CHECK(Faults(dangling.Run(CheckReturnPath)) == "RP-MX fail");
}

TEST_CASE("RP-MX passes for an address without MX") {
  Trial trial;
  trial.sender.return_path = "mail.example.com";
  CHECK(Faults(trial.Run(CheckReturnPath)) == "");
}

TEST_CASE("RP-MX is unknown when the MX, or the only host's address, could not be asked for") {
  Trial mx;
  mx.Publish("bounces.example.com", "MX", "SERVFAIL");
  CHECK(Faults(mx.Run(CheckReturnPath)) == "");
  CHECK(VerdictOf(mx.Run(CheckReturnPath), "RP-MX") == "unknown");
  Trial host;
  host.Publish("bounces.example.com", "MX", "10 silent.example.net");
  host.zone.Add("silent.example.net * TIMEOUT");
  CHECK(VerdictOf(host.Run(CheckReturnPath), "RP-MX") == "unknown");
}

TEST_CASE("RP-MX: of a From domain that does not exist nothing is said twice") {
  Trial trial;
  trial.sender.domain = "gone.example.com";
  trial.sender.return_path = "";
  CHECK(Faults(trial.Run(CheckZone, CheckReturnPath)) == "FROM-EXISTS fail");
}

TEST_CASE("RP-CNAME: an alias alone is fine") {
  Trial trial;
  trial.sender.return_path = "rp.example.com";
  trial.zone.Add("rp.example.com CNAME bounces.example.com");
  const auto found = trial.Run(CheckReturnPath);
  CHECK(Faults(found) == "");
  CHECK(VerdictOf(found, "RP-CNAME") == "pass");
}

TEST_CASE("RP-CNAME: an alias beside other records, or at the apex of a zone, is a fault") {
  for (const char* other : {"MX 10 mail.example.com", "TXT \"v=spf1 -all\"", "NS ns1.example.com",
                            "SOA ns1.example.com hostmaster.example.com 1 300"}) {
    Trial trial;
    trial.sender.return_path = "rp.example.com";
    trial.zone.Add("rp.example.com CNAME bounces.example.com");
    trial.zone.Add(std::string("rp.example.com ") + other);
    CHECK_MESSAGE(Faults(trial.Run(CheckReturnPath)) == "RP-CNAME fail", other);
  }
}

TEST_CASE("MX hosts that nobody outside can reach take no bounces") {
  for (const char* address : {"127.0.0.1", "10.0.0.1"}) {
    Trial trial;
    trial.Publish("bounces.example.com", "MX", "10 inside.example.com");
    trial.zone.Add(std::string("inside.example.com A ") + address);
    CHECK(VerdictOf(trial.Run(dns::CheckReturnPath), "RP-MX") == "fail");
  }
  Trial bare;
  bare.zone.Remove("bounces.example.com", "MX");
  bare.zone.Add("bounces.example.com A 192.168.1.1");
  CHECK(VerdictOf(bare.Run(dns::CheckReturnPath), "RP-MX") == "fail");
}

TEST_CASE("where all mail leaves from private addresses, bounces may stay in that network as well") {
  Trial trial;
  trial.sender.addresses = {dns::ParseIp("127.0.0.1").value()};
  trial.Publish("bounces.example.com", "MX", "10 inside.example.com");
  trial.zone.Add("inside.example.com A 127.0.0.1");
  CHECK(VerdictOf(trial.Run(dns::CheckReturnPath), "RP-MX") == "pass");
  trial.zone.Remove("inside.example.com", "A");
  CHECK(VerdictOf(trial.Run(dns::CheckReturnPath), "RP-MX") == "fail");
}

}  // namespace sealpost::tests
