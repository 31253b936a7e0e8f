#include "tests/dns/checks/trial.h"

namespace sealpost::tests {
namespace {

using dns::CheckMx;

const std::string kDigest(64, 'A');

std::vector<dns::Finding> WithMx(const std::string& mx, const std::string& more = "") {
  Trial trial;
  trial.Publish("example.com", "MX", mx);
  trial.zone.Add(more);
  return trial.Run(CheckMx);
}

std::vector<dns::Finding> Tlsa(const std::string& record, bool authenticated) {
  Trial trial;
  trial.zone.Add("_25._tcp.mail.example.com TLSA " + record);
  trial.zone.set_authenticated(authenticated);
  return trial.Run(CheckMx);
}

}  // namespace

TEST_CASE("an MX host with public addresses passes every check, and no DANE is a note") {
  const auto found = Trial().Run(CheckMx);
  CHECK(Faults(found) == "");
  for (const char* id : {"MX-CNAME", "MX-IP", "MX-NOADDR", "MX-LOCAL"})
    CHECK_MESSAGE(VerdictOf(found, id) == "pass", id);
  CHECK(VerdictOf(found, "DANE") == "info");
}

TEST_CASE("MX-CNAME: an alias as MX host is a warning") {
  CHECK(Faults(WithMx("10 mx.example.com", "mx.example.com CNAME mail.example.com")) == "MX-CNAME warn");
}

TEST_CASE("MX-IP: an address as MX host is one warning") {
  CHECK(Faults(WithMx("10 9.9.9.9")) == "MX-IP warn");
}

TEST_CASE("MX-NOADDR: an MX host without address, or that does not exist, is a warning") {
  CHECK(Faults(WithMx("10 gone.example.com")) == "MX-NOADDR warn");
  CHECK(Faults(WithMx("10 empty.example.com", "empty.example.com TXT \"x\"")) == "MX-NOADDR warn");
}

TEST_CASE("MX-NOADDR: the root beside another MX host is a warning, alone it is a null MX and not judged here") {
  Trial both;
  both.zone.Add("example.com MX 0 .");
  CHECK(Faults(both.Run(CheckMx)) == "MX-NOADDR warn");
  CHECK(Faults(WithMx("0 .")) == "");
}

TEST_CASE("MX-NOADDR is unknown when MX or address could not be asked for") {
  CHECK(VerdictOf(WithMx("SERVFAIL"), "MX-NOADDR") == "unknown");
  const auto found = WithMx("10 silent.example.net", "silent.example.net * TIMEOUT");
  CHECK(Faults(found) == "");
  CHECK(VerdictOf(found, "MX-NOADDR") == "unknown");
}

TEST_CASE("MX-LOCAL: private and loopback addresses are warnings") {
  for (const char* address : {"A 10.0.0.1", "A 127.0.0.1", "AAAA fd00::1", "AAAA ::1"})
    CHECK_MESSAGE(Faults(WithMx("10 in.example.com", std::string("in.example.com ") + address)) == "MX-LOCAL warn",
                  address);
}

TEST_CASE("DANE: a validated record of usage 3 passes") {
  const auto found = Tlsa("3 1 1 " + kDigest, true);
  CHECK(Faults(found) == "");
  CHECK(VerdictOf(found, "DANE") == "pass");
}

TEST_CASE("DANE: records without DNSSEC, and records that mail cannot use, are warnings") {
  CHECK(Faults(Tlsa("3 1 1 " + kDigest, false)) == "DANE warn");
  CHECK(Faults(Tlsa("1 1 1 " + kDigest, true)) == "DANE warn");
  CHECK(Faults(Tlsa("3 1 1 ABCD", true)) == "DANE warn");
}

TEST_CASE("DANE is unknown when the TLSA question fails") {
  const auto found = Tlsa("SERVFAIL", true);
  CHECK(Faults(found) == "");
  CHECK(VerdictOf(found, "DANE") == "unknown");
}

}  // namespace sealpost::tests
