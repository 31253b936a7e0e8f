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

TEST_CASE("a sound record passes every check") {
  Spf spf("v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all", {"192.0.2.10", "2001:db8::10"});
  const auto findings = spf.Run();
  CHECK(Faults(findings) == "");
  for (const char* id :
       {"SPF-NONE",    "SPF-MULTI",   "SPF-SYNTAX",     "SPF-NONASCII",     "SPF-IP-PASS", "SPF-LOOKUPS",
        "SPF-VOID",    "SPF-MX10",    "SPF-PTR10",      "SPF-INCLUDE-NONE", "SPF-LOOP",    "SPF-PLUSALL",
        "SPF-NEUTRAL", "SPF-ALL-POS", "SPF-DUPMOD",     "SPF-PTR",          "SPF-MACRO",   "SPF-SIZE",
        "SPF-STRINGS", "SPF-TYPE99",  "SPF-WRONGPLACE", "SPF-WILDCARD",     "SPF-TEMP"}) {
    CHECK_MESSAGE(VerdictOf(findings, id) == "pass", id);
  }
}

TEST_CASE("without a record that alone is said, and the record to publish names every address") {
  Spf spf("", {"192.0.2.10", "2001:db8::10"});
  const auto findings = spf.Run();
  CHECK(Faults(findings) == "SPF-NONE fail");
  CHECK(findings.size() == 1);
  CHECK(FixOf(findings, "SPF-NONE") == kHere + "v=spf1 ip4:192.0.2.10 ip6:2001:db8::10 -all");
}

TEST_CASE("where no address is known the record to publish says where to put them") {
  const auto findings = Spf("", {}).Run();
  CHECK(FixOf(findings, "SPF-NONE") == kHere + "v=spf1 mx ~all");
  CHECK(Of(findings, "SPF-NONE").detail.contains("addresses your mail leaves from"));
}

TEST_CASE("a record that the panel published below the zone once more is found") {
  Spf spf("");
  spf.zone.Add(R"(example.com.example.com TXT "v=spf1 -all")");
  CHECK(Of(spf.Run(), "SPF-NONE").detail.contains("example.com.example.com"));
}

TEST_CASE("a text that was meant as SPF is told from none at all, and mended") {
  for (const char* text :
       {" v=spf1 ip4:192.0.2.10 -all", "v=spf1; ip4:192.0.2.10; -all", "v=spf1ip4:192.0.2.10 -all"}) {
    const auto findings = Found(text);
    CHECK(Faults(findings) == "SPF-NONE fail");
    CHECK(FixOf(findings, "SPF-NONE") == kHere + "v=spf1 ip4:192.0.2.10 -all");
    CHECK(Of(findings, "SPF-NONE").records.size() == 1);
  }
}

TEST_CASE("a stray beside a sound record is a warning") {
  Spf spf("v=spf1 ip4:192.0.2.10 -all");
  spf.zone.Add("example.com TXT \" v=spf1 mx -all\"");
  CHECK(Faults(spf.Run()) == "SPF-WRONGPLACE warn");
}

TEST_CASE("two records are an error even if they are the same, and are merged") {
  Spf spf("v=spf1 ip4:192.0.2.10 -all");
  spf.zone.Add(R"(example.com TXT "V=SPF1 mx include:_spf.example.net ~all")");
  spf.zone.Add(R"(_spf.example.net TXT "v=spf1 ip4:198.51.100.0/24 -all")");
  const auto findings = spf.Run();
  CHECK(Faults(findings) == "SPF-MULTI fail");
  CHECK(FixOf(findings, "SPF-MULTI") == kHere + "v=spf1 ip4:192.0.2.10 mx include:_spf.example.net ~all");
  CHECK(VerdictOf(findings, "SPF-IP-PASS") == "absent");

  Spf twins("v=spf1 mx -all");
  twins.zone.Add(R"(example.com TXT "v=spf1 mx -all")");
  CHECK(FixOf(twins.Run(), "SPF-MULTI") == kHere + "v=spf1 mx -all");
}

TEST_CASE("merging keeps what a redirect let pass and never +all") {
  Spf spf("v=spf1 redirect=_spf.example.net");
  spf.zone.Add(R"(_spf.example.net TXT "v=spf1 ip4:198.51.100.0/24 -all")");
  spf.zone.Add(R"(example.com TXT "v=spf1 mx +all")");
  CHECK(FixOf(spf.Run(), "SPF-MULTI") == kHere + "v=spf1 include:_spf.example.net mx ~all");
}

TEST_CASE("a misspelt term is shown with its column, and corrected where the intention shows") {
  const std::pair<const char*, const char*> cases[] = {
      {"v=spf1 ipv4:192.0.2.10 -all", "v=spf1 ip4:192.0.2.10 -all"},
      {"v=spf1 ip4:2001:db8::/32 -all", "v=spf1 ip6:2001:db8::/32 ip4:192.0.2.10 -all"},
      {"v=spf1 ip4: 192.0.2.10 -all", "v=spf1 ip4:192.0.2.10 -all"},
      {"v=spf1 192.0.2.10 -all", "v=spf1 ip4:192.0.2.10 -all"},
      {"v=spf1 ip4:192.0.2.10~all", "v=spf1 ip4:192.0.2.10 ~all"},
      {"v=spf1 ip4:192.0.2.0/024 -all", "v=spf1 ip4:192.0.2.0/24 -all"},
      {"v=spf1 inlcude:mail.example.com -all", "v=spf1 include:mail.example.com -all"},
      {"v=spf1 redirect:mail.example.com", "v=spf1 redirect=mail.example.com"},
      {"v=spf1 mx; -all;", "v=spf1 mx -all"},
      {"v=spf1 mx nonsense -all", "v=spf1 mx -all"},
      {"v=spf1 mx - all", "v=spf1 mx -all"},
  };
  for (const auto& [published, mended] : cases) {
    INFO(published);
    Spf spf(published);
    spf.zone.Add(R"(mail.example.com TXT "v=spf1 a -all")");
    const auto findings = spf.Run();
    CHECK(Faults(findings) == "SPF-SYNTAX fail");
    CHECK(FixOf(findings, "SPF-SYNTAX") == kHere + mended);
    CHECK(Of(findings, "SPF-SYNTAX").detail.contains("column"));
  }
}

TEST_CASE("an error behind a match counts, and nothing is evaluated") {
  const auto findings = Found("v=spf1 ip4:192.0.2.10 a:%{x}.example.com -all");
  CHECK(Faults(findings) == "SPF-SYNTAX fail");
  CHECK(VerdictOf(findings, "SPF-IP-PASS") == "absent");
}

TEST_CASE("a mechanism written as a modifier is ignored by receivers, which is said") {
  Spf spf("v=spf1 ip4=192.0.2.99 ip4:192.0.2.10 -all");
  const auto findings = spf.Run();
  CHECK(Faults(findings) == "SPF-SYNTAX warn");
  CHECK(FixOf(findings, "SPF-SYNTAX") == kHere + "v=spf1 ip4:192.0.2.99 ip4:192.0.2.10 -all");
  CHECK(Faults(Found("v=spf1 ip4:192.0.2.10 rr=all -all")) == "");
}

TEST_CASE("a no-break space is not a blank") {
  const auto findings = Found("v=spf1 ip4:192.0.2.10\xc2\xa0-all");
  CHECK(Faults(findings) == "SPF-NONASCII fail");
  CHECK(FixOf(findings, "SPF-NONASCII") == kHere + "v=spf1 ip4:192.0.2.10 -all");
  CHECK(Of(findings, "SPF-NONASCII").detail.starts_with("Column 22 "));
  CHECK(Faults(Found("v=spf1 ip4:192.0.2.10\t-all")) == "SPF-NONASCII fail");
}

TEST_CASE("a second redirect or exp is an error of its own") {
  const auto findings = Found("v=spf1 ip4:192.0.2.10 exp=a.example.com exp=b.example.com -all");
  CHECK(Faults(findings) == "SPF-DUPMOD fail");
  CHECK(FixOf(findings, "SPF-DUPMOD") == kHere + "v=spf1 ip4:192.0.2.10 exp=a.example.com -all");
}

TEST_CASE("one of four addresses that does not pass is one finding, and the record to publish has it") {
  Spf spf("v=spf1 ip4:192.0.2.0/28 ip6:2001:db8::10 -all", {"192.0.2.1", "192.0.2.2", "198.51.100.7", "2001:db8::10"});
  const auto findings = spf.Run();
  CHECK(Faults(findings) == "SPF-IP-PASS fail");
  CHECK(Of(findings, "SPF-IP-PASS").detail == "198.51.100.7 gets fail by -all.");
  CHECK(FixOf(findings, "SPF-IP-PASS") == kHere + "v=spf1 ip4:192.0.2.0/28 ip6:2001:db8::10 ip4:198.51.100.7 -all");
}

TEST_CASE("all addresses that are missing are in every one of the records to publish") {
  Spf spf("v=spf1 redirect=_spf.example.com", {"192.0.2.1", "2001:db8::1"});
  spf.zone.Add(R"(_spf.example.com TXT "v=spf1 ip4:198.51.100.1 -all")");
  const auto findings = spf.Run();
  CHECK(Faults(findings) == "SPF-IP-PASS fail, SPF-IP-PASS fail");
  CHECK(FixOf(findings, "SPF-IP-PASS") == kHere + "v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 redirect=_spf.example.com");
}

TEST_CASE("an address that an early term refuses is let pass before that term") {
  const auto findings = Found("v=spf1 -ip4:192.0.2.0/24 ip4:192.0.2.10 ~all");
  CHECK(Faults(findings) == "SPF-IP-PASS fail");
  CHECK(FixOf(findings, "SPF-IP-PASS") == kHere + "v=spf1 ip4:192.0.2.10 -ip4:192.0.2.0/24 ~all");
}

TEST_CASE("without addresses their pass is unknown and the rest is still judged") {
  const auto findings = Spf("v=spf1 mx ?all", {}).Run();
  CHECK(VerdictOf(findings, "SPF-IP-PASS") == "unknown");
  CHECK(Of(findings, "SPF-IP-PASS").detail.contains("--ip"));
  CHECK(Faults(findings) == "SPF-NEUTRAL warn");
}

TEST_CASE("a long record, and an answer over 512 bytes, are warned of") {
  std::string record = "v=spf1 ip4:192.0.2.10";
  while (record.size() < 460) record += " ip4:198.51.100." + std::to_string(record.size() % 250);
  Spf spf("");
  spf.zone.Add("example.com TXT \"" + record.substr(0, 200) + "\" \"" + record.substr(200) + " -all\"");
  CHECK(Faults(spf.Run()) == "SPF-SIZE warn");

  Spf crowded("v=spf1 ip4:192.0.2.10 -all");
  for (int i = 0; i < 5; ++i) crowded.zone.Add("example.com TXT \"verification=" + std::string(100, 'x') + "\"");
  CHECK(Faults(crowded.Run()) == "SPF-SIZE warn");
}

TEST_CASE("strings are joined without a blank: a cut word is sound, glued words are not") {
  Spf cut("");
  cut.zone.Add(R"(example.com TXT "v=spf1 ip4:192.0.2" ".10 a:a.exam" "ple.com -all")");
  CHECK(Faults(cut.Run()) == "");

  Spf glued("");
  glued.zone.Add(R"(example.com TXT "v=spf1 ip4:192.0.2.10 a:a.example.com" "mx -all")");
  CHECK(Faults(glued.Run()) == "SPF-STRINGS warn");
  CHECK(FixOf(glued.Run(), "SPF-STRINGS") == kHere + "v=spf1 ip4:192.0.2.10 a:a.example.com mx -all");

  Spf broken("");
  broken.zone.Add(R"(example.com TXT "v=spf1 ip4:192.0.2.10" "mx -all")");
  const auto findings = broken.Run();
  CHECK(Faults(findings) == "SPF-SYNTAX fail");
  CHECK(Of(findings, "SPF-SYNTAX").detail.contains("Two strings meet"));
  CHECK(FixOf(findings, "SPF-SYNTAX") == kHere + "v=spf1 ip4:192.0.2.10 mx -all");
}

TEST_CASE("leftovers of older standards are told") {
  Spf old("v=spf1 ip4:192.0.2.10 -all");
  old.zone.Add(R"(example.com SPF "v=spf1 -all")");
  old.zone.Add(R"(example.com TYPE99 "v=spf1 -all")");
  CHECK(VerdictOf(old.Run(), "SPF-TYPE99") == "info");
  Spf sender_id("v=spf1 ip4:192.0.2.10 -all");
  sender_id.zone.Add(R"(example.com TXT "spf2.0/pra -all")");
  CHECK(VerdictOf(sender_id.Run(), "SPF-TYPE99") == "info");
  CHECK(Faults(sender_id.Run()) == "");
}

TEST_CASE("a wildcard with an SPF record is warned of, unless it says that nobody sends") {
  Spf spf("v=spf1 ip4:192.0.2.10 -all");
  spf.zone.Add(R"(*.example.com TXT "v=spf1 mx -all")");
  CHECK(Faults(spf.Run()) == "SPF-WILDCARD warn");
  Spf parked("v=spf1 ip4:192.0.2.10 -all");
  parked.zone.Add(R"(*.example.com TXT "v=spf1 -all")");
  CHECK(VerdictOf(parked.Run(), "SPF-WILDCARD") == "info");
}

TEST_CASE("a name server that fails makes it unknown: neither a pass nor a fault") {
  for (const char* failure : {"SERVFAIL", "TIMEOUT", "REFUSED"}) {
    Spf spf("");
    spf.zone.Add("example.com TXT " + std::string(failure));
    const auto findings = spf.Run();
    CHECK(Faults(findings) == "");
    REQUIRE(findings.size() == 1);
    CHECK(VerdictOf(findings, "SPF-TEMP") == "unknown");
    CHECK(findings[0].severity == Severity::kError);
  }
}

TEST_CASE("the From domain's own record is judged mildly where the return path is another") {
  Spf spf("");
  spf.sender.return_path = "bounces.example.com";
  spf.zone.Add(R"(bounces.example.com TXT "v=spf1 ip4:192.0.2.10 -all")");
  CHECK(Faults(spf.Run()) == "SPF-NONE warn");
  CHECK(FixOf(spf.Run(), "SPF-NONE") == kHere + "v=spf1 ip4:192.0.2.10 ~all");
  CHECK(Of(spf.Run(), "SPF-NONE").detail.contains("If others send mail as example.com too"));
  spf.zone.Add(R"(example.com TXT "v=spf1 ipv4:192.0.2.10 -all")");
  CHECK(Faults(spf.Run()) == "SPF-SYNTAX warn");
  spf.zone.Add(R"(example.com TXT "v=spf1 -all")");
  CHECK(Faults(spf.Run()) == "SPF-MULTI warn");
}

TEST_CASE("hostile records end in findings, not in a crash") {
  for (const std::string& record : {std::string("v=spf1 ") + std::string(60'000, 'a'), std::string("v=spf1"),
                                    std::string("v=spf1 ") + std::string(3'000, ':'), std::string("v=spf1 % %{ %{d"),
                                    std::string("v=spf1 \x01\xff -all"), std::string("v=spf1 - + ~ ? = :")}) {
    CHECK_FALSE(Found(record).empty());
  }
}
