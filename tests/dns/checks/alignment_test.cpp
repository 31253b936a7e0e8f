#include "tests/dns/checks/trial.h"

namespace sealpost::tests {
namespace {

using dns::CheckAlignment;
using dns::CheckDmarc;

constexpr const char* kDmarcRecord = "v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com";

std::vector<dns::Finding> Run(Trial& trial) {
  return trial.Run(CheckDmarc, CheckAlignment);
}

Trial SignedBy(const std::string& domain) {
  Trial trial;
  trial.sender.signers = {{domain, "s1", std::nullopt}};
  return trial;
}

}  // namespace

TEST_CASE("a signature and a return path of the own organization are aligned in both readings") {
  Trial trial;
  const auto found = Run(trial);
  CHECK(Faults(found) == "");
  for (const char* id : {"ALIGN-DKIM", "ALIGN-SPF", "ALIGN-DIVERGE"}) CHECK_MESSAGE(VerdictOf(found, id) == "pass", id);
}

TEST_CASE("ALIGN-DKIM: a signature of another organization is a fault") {
  Trial trial = SignedBy("service.test");
  CHECK(Faults(Run(trial)) == "ALIGN-DKIM fail");
}

TEST_CASE("ALIGN-DKIM: one aligned signature of several is enough, in any case of letters") {
  Trial trial = SignedBy("service.test");
  trial.sender.signers.push_back({"EXAMPLE.com", "s1", std::nullopt});
  CHECK(Faults(Run(trial)) == "");
}

TEST_CASE("ALIGN-DKIM: two sibling subdomains are aligned when relaxed, and not when strict") {
  Trial trial = SignedBy("b.example.com");
  trial.sender.domain = "a.example.com";
  trial.zone.Add("a.example.com A 9.9.9.9");
  CHECK(Faults(Run(trial)) == "");
  trial.Dmarc(std::string(kDmarcRecord) + "; adkim=s");
  CHECK(Faults(Run(trial)) == "ALIGN-DKIM fail");
  trial.sender.signers = {{"a.example.com", "s1", std::nullopt}};
  CHECK(Faults(Run(trial)) == "");
}

TEST_CASE("ALIGN-DKIM is unknown when no selector is given, and says what to give") {
  Trial trial;
  trial.sender.signers.clear();
  const auto found = Run(trial);
  CHECK(VerdictOf(found, "ALIGN-DKIM") == "unknown");
  CHECK(Of(found, "ALIGN-DKIM").remedy.contains("selector"));
}

TEST_CASE("ALIGN-DKIM is unknown when the organization of d= could not be asked for") {
  Trial trial = SignedBy("sub.example.com");
  trial.sender.domain = "news.example.com";
  trial.zone.Add("_dmarc.sub.example.com TXT TIMEOUT");
  const auto found = Run(trial);
  CHECK(Faults(found) == "");
  CHECK(VerdictOf(found, "ALIGN-DKIM") == "unknown");
}

TEST_CASE("ALIGN-DKIM: a signature that one reading alone takes for aligned is a fault that names both organizations") {
  Trial trial;  // signed by example.com
  trial.sender.domain = "news.example.com";
  trial.sender.return_path = "news.example.com";
  trial.zone.Add("news.example.com A 9.9.9.9");
  trial.zone.Add(std::string("_dmarc.news.example.com TXT \"") + kDmarcRecord + "; psd=n\"");
  const auto found = Run(trial);
  CHECK(Faults(found) == "ALIGN-DKIM fail");
  CHECK(Of(found, "ALIGN-DKIM").detail.contains("psd=n"));
}

TEST_CASE("ALIGN-SPF: a return path of another organization is a warning") {
  Trial trial;
  trial.sender.return_path = "bounces.service.test";
  CHECK(Faults(Run(trial)) == "ALIGN-SPF warn");
}

TEST_CASE("ALIGN-SPF: with aspf=s only the From domain itself is aligned") {
  Trial trial;
  trial.Dmarc(std::string(kDmarcRecord) + "; aspf=s");
  CHECK(Faults(Run(trial)) == "ALIGN-SPF warn");
  trial.sender.return_path = "";
  CHECK(Faults(Run(trial)) == "");
}

TEST_CASE("ALIGN-DIVERGE: psd=n that parts the return path from a subdomain is one warning") {
  Trial trial = SignedBy("news.example.com");
  trial.sender.domain = "news.example.com";
  trial.zone.Add("news.example.com A 9.9.9.9");
  trial.zone.Add(std::string("_dmarc.news.example.com TXT \"") + kDmarcRecord + "; psd=n\"");
  const auto found = Run(trial);
  CHECK(Faults(found) == "ALIGN-DIVERGE warn");
  CHECK(Of(found, "ALIGN-DIVERGE").detail.contains("psd=n"));
}

TEST_CASE("ALIGN-DIVERGE: a record that only the subdomain has makes it an organization of its own for RFC 9989") {
  Trial trial = SignedBy("news.example.com");
  trial.sender.domain = "news.example.com";
  trial.zone.Add("news.example.com A 9.9.9.9");
  trial.zone.Remove("_dmarc.example.com", "TXT");
  trial.zone.Add(std::string("_dmarc.news.example.com TXT \"") + kDmarcRecord + "\"");
  const auto found = Run(trial);
  CHECK(Faults(found) == "ALIGN-DIVERGE warn");
  CHECK(Of(found, "ALIGN-DIVERGE").detail.contains("example.com has no DMARC record"));
}

TEST_CASE("ALIGN-DIVERGE: a private suffix with a record gives policies of different places") {
  Trial trial = SignedBy("mail.name.github.io");
  trial.sender.domain = "mail.name.github.io";
  trial.sender.return_path = "";
  trial.zone.Add("mail.name.github.io A 9.9.9.9");
  trial.zone.Add("_dmarc.name.github.io TXT \"v=DMARC1; p=reject; rua=mailto:dmarc@name.github.io\"");
  trial.zone.Add("name.github.io A 9.9.9.9");
  trial.zone.Add("_dmarc.github.io TXT \"v=DMARC1; p=reject; rua=mailto:dmarc@github.io\"");
  trial.zone.Add("github.io A 9.9.9.9");
  const auto found = Run(trial);
  CHECK(Faults(found) == "ALIGN-DIVERGE warn");
}

TEST_CASE("ALIGN-DIVERGE says nothing where no record governs: that is the fault") {
  Trial trial;
  trial.zone.Remove("_dmarc.example.com", "TXT");
  const auto found = Run(trial);
  CHECK(Faults(found) == "DMARC-NONE fail");
  CHECK(VerdictOf(found, "ALIGN-DIVERGE") == "absent");
}

TEST_CASE("ALIGN-DIVERGE passes where the organizations differ and nothing follows from it") {
  Trial trial = SignedBy("news.example.com");
  trial.sender.domain = "news.example.com";
  trial.sender.return_path = "news.example.com";
  trial.zone.Add("news.example.com A 9.9.9.9");
  trial.zone.Add(std::string("_dmarc.news.example.com TXT \"") + kDmarcRecord + "; psd=n\"");
  CHECK(Faults(Run(trial)) == "");
}

}  // namespace sealpost::tests
