#include "tests/dns/checks/trial.h"

namespace sealpost::tests {
namespace {

using dns::CheckDmarc;
using dns::CheckTransport;

std::string VerdictWith(const std::string& record, const std::string& id) {
  Trial trial;
  trial.zone.Add(record);
  return VerdictOf(trial.Run(CheckDmarc, CheckTransport), id);
}

}  // namespace

TEST_CASE("none of it published is no fault: STS-TXT, TLSRPT, BIMI, CAA and UNSUB are notes") {
  const auto found = Trial().Run(CheckTransport);
  CHECK(Faults(found) == "");
  for (const char* id : {"STS-TXT", "TLSRPT", "BIMI", "CAA", "UNSUB"})
    CHECK_MESSAGE(VerdictOf(found, id) == "info", id);
}

TEST_CASE("TLSRPT: one record with a mailto passes, broken and double ones are warnings") {
  CHECK(VerdictWith("_smtp._tls.example.com TXT \"v=TLSRPTv1; rua=mailto:t@example.com\"", "TLSRPT") == "pass");
  CHECK(VerdictWith("_smtp._tls.example.com TXT \"v=TLSRPTv1; rua=t@example.com\"", "TLSRPT") == "warn");
  CHECK(VerdictWith("_smtp._tls.example.com TXT \"v=TLSRPTv1;\"", "TLSRPT") == "warn");
  CHECK(VerdictWith("_smtp._tls.example.com TXT \"v=tlsrptv1; rua=mailto:t@example.com\"", "TLSRPT") == "warn");
  CHECK(VerdictWith("_smtp._tls.example.com TXT \"v=TLSRPTv1; rua=mailto:a@b.test\"\n"
                    "_smtp._tls.example.com TXT \"v=TLSRPTv1; rua=mailto:c@b.test\"",
                    "TLSRPT") == "warn");
  CHECK(VerdictWith("_smtp._tls.example.com TXT SERVFAIL", "TLSRPT") == "unknown");
}

TEST_CASE("BIMI: a logo with DMARC enforced passes, a broken record is a warning, a declined logo a note") {
  CHECK(VerdictWith("default._bimi.example.com TXT \"v=BIMI1; l=https://example.com/l.svg; a=\"", "BIMI") == "pass");
  CHECK(VerdictWith("default._bimi.example.com TXT \"v=BIMI1; l=http://example.com/l.svg\"", "BIMI") == "warn");
  CHECK(VerdictWith("default._bimi.example.com TXT \"v=BIMI1; l=; a=\"", "BIMI") == "info");
  CHECK(VerdictWith("default._bimi.example.com TXT TIMEOUT", "BIMI") == "unknown");
}

TEST_CASE("BIMI: a policy that does not enforce is DMARC's fault, not said twice") {
  Trial trial;
  trial.Dmarc("v=DMARC1; p=none; rua=mailto:a@example.com");
  trial.zone.Add("default._bimi.example.com TXT \"v=BIMI1; l=https://example.com/l.svg\"");
  CHECK(Faults(trial.Run(CheckDmarc, CheckTransport)) == "DMARC-POLICY fail");
}

TEST_CASE("CAA: an authority passes, none at all and an unknown critical tag are warnings") {
  CHECK(VerdictWith("example.com CAA 0 issue \"ca.test\"", "CAA") == "pass");
  CHECK(VerdictWith("example.com CAA 0 iodef \"mailto:a@example.com\"", "CAA") == "pass");
  CHECK(VerdictWith("example.com CAA 0 issue \";\"", "CAA") == "warn");
  CHECK(VerdictWith("example.com CAA 0 issue \";\"\nexample.com CAA 0 issue \"ca.test\"", "CAA") == "pass");
  CHECK(VerdictWith("example.com CAA 128 tbs \"x\"\nexample.com CAA 0 issue \"ca.test\"", "CAA") == "warn");
  CHECK(VerdictWith("example.com CAA REFUSED", "CAA") == "unknown");
}

TEST_CASE("CAA of the domain above governs a subdomain without one") {
  Trial trial;
  trial.sender.domain = "news.example.com";
  trial.zone.Add("example.com CAA 0 issue \";\"");
  CHECK(Of(trial.Run(CheckTransport), "CAA").name == "example.com");
}

}  // namespace sealpost::tests
