#include "tests/dns/checks/trial.h"

namespace sealpost::tests {
namespace {

std::vector<dns::Finding> Under(const std::string& record) {
  Trial trial;
  trial.Dmarc(record);
  return trial.Run(CheckAllDmarc);
}

}  // namespace

TEST_CASE("a sound DMARC record has no fault, and every check of finding it passes") {
  const auto found = Trial().Run(CheckAllDmarc);
  CHECK(Faults(found) == "");
  for (const char* id : {"DMARC-NONE", "DMARC-MULTI", "DMARC-VERSION", "DMARC-TAGVALUE", "DMARC-CNAME",
                         "DMARC-LOCATION", "DMARC-POLICY"})
    CHECK_MESSAGE(VerdictOf(found, id) == "pass", id);
}

TEST_CASE("DMARC-NONE: no record anywhere is one fault, mended by a first record") {
  Trial trial;
  trial.zone.Remove("_dmarc.example.com", "TXT");
  const auto found = trial.Run(CheckAllDmarc);
  CHECK(Faults(found) == "DMARC-NONE fail");
  CHECK(FixOf(found, "DMARC-NONE") == "_dmarc.example.com TXT v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com");
}

TEST_CASE("DMARC-NONE passes for a subdomain that its organization's record governs") {
  Trial trial;
  trial.sender.domain = "news.example.com";
  trial.zone.Add("news.example.com MX 10 mail.example.com");
  const auto found = trial.Run(CheckAllDmarc);
  CHECK(Faults(found) == "");
  CHECK(Of(found, "DMARC-NONE").name == "_dmarc.example.com");
}

TEST_CASE("DMARC-NONE says it when only one reading finds a record") {
  Trial trial;
  // The tree walk takes github.io for the organization; the list takes name.github.io, which has no record.
  trial.sender.domain = "mail.name.github.io";
  trial.zone.Add("mail.name.github.io A 9.9.9.9");
  trial.zone.Add("_dmarc.github.io TXT \"v=DMARC1; p=reject; rua=mailto:dmarc@example.com\"");
  const auto found = trial.Run(CheckAllDmarc);
  CHECK(VerdictOf(found, "DMARC-NONE") == "fail");
  CHECK(Of(found, "DMARC-NONE").detail.contains("Only readers of RFC 9989"));
  CHECK(FixOf(found, "DMARC-NONE").starts_with("_dmarc.mail.name.github.io TXT v=DMARC1; p=reject"));
}

TEST_CASE("DMARC-NONE is unknown, and nothing fails, when the record could not be asked for") {
  for (const char* failure : {"SERVFAIL", "TIMEOUT", "REFUSED"}) {
    Trial trial;
    trial.Publish("_dmarc.example.com", "TXT", failure);
    const auto found = trial.Run(CheckAllDmarc);
    CHECK(Faults(found) == "");
    CHECK(VerdictOf(found, "DMARC-NONE") == "unknown");
    CHECK(VerdictOf(found, "DMARC-MULTI") == "absent");
    CHECK(VerdictOf(found, "DMARC-POLICY") == "absent");
  }
}

TEST_CASE("DMARC-MULTI: two records are one fault, not also a missing record") {
  Trial trial;
  trial.zone.Add("_dmarc.example.com TXT \"v=DMARC1; p=reject\"");
  const auto found = trial.Run(CheckAllDmarc);
  CHECK(Faults(found) == "DMARC-MULTI fail");
  CHECK(Of(found, "DMARC-MULTI").records.size() == 2);
  CHECK(FixOf(found, "DMARC-MULTI") == "_dmarc.example.com TXT v=DMARC1; p=reject; rua=mailto:dmarc@example.com");
}

TEST_CASE("DMARC-MULTI passes beside a TXT record of another purpose") {
  Trial trial;
  trial.zone.Add("_dmarc.example.com TXT \"site-verification=1\"");
  const auto found = trial.Run(CheckAllDmarc);
  CHECK(Faults(found) == "");
  CHECK(VerdictOf(found, "DMARC-MULTI") == "pass");
}

TEST_CASE("DMARC-VERSION names what is wrong with the front of a record") {
  const std::pair<const char*, const char*> cases[] = {
      {"v=dmarc1; p=reject; rua=mailto:a@example.com", "capital letters"},
      {" v=DMARC1; p=reject; rua=mailto:a@example.com", "blank"},
      {"p=reject; v=DMARC1; rua=mailto:a@example.com", "in front of v=DMARC1"},
      {"v=DMARC1 p=reject", "no semicolon"},
      {"v=spf1 -all", "SPF record"},
  };
  for (const auto& [record, why] : cases) {
    const auto found = Under(record);
    CHECK_MESSAGE(Faults(found) == "DMARC-VERSION fail", record);
    CHECK_MESSAGE(Of(found, "DMARC-VERSION").detail.contains(why), record);
    CHECK_MESSAGE(FixOf(found, "DMARC-VERSION").starts_with("_dmarc.example.com TXT v=DMARC1; p="), record);
  }
  CHECK(FixOf(Under("v=dmarc1; p=reject; rua=mailto:a@example.com"), "DMARC-VERSION") ==
        "_dmarc.example.com TXT v=DMARC1; p=reject; rua=mailto:a@example.com");
}

TEST_CASE("DMARC-VERSION passes where blanks stand around the equals sign, which is legal") {
  CHECK(Faults(Under("v = DMARC1 ; p = reject ; rua = mailto:a@example.com")) == "");
}

TEST_CASE("DMARC-VERSION is a warning beside a good record") {
  Trial trial;
  trial.zone.Add("_dmarc.example.com TXT \"v=dmarc1; p=none\"");
  CHECK(Faults(trial.Run(CheckAllDmarc)) == "DMARC-VERSION warn");
}

TEST_CASE("DMARC-TAGVALUE: a policy that is none makes the whole record act as p=none, which is one fault") {
  const auto found = Under("v=DMARC1; p=quarantin; rua=mailto:a@example.com");
  CHECK(Faults(found) == "DMARC-TAGVALUE fail");
  CHECK(FixOf(found, "DMARC-TAGVALUE") == "_dmarc.example.com TXT v=DMARC1; p=quarantine; rua=mailto:a@example.com");
  CHECK(Faults(Under("v=DMARC1; p=reject; sp=no; rua=mailto:a@example.com")) == "DMARC-TAGVALUE fail");
  CHECK(Faults(Under("v=DMARC1; p=qurantine")) == "DMARC-TAGVALUE fail");
}

TEST_CASE("DMARC-TAGVALUE is a warning for a tag that falls back to its default") {
  CHECK(Faults(Under("v=DMARC1; p=reject; adkim=x; rua=mailto:a@example.com")) == "DMARC-TAGVALUE warn");
}

TEST_CASE("DMARC-POLICY fails for a record without p, with and without rua") {
  CHECK(Faults(Under("v=DMARC1; rua=mailto:a@example.com")) == "DMARC-POLICY fail");
  CHECK(Faults(Under("v=DMARC1; adkim=r")) == "DMARC-POLICY fail");
}

TEST_CASE("DMARC-CNAME: an alias that leads to a record is a note") {
  Trial trial;
  trial.zone.Remove("_dmarc.example.com", "TXT");
  trial.zone.Add("_dmarc.example.com CNAME policy.example.com");
  trial.zone.Add("policy.example.com TXT \"v=DMARC1; p=reject; rua=mailto:a@example.com\"");
  const auto found = trial.Run(CheckAllDmarc);
  CHECK(Faults(found) == "");
  CHECK(VerdictOf(found, "DMARC-CNAME") == "info");
}

TEST_CASE("DMARC-CNAME: an alias that leads nowhere is why there is no record, or a warning where another governs") {
  Trial trial;
  trial.zone.Remove("_dmarc.example.com", "TXT");
  trial.zone.Add("_dmarc.example.com CNAME gone.example.com");
  const auto none = trial.Run(CheckAllDmarc);
  CHECK(Faults(none) == "DMARC-NONE fail");
  CHECK(Of(none, "DMARC-NONE").detail.contains("alias of gone.example.com"));

  Trial below;
  below.sender.domain = "news.example.com";
  below.zone.Add("news.example.com A 9.9.9.9");
  below.zone.Add("_dmarc.news.example.com CNAME gone.example.com");
  CHECK(Faults(below.Run(CheckAllDmarc)) == "DMARC-CNAME warn");
}

TEST_CASE("DMARC-LOCATION: a record at the domain itself, or below the zone's name twice, is seen") {
  Trial apex;
  apex.zone.Add("example.com TXT \"v=DMARC1; p=reject\"");
  CHECK(Faults(apex.Run(CheckAllDmarc)) == "DMARC-LOCATION warn");
  Trial twice;
  twice.zone.Add("_dmarc.example.com.example.com TXT \"v=DMARC1; p=reject\"");
  CHECK(Faults(twice.Run(CheckAllDmarc)) == "DMARC-LOCATION warn");
}

TEST_CASE("DMARC-LOCATION: where no other record stands it is the reason that there is none, and moved by the fix") {
  Trial trial;
  trial.zone.Remove("_dmarc.example.com", "TXT");
  trial.zone.Add("example.com TXT \"v=DMARC1; p=reject; rua=mailto:a@example.com\"");
  const auto found = trial.Run(CheckAllDmarc);
  CHECK(Faults(found) == "DMARC-NONE fail");
  CHECK(FixOf(found, "DMARC-NONE") == "_dmarc.example.com TXT v=DMARC1; p=reject; rua=mailto:a@example.com");
}

TEST_CASE("a domain too long for _dmarc below it is the fault of its length alone") {
  Trial trial;
  trial.sender.domain = std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(63, 'c') + "." +
                        std::string(52, 'd') + ".example";
  CHECK(Faults(trial.Run(CheckAllDmarc)) == "");
}

}  // namespace sealpost::tests
