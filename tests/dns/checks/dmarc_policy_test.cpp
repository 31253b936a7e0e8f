#include "tests/dns/checks/trial.h"

namespace sealpost::tests {
namespace {

using dns::Severity;

constexpr const char* kRua = "; rua=mailto:a@example.com";

std::vector<dns::Finding> UnderTags(const std::string& record) {
  Trial trial;
  trial.Dmarc(record + kRua);
  return trial.Run(CheckAllDmarc);
}

// From a subdomain that has no record of its own.
std::vector<dns::Finding> Below(const std::string& record) {
  Trial trial;
  trial.Dmarc(record + kRua);
  trial.sender.domain = "news.example.com";
  trial.zone.Add("news.example.com A 9.9.9.9");
  return trial.Run(CheckAllDmarc);
}

}  // namespace

TEST_CASE("quarantine and reject pass every check of the policy") {
  for (const char* record : {"v=DMARC1; p=quarantine", "v=DMARC1; p=reject; sp=reject; np=reject"}) {
    const auto found = UnderTags(record);
    CHECK(Faults(found) == "");
    for (const char* id : {"DMARC-POLICY", "DMARC-TEST", "DMARC-PCT", "DMARC-SP", "DMARC-NP", "DMARC-SP-DEAD",
                           "DMARC-PSD", "DMARC-P-ORDER", "DMARC-UNKNOWN"})
      CHECK_MESSAGE(VerdictOf(found, id) == "pass", id);
  }
}

TEST_CASE("DMARC-POLICY: p=none is one fault, our own bar, and the fix raises it and drops what weakens it") {
  const auto found = UnderTags("v=DMARC1; t=y; p=none; pct=50; adkim=s");
  CHECK(Of(found, "DMARC-POLICY").ours);
  CHECK(FixOf(found, "DMARC-POLICY") ==
        "_dmarc.example.com TXT v=DMARC1; p=quarantine; adkim=s; rua=mailto:a@example.com");
  CHECK(Faults(UnderTags("v=DMARC1; p=none")) == "DMARC-POLICY fail");
  CHECK(Of(UnderTags("v=DMARC1; p=none"), "DMARC-POLICY").detail.contains("p=none"));
}

TEST_CASE("DMARC-POLICY: sp=none of the organization that governs a subdomain is one fault and named") {
  const auto found = Below("v=DMARC1; p=reject; sp=none");
  CHECK(Faults(found) == "DMARC-POLICY fail");
  CHECK(Of(found, "DMARC-POLICY").detail.contains("sp=none of the record of example.com"));
  CHECK(FixOf(found, "DMARC-POLICY") ==
        "_dmarc.example.com TXT v=DMARC1; p=reject; sp=quarantine; rua=mailto:a@example.com");
}

TEST_CASE("DMARC-POLICY: p of the organization governs a subdomain where there is no sp") {
  CHECK(Faults(Below("v=DMARC1; p=reject")) == "");
  CHECK(Faults(Below("v=DMARC1; p=none; sp=reject")) == "");
}

TEST_CASE("DMARC-POLICY: a record of the subdomain's own outweighs the organization's sp") {
  Trial trial;
  trial.Dmarc(std::string("v=DMARC1; p=reject; sp=none") + kRua);
  trial.sender.domain = "news.example.com";
  trial.zone.Add("news.example.com A 9.9.9.9");
  trial.zone.Add(std::string("_dmarc.news.example.com TXT \"v=DMARC1; p=quarantine") + kRua + "\"");
  CHECK(Faults(trial.Run(CheckAllDmarc)) == "");
}

TEST_CASE("DMARC-POLICY: np decides under RFC 9989 alone for a domain that does not exist") {
  Trial trial;
  trial.Dmarc(std::string("v=DMARC1; p=reject; np=none") + kRua);
  trial.sender.domain = "invented.example.com";
  const auto found = trial.Run(CheckAllDmarc);
  CHECK(Faults(found) == "DMARC-POLICY fail");
  CHECK(Of(found, "DMARC-POLICY").detail.contains("readers of RFC 9989 np=none"));
}

TEST_CASE("DMARC-TEST: t=y takes quarantine to none, a fault, and reject to quarantine, a warning") {
  CHECK(Faults(UnderTags("v=DMARC1; p=quarantine; t=y")) == "DMARC-TEST fail");
  CHECK(Faults(UnderTags("v=DMARC1; p=reject; t=y")) == "DMARC-TEST warn");
  CHECK(Faults(UnderTags("v=DMARC1; p=none; t=y")) == "DMARC-POLICY fail");
  CHECK(FixOf(UnderTags("v=DMARC1; p=reject; t=y"), "DMARC-TEST") ==
        "_dmarc.example.com TXT v=DMARC1; p=reject; rua=mailto:a@example.com");
  CHECK(VerdictOf(UnderTags("v=DMARC1; p=reject; t=n"), "DMARC-TEST") == "pass");
}

TEST_CASE("DMARC-PCT: a share below 100 is a fault with quarantine, a warning with reject, a note at 100") {
  CHECK(Faults(UnderTags("v=DMARC1; p=quarantine; pct=99")) == "DMARC-PCT fail");
  CHECK(Faults(UnderTags("v=DMARC1; p=reject; pct=0")) == "DMARC-PCT warn");
  const auto note = UnderTags("v=DMARC1; p=quarantine; pct=100; ri=86400");
  CHECK(Faults(note) == "");
  CHECK(VerdictOf(note, "DMARC-PCT") == "info");
  CHECK(Faults(UnderTags("v=DMARC1; p=none; pct=10")) == "DMARC-POLICY fail");
}

TEST_CASE("DMARC-SP and DMARC-NP: weak tags that do not govern From are warnings") {
  CHECK(Faults(UnderTags("v=DMARC1; p=reject; sp=none; np=reject")) == "DMARC-SP warn");
  CHECK(Faults(UnderTags("v=DMARC1; p=reject; np=none")) == "DMARC-NP warn");
  CHECK(Of(UnderTags("v=DMARC1; p=reject; np=none"), "DMARC-NP").severity == Severity::kWarning);
}

TEST_CASE("DMARC-SP is said to be inherited where it is not there, and once where np inherits it") {
  CHECK(Of(UnderTags("v=DMARC1; p=reject"), "DMARC-SP").detail.contains("inherits reject"));
  CHECK(Faults(UnderTags("v=DMARC1; p=reject; sp=none")) == "DMARC-SP warn");
}

TEST_CASE("DMARC-SP-DEAD: sp on a subdomain's own record is a note, not a weak policy") {
  Trial trial;
  trial.sender.domain = "news.example.com";
  trial.zone.Add("news.example.com A 9.9.9.9");
  trial.zone.Add(std::string("_dmarc.news.example.com TXT \"v=DMARC1; p=reject; sp=none") + kRua + "\"");
  const auto found = trial.Run(CheckAllDmarc);
  CHECK(Faults(found) == "");
  CHECK(VerdictOf(found, "DMARC-SP-DEAD") == "info");
}

TEST_CASE("DMARC-PSD: psd=y at a domain that is no public suffix is a warning, psd=n there is none") {
  CHECK(Faults(UnderTags("v=DMARC1; p=reject; psd=y")) == "DMARC-PSD warn");
  CHECK(Faults(UnderTags("v=DMARC1; p=reject; psd=n")) == "");
}

TEST_CASE("DMARC-P-ORDER: p that does not follow v is a warning with the tags put in order") {
  const auto found = UnderTags("v=DMARC1; adkim=r; p=reject");
  CHECK(Faults(found) == "DMARC-P-ORDER warn");
  CHECK(FixOf(found, "DMARC-P-ORDER") ==
        "_dmarc.example.com TXT v=DMARC1; p=reject; adkim=r; rua=mailto:a@example.com");
}

TEST_CASE("DMARC-UNKNOWN: a tag nobody knows is a note") {
  const auto found = UnderTags("v=DMARC1; p=reject; rue=mailto:b@example.com");
  CHECK(Faults(found) == "");
  CHECK(VerdictOf(found, "DMARC-UNKNOWN") == "info");
  CHECK(Of(found, "DMARC-UNKNOWN").detail.contains("rue"));
}

}  // namespace sealpost::tests
