#include <algorithm>
#include <string>

#include "tests/dns/checks/trial.h"

namespace sealpost::tests {
namespace {

Trial WithRua(const std::string& rua) {
  Trial trial;
  trial.Dmarc("v=DMARC1; p=reject; rua=" + rua);
  trial.zone.Add("reports.test MX 10 mx.reports.test");
  return trial;
}

}  // namespace

TEST_CASE("reports to an address of the own organization pass every check") {
  for (const char* rua : {"mailto:a@example.com", "mailto:a@bounces.example.com"}) {
    const auto found = WithRua(rua).Run(CheckAllDmarc);
    CHECK(Faults(found) == "");
    for (const char* id : {"DMARC-RUA", "DMARC-RUA-EXT", "DMARC-RUA-MX", "DMARC-RUF", "DMARC-FO"})
      CHECK_MESSAGE(VerdictOf(found, id) == "pass", id);
  }
}

TEST_CASE("DMARC-RUA: no rua, no URI and no mailto are warnings") {
  Trial none;
  none.Dmarc("v=DMARC1; p=reject");
  const auto found = none.Run(CheckAllDmarc);
  CHECK(Faults(found) == "DMARC-RUA warn");
  CHECK(FixOf(found, "DMARC-RUA") == "_dmarc.example.com TXT v=DMARC1; p=reject; rua=mailto:dmarc@example.com");
  CHECK(Faults(WithRua("a@example.com").Run(CheckAllDmarc)) == "DMARC-RUA warn");
  CHECK(Faults(WithRua("https://example.com/r").Run(CheckAllDmarc)) == "DMARC-RUA warn");
}

TEST_CASE("DMARC-RUA-EXT: another organization has to consent, and the fix says where") {
  const auto found = WithRua("mailto:a@reports.test").Run(CheckAllDmarc);
  CHECK(Faults(found) == "DMARC-RUA-EXT warn");
  CHECK(FixOf(found, "DMARC-RUA-EXT") == "example.com._report._dmarc.reports.test TXT v=DMARC1");
}

TEST_CASE("DMARC-RUA-EXT: consent may be a wildcard, an alias, or end in a semicolon") {
  for (const char* consent : {"example.com._report._dmarc.reports.test TXT \"v=DMARC1\"",
                              "example.com._report._dmarc.reports.test TXT \"v=DMARC1;\"",
                              "*._report._dmarc.reports.test TXT \"v=DMARC1; rua=mailto:b@reports.test\"",
                              "example.com._report._dmarc.reports.test CNAME yes.reports.test"}) {
    Trial trial = WithRua("mailto:a@reports.test!10m");
    trial.zone.Add("yes.reports.test TXT \"v=DMARC1\"");
    // The resolver over a zone knows wildcards of one label only.
    if (std::string(consent).starts_with("*"))
      trial.zone.Add("example.com._report._dmarc.reports.test TXT \"v=DMARC1;\"");
    trial.zone.Add(consent);
    const auto found = trial.Run(CheckAllDmarc);
    CHECK_MESSAGE(Faults(found) == "", consent);
    CHECK(VerdictOf(found, "DMARC-RUA-EXT") == "pass");
  }
}

TEST_CASE("DMARC-RUA-EXT is unknown when the host's servers do not answer") {
  Trial trial = WithRua("mailto:a@reports.test");
  trial.zone.Add("example.com._report._dmarc.reports.test TXT SERVFAIL");
  const auto found = trial.Run(CheckAllDmarc);
  CHECK(Faults(found) == "");
  CHECK(VerdictOf(found, "DMARC-RUA-EXT") == "unknown");
}

TEST_CASE("DMARC-RUA-MX: a host that takes no mail is one fault, whether it consents or not") {
  Trial null = WithRua("mailto:a@null.test");
  null.zone.Add("null.test MX 0 .");
  CHECK(Faults(null.Run(CheckAllDmarc)) == "DMARC-RUA-MX warn");
  CHECK(Faults(WithRua("mailto:a@gone.test").Run(CheckAllDmarc)) == "DMARC-RUA-MX warn");
}

TEST_CASE(
    "DMARC-RUA-MX passes for a host with an address and no MX, and is unknown for one that cannot be asked about") {
  Trial address = WithRua("mailto:a@mail.example.com");
  CHECK(VerdictOf(address.Run(CheckAllDmarc), "DMARC-RUA-MX") == "pass");
  Trial silent = WithRua("mailto:a@silent.example.com");
  silent.zone.Add("silent.example.com MX TIMEOUT");
  CHECK(VerdictOf(silent.Run(CheckAllDmarc), "DMARC-RUA-MX") == "unknown");
}

TEST_CASE("DMARC-RUF and DMARC-FO: failure reports are a note, fo without them another") {
  const auto asked = WithRua("mailto:a@example.com; ruf=mailto:a@example.com; fo=1").Run(CheckAllDmarc);
  CHECK(Faults(asked) == "");
  CHECK(VerdictOf(asked, "DMARC-RUF") == "info");
  CHECK(VerdictOf(asked, "DMARC-FO") == "pass");
  CHECK(VerdictOf(WithRua("mailto:a@example.com; fo=1").Run(CheckAllDmarc), "DMARC-FO") == "info");
}

TEST_CASE("of many report hosts ten are looked at, and that is said") {
  std::string rua;
  for (int i = 0; i < 1'500; ++i) rua += (i == 0 ? "mailto:a@h" : ",mailto:a@h") + std::to_string(i) + ".test";
  Trial trial = WithRua(rua);
  const auto found = trial.Run(CheckAllDmarc);
  CHECK(found.size() < 50);
  CHECK(std::ranges::any_of(found, [](const dns::Finding& f) { return f.detail.contains("1500 hosts"); }));
  CHECK(trial.zone.asked().size() < 200);
}

}  // namespace sealpost::tests
