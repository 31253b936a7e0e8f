#include "dns/checks/context.h"
#include "tests/dns/checks/trial.h"

using namespace sealpost;
using namespace sealpost::dns;
using tests::Faults;
using tests::FixOf;
using tests::Of;
using tests::VerdictOf;

namespace {

constexpr const char* kHosts = R"(
  example.com         MX   10 mail.example.com
  mail.example.com    A    192.0.2.10
  mail.example.com    AAAA 2001:db8::10
  a.example.com       A    192.0.2.20
)";

// A domain whose From and return path are one, sending from the given addresses.
struct Spf {
  tests::ZoneResolver zone{kHosts};
  Sender sender;

  explicit Spf(const std::string& record, std::vector<std::string> addresses = {"192.0.2.10"}) {
    sender.domain = "example.com";
    for (const std::string& address : addresses) sender.addresses.push_back(ParseIp(address).value());
    if (!record.empty()) zone.Add("example.com TXT \"" + record + "\"");
  }
  std::vector<Finding> Run() {
    Findings findings;
    const Tools tools{zone, tests::Suffixes(), {}};
    Context context{sender, tools, findings};
    CheckSpf(context);
    return findings.Take();
  }
};

std::vector<Finding> Found(const std::string& record) {
  return Spf(record).Run();
}

const std::string kHere = "example.com TXT ";

}  // namespace

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
  spf.zone.Add(R"(example.com TXT "v=spf1 mx +all")");
  CHECK(FixOf(spf.Run(), "SPF-MULTI") == kHere + "v=spf1 include:_spf.example.net mx ~all");
}

TEST_CASE("a misspelt term is shown with its column, and corrected where the intention shows") {
  const std::pair<const char*, const char*> cases[] = {
      {"v=spf1 ipv4:192.0.2.10 -all", "v=spf1 ip4:192.0.2.10 -all"},
      {"v=spf1 ip4:2001:db8::/32 -all", "v=spf1 ip6:2001:db8::/32 -all"},
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
    const auto findings = Found(published);
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
  CHECK(FixOf(findings, "SPF-IP-PASS") == kHere + "v=spf1 ip4:192.0.2.10 -ip4:192.0.2.0/24 ip4:192.0.2.10 ~all");
}

TEST_CASE("without addresses their pass is unknown and the rest is still judged") {
  const auto findings = Spf("v=spf1 mx ?all", {}).Run();
  CHECK(VerdictOf(findings, "SPF-IP-PASS") == "unknown");
  CHECK(Of(findings, "SPF-IP-PASS").detail.contains("--ip"));
  CHECK(Faults(findings) == "SPF-NEUTRAL warn");
}

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
  CHECK(FixOf(spf.Run(), "SPF-PLUSALL") == "_spf.example.com TXT v=spf1 a:a.example.com ~all");
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

TEST_CASE("the From domain's own record is judged mildly where the return path is another") {
  Spf spf("");
  spf.sender.return_path = "bounces.example.com";
  spf.zone.Add(R"(bounces.example.com TXT "v=spf1 ip4:192.0.2.10 -all")");
  CHECK(Faults(spf.Run()) == "SPF-NONE warn");
  CHECK(FixOf(spf.Run(), "SPF-NONE") == kHere + "v=spf1 ip4:192.0.2.10 -all");
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
