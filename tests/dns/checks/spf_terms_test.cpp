#include "tests/dns/checks/spf_trial.h"

using namespace sealpost;
using namespace sealpost::dns;
using tests::Faults;
using tests::FixOf;
using tests::Found;
using tests::kHere;
using tests::Of;
using tests::Spf;
using tests::VerdictOf;

TEST_CASE("lookups beyond ten are found behind an early match, and a terms are written out") {
  std::string record = "v=spf1 ip4:192.0.2.10";
  Spf spf("");
  for (int i = 0; i < 11; ++i) {
    record += " a:a" + std::to_string(i) + ".example.com";
    spf.zone.Add("a" + std::to_string(i) + ".example.com A 198.51.100." + std::to_string(i));
  }
  spf.zone.Add("example.com TXT \"" + record + " -all\"");
  const auto findings = spf.Run();
  CHECK(Faults(findings) == "SPF-LOOKUPS fail");
  CHECK(VerdictOf(findings, "SPF-IP-PASS") == "pass");
  CHECK(FixOf(findings, "SPF-LOOKUPS").contains("ip4:192.0.2.10 ip4:198.51.100.0 ip4:198.51.100.1"));
}

TEST_CASE("lookups in included records count, and eight are a warning") {
  Spf spf("v=spf1 ip4:192.0.2.10 include:_spf.example.net -all");
  spf.zone.Add(
      R"(_spf.example.net TXT "v=spf1 a:a.example.com a:a.example.com a:a.example.com a:a.example.com a:a.example.com a:a.example.com a:a.example.com -all")");
  const auto findings = spf.Run();
  CHECK(Faults(findings) == "SPF-LOOKUPS warn");
  CHECK(Of(findings, "SPF-LOOKUPS").detail.starts_with("8 lookups: 1 in example.com, 7 in _spf.example.net."));
}

TEST_CASE("three dead names are one too many, and the record to publish is without them") {
  const auto findings = Found("v=spf1 ip4:192.0.2.10 a:x.example.com a:y.example.com mx:z.example.com -all");
  CHECK(Faults(findings) == "SPF-VOID fail");
  CHECK(FixOf(findings, "SPF-VOID") == kHere + "v=spf1 ip4:192.0.2.10 -all");
  CHECK(VerdictOf(Found("v=spf1 ip4:192.0.2.10 a:x.example.com -all"), "SPF-VOID") == "info");
}

TEST_CASE("more than ten MX hosts break the record, and the mx term is replaced by addresses") {
  Spf spf("v=spf1 ip4:192.0.2.10 mx -all");
  for (int i = 0; i < 11; ++i) spf.zone.Add("example.com MX 20 a.example.com");
  const auto findings = spf.Run();
  CHECK(Faults(findings) == "SPF-MX10 fail");
  CHECK(FixOf(findings, "SPF-MX10") == kHere + "v=spf1 ip4:192.0.2.10 -all");
}

TEST_CASE("ptr is warned of, and an address with more than ten names besides") {
  Spf spf("v=spf1 ip4:192.0.2.10 ptr -all");
  const auto findings = spf.Run();
  CHECK(Faults(findings) == "SPF-PTR warn");
  CHECK(FixOf(findings, "SPF-PTR") == kHere + "v=spf1 ip4:192.0.2.10 -all");
  for (int i = 0; i < 11; ++i) spf.zone.Add("10.2.0.192.in-addr.arpa PTR h" + std::to_string(i) + ".example.com");
  CHECK(Faults(spf.Run()) == "SPF-PTR10 warn, SPF-PTR warn");
}

TEST_CASE("somebody else's ptr is only told") {
  Spf spf("v=spf1 ip4:192.0.2.10 include:_spf.example.net -all");
  spf.zone.Add(R"(_spf.example.net TXT "v=spf1 ptr -all")");
  CHECK(VerdictOf(spf.Run(), "SPF-PTR") == "info");
}

TEST_CASE("an include of a name without a record is an error even behind a match") {
  const auto findings = Found("v=spf1 ip4:192.0.2.10 include:gone.example.net -all");
  CHECK(Faults(findings) == "SPF-INCLUDE-NONE fail");
  CHECK(FixOf(findings, "SPF-INCLUDE-NONE") == kHere + "v=spf1 ip4:192.0.2.10 -all");
  CHECK(Of(findings, "SPF-INCLUDE-NONE").detail.contains("does not exist"));
}

TEST_CASE("three dead includes are reported as includes, not as dead names too") {
  const auto findings = Found("v=spf1 ip4:192.0.2.10 include:a.invalid include:b.invalid include:c.invalid -all");
  CHECK(Faults(findings) == "SPF-INCLUDE-NONE fail, SPF-INCLUDE-NONE fail, SPF-INCLUDE-NONE fail");
}

TEST_CASE("an included record that is broken, or there twice, is an error of the include") {
  Spf spf("v=spf1 ip4:192.0.2.10 ?include:_spf.example.net -all");
  spf.zone.Add(R"(_spf.example.net TXT "v=spf1 ip4:1.2.3 -all")");
  CHECK(Faults(spf.Run()) == "SPF-INCLUDE-NONE fail");
  CHECK(FixOf(spf.Run(), "SPF-INCLUDE-NONE") == kHere + "v=spf1 ip4:192.0.2.10 -all");
  spf.zone.Add(R"(_spf.example.net TXT "v=spf1 -all")");
  CHECK(Of(spf.Run(), "SPF-INCLUDE-NONE").detail.contains("2 SPF records"));
}

TEST_CASE("a fault deeper inside is the owner's to mend") {
  Spf spf("v=spf1 ip4:192.0.2.10 include:_spf.example.net -all");
  spf.zone.Add(R"(_spf.example.net TXT "v=spf1 include:gone.example.org -all")");
  const auto findings = spf.Run();
  CHECK(Faults(findings) == "SPF-INCLUDE-NONE fail");
  CHECK(FixOf(findings, "SPF-INCLUDE-NONE") == "");
  CHECK(Of(findings, "SPF-INCLUDE-NONE").remedy.contains("_spf.example.net"));
}

TEST_CASE("a circle is found once, whoever closes it") {
  Spf spf("v=spf1 ip4:192.0.2.10 include:_spf.example.net -all");
  spf.zone.Add(R"(_spf.example.net TXT "v=spf1 include:example.com -all")");
  CHECK(Faults(spf.Run()) == "SPF-LOOP fail");
  const auto own = Found("v=spf1 include:example.com ip4:192.0.2.10 -all");
  CHECK(Faults(own) == "SPF-LOOP fail");
  CHECK(FixOf(own, "SPF-LOOP") == kHere + "v=spf1 ip4:192.0.2.10 -all");
}

TEST_CASE("the same include twice is no circle") {
  Spf spf("v=spf1 include:_spf.example.net include:_spf.example.net ip4:192.0.2.10 -all");
  spf.zone.Add(R"(_spf.example.net TXT "v=spf1 ip4:198.51.100.1 -all")");
  CHECK(Faults(spf.Run()) == "");
}

TEST_CASE("letting everybody pass is an error in all its spellings") {
  const std::pair<const char*, const char*> cases[] = {
      {"v=spf1 mx +all", "v=spf1 mx ~all"},
      {"v=spf1 mx all", "v=spf1 mx ~all"},
      {"v=spf1 mx ip4:0.0.0.0/0 -all", "v=spf1 mx -all"},
      {"v=spf1 mx ip6:::/0 -all", "v=spf1 mx -all"},
  };
  for (const auto& [published, mended] : cases) {
    INFO(published);
    CHECK(Faults(Found(published)) == "SPF-PLUSALL fail");
    CHECK(FixOf(Found(published), "SPF-PLUSALL") == kHere + mended);
  }
  CHECK(Faults(Found("v=spf1 ip4:192.0.2.10 ip4:10.0.0.0/8 -all")) == "SPF-PLUSALL warn");
}

TEST_CASE("letting everybody pass through an include is found, and is that owner's to mend") {
  Spf spf("v=spf1 ip4:192.0.2.10 include:wide.example.net -all");
  spf.zone.Add(R"(wide.example.net TXT "v=spf1 +all")");
  const auto findings = spf.Run();
  CHECK(Faults(findings) == "SPF-PLUSALL fail");
  CHECK(FixOf(findings, "SPF-PLUSALL") == "");
  CHECK(Of(findings, "SPF-PLUSALL").remedy.contains("wide.example.net"));
}

TEST_CASE("in an included record of one's own it is mended there") {
  Spf spf("v=spf1 ip4:192.0.2.10 include:_spf.example.com -all");
  spf.zone.Add(R"(_spf.example.com TXT "v=spf1 a:a.example.com +all")");
  CHECK(FixOf(spf.Run(), "SPF-PLUSALL") == "_spf.example.com TXT v=spf1 a:a.example.com ip4:192.0.2.10 ~all");
}

TEST_CASE("an end that says nothing about others is warned of") {
  CHECK(Faults(Found("v=spf1 ip4:192.0.2.10 ?all")) == "SPF-NEUTRAL warn");
  CHECK(FixOf(Found("v=spf1 ip4:192.0.2.10 ?all"), "SPF-NEUTRAL") == kHere + "v=spf1 ip4:192.0.2.10 ~all");
  CHECK(FixOf(Found("v=spf1 ip4:192.0.2.10"), "SPF-NEUTRAL") == kHere + "v=spf1 ip4:192.0.2.10 ~all");
}

TEST_CASE("where a record hands over, the end of the other one counts") {
  Spf spf("v=spf1 redirect=_spf.example.com");
  spf.zone.Add(R"(_spf.example.com TXT "v=spf1 ip4:192.0.2.10 ?all")");
  const auto findings = spf.Run();
  CHECK(Faults(findings) == "SPF-NEUTRAL warn");
  CHECK(FixOf(findings, "SPF-NEUTRAL") == "_spf.example.com TXT v=spf1 ip4:192.0.2.10 ~all");
}

TEST_CASE("terms behind all, and a redirect beside it, are dead") {
  const auto behind = Found("v=spf1 ip4:192.0.2.10 -all mx");
  CHECK(Faults(behind) == "SPF-ALL-POS warn");
  CHECK(FixOf(behind, "SPF-ALL-POS") == kHere + "v=spf1 ip4:192.0.2.10 mx -all");
  const auto beside = Found("v=spf1 ip4:192.0.2.10 redirect=_spf.example.net ~all");
  CHECK(Faults(beside) == "SPF-ALL-POS warn");
  CHECK(FixOf(beside, "SPF-ALL-POS") == kHere + "v=spf1 ip4:192.0.2.10 ~all");
}

TEST_CASE("macros are shown as they expand for our addresses") {
  Spf spf("v=spf1 ip4:192.0.2.10 exists:%{ir}._spf.%{d} -all");
  const auto findings = spf.Run();
  CHECK(Faults(findings) == "");
  CHECK(VerdictOf(findings, "SPF-MACRO") == "info");
  CHECK(Of(findings, "SPF-MACRO").detail.contains("10.2.0.192._spf.example.com"));
}

TEST_CASE("an include that cannot be asked for leaves open what rests on it only") {
  Spf spf("v=spf1 ip4:192.0.2.10 include:_spf.example.net -all", {"192.0.2.10", "198.51.100.1"});
  spf.zone.Add("_spf.example.net TXT SERVFAIL");
  const auto findings = spf.Run();
  CHECK(Faults(findings) == "");
  CHECK(VerdictOf(findings, "SPF-TEMP") == "unknown");
  CHECK(VerdictOf(findings, "SPF-LOOKUPS") == "unknown");
  CHECK(VerdictOf(findings, "SPF-INCLUDE-NONE") == "pass");
  std::vector<Verdict> verdicts;
  for (const Finding& finding : findings)
    if (finding.id == "SPF-IP-PASS") verdicts.push_back(finding.verdict);
  CHECK(verdicts == std::vector{Verdict::kPass, Verdict::kUnknown});
}

TEST_CASE("an mx term with three hosts without IPv6 is warned of where a sender comes over IPv6") {
  Spf spf("v=spf1 mx:m.example.net ip6:2001:db8::10 ip4:192.0.2.10 -all", {"192.0.2.10", "2001:db8::10"});
  for (const std::string host : {"a", "b", "c"}) {
    spf.zone.Add("m.example.net MX 10 " + host + ".example.net");
    spf.zone.Add(host + ".example.net A 192.0.2.77");
  }
  CHECK(Faults(spf.Run()) == "SPF-VOID warn");
  spf.zone.Add("c.example.net AAAA 2001:db8::77");
  CHECK(Faults(spf.Run()) == "");
}
