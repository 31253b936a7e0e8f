#include "dns/spf_evaluator.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/dns/texts.h"
#include "tests/dns/zone_resolver.h"

using namespace sealpost::dns;
using sealpost::tests::Repeat;
using sealpost::tests::ZoneResolver;

namespace {

SpfOutcome Check(Resolver& dns, const std::string& ip = "192.0.2.1", const std::string& sender = "a@example.com") {
  return CheckHost(dns, {ParseIp(ip).value(), sender, "helo.example.org", "mx.example.net"}, {}, kNoDeadline);
}
SpfResult ResultFor(const std::string& record, const std::string& zone = "", const std::string& ip = "192.0.2.1") {
  ZoneResolver dns("example.com TXT \"" + record + "\"\n" + zone);
  return Check(dns, ip).result;
}
// Lets time pass where it is asked: every answer takes longer than the evaluation may.
class SlowResolver final : public Resolver {
 public:
  explicit SlowResolver(ZoneResolver& zone) : zone_(zone) {}
  Answer Ask(const Question& question, Deadline deadline) override {
    Answer answer;
    if (question.type == Type::kPtr) {
      while (std::chrono::steady_clock::now() < deadline) continue;
      return answer;
    }
    return zone_.Ask(question, kNoDeadline);
  }

 private:
  ZoneResolver& zone_;
};

}  // namespace

TEST_CASE("the qualifier of the first term that matches is the result") {
  CHECK(ResultFor("v=spf1 ip4:192.0.2.0/24 -all") == SpfResult::kPass);
  CHECK(ResultFor("v=spf1 ip4:192.0.3.0/24 -all") == SpfResult::kFail);
  CHECK(ResultFor("v=spf1 ~ip4:192.0.2.1 +all") == SpfResult::kSoftfail);
  CHECK(ResultFor("v=spf1 ?all") == SpfResult::kNeutral);
  CHECK(ResultFor("v=spf1 ip4:192.0.3.1") == SpfResult::kNeutral);
  CHECK(ResultFor("v=spf1") == SpfResult::kNeutral);
}

TEST_CASE("a domain that cannot have a record has none, and nothing is asked") {
  ZoneResolver dns;
  for (const char* sender : {"a@localhost", "a@[192.0.2.1]", "a@192.0.2.1", "a@x..example.com", "a@", "localhost",
                             "a@-a-label-that-is-longer-than-sixty-three-bytes-cannot-stand-in-a-name.example"}) {
    const SpfOutcome outcome = Check(dns, "192.0.2.1", sender);
    CHECK_MESSAGE(outcome.result == SpfResult::kNone, sender);
    CHECK_FALSE(outcome.problem.empty());
  }
  CHECK(dns.asked().empty());
  CHECK(Check(dns).result == SpfResult::kNone);
}

TEST_CASE("without a sender it is postmaster at the HELO name, without a local part postmaster at the domain") {
  ZoneResolver dns(R"(
    helo.example.org            TXT "v=spf1 exists:%{l}.%{o}.check.example -all"
    example.com                 TXT "v=spf1 redirect=helo.example.org"
    postmaster.helo.example.org.check.example A 127.0.0.2
    postmaster.example.com.check.example      A 127.0.0.2
  )");
  CHECK(Check(dns, "192.0.2.1", "").result == SpfResult::kPass);
  CHECK(Check(dns, "192.0.2.1", "").domain == "helo.example.org");
  CHECK(Check(dns, "192.0.2.1", "@example.com").result == SpfResult::kPass);
  CHECK(Check(dns, "192.0.2.1", "example.com").result == SpfResult::kPass);
  CHECK(Check(dns, "192.0.2.1", "example.com.").domain == "example.com");
}

TEST_CASE("one record is wanted: two are an error even if they are alike, other text is passed over") {
  ZoneResolver dns("example.com TXT \"v=spf1 -all\"\nexample.com TXT \"v=spf1 -all\"");
  CHECK(Check(dns).result == SpfResult::kPermerror);
  CHECK(Check(dns).problem == "example.com has 2 SPF records");
  CHECK(ResultFor("v=spf1 +all", "example.com TXT \"\x96 v=spf1\"\nexample.com TXT \"v=spf10 -all\"") ==
        SpfResult::kPass);
}

TEST_CASE("the strings of a record are joined without a blank") {
  ZoneResolver dns("example.com TXT \"v=spf1 ip4:\" \"192.0.2.1 -all\"");
  CHECK(Check(dns).result == SpfResult::kPass);
  ZoneResolver glued("example.com TXT \"v=spf1 mx\" \"include:x.example\"");
  CHECK(Check(glued).result == SpfResult::kPermerror);
}

TEST_CASE("a failure of the DNS is a temperror, never a pass or a fail") {
  for (const char* word : {"SERVFAIL", "TIMEOUT", "REFUSED"}) {
    CHECK(ResultFor("v=spf1 a:x.example -all", std::string("x.example A ") + word) == SpfResult::kTemperror);
    CHECK(ResultFor("v=spf1 include:x.example -all", std::string("x.example TXT ") + word) == SpfResult::kTemperror);
    CHECK(ResultFor("v=spf1 redirect=x.example", std::string("x.example TXT ") + word) == SpfResult::kTemperror);
    CHECK(ResultFor("v=spf1 exists:x.example -all", std::string("x.example A ") + word) == SpfResult::kTemperror);
    ZoneResolver dns(std::string("example.com * ") + word);
    CHECK(Check(dns).result == SpfResult::kTemperror);
  }
  CHECK(ResultFor("v=spf1 mx -all", "example.com MX 1 m.example\nm.example A TIMEOUT") == SpfResult::kTemperror);
}

TEST_CASE("a failure of the DNS inside ptr is no match, but time that runs out is a temperror") {
  CHECK(ResultFor("v=spf1 ptr -all", "1.2.0.192.in-addr.arpa PTR SERVFAIL") == SpfResult::kFail);
  CHECK(ResultFor("v=spf1 ptr -all", R"(
    1.2.0.192.in-addr.arpa PTR broken.example.com
    1.2.0.192.in-addr.arpa PTR mail.example.com
    broken.example.com     A   SERVFAIL
    mail.example.com       A   192.0.2.1)") == SpfResult::kPass);
  ZoneResolver zone("example.com TXT \"v=spf1 ptr -all\"");
  SlowResolver slow(zone);
  SpfLimits limits;
  limits.overall = std::chrono::milliseconds(20);
  const SpfQuery query{ParseIp("192.0.2.1").value(), "a@example.com", "h.example.org", ""};
  CHECK(CheckHost(slow, query, limits, kNoDeadline).result == SpfResult::kTemperror);
  CHECK(CheckHost(zone, query, {}, Deadline::min()).result == SpfResult::kTemperror);
}

TEST_CASE("include matches on pass only, and passes errors on") {
  const std::string record = "v=spf1 include:x.example ~all";
  CHECK(ResultFor(record, "x.example TXT \"v=spf1 +all\"") == SpfResult::kPass);
  CHECK(ResultFor(record, "x.example TXT \"v=spf1 -all\"") == SpfResult::kSoftfail);
  CHECK(ResultFor(record, "x.example TXT \"v=spf1 ~all\"") == SpfResult::kSoftfail);
  CHECK(ResultFor(record, "x.example TXT \"v=spf1 ?all\"") == SpfResult::kSoftfail);
  CHECK(ResultFor(record, "x.example TXT \"v=spf1 moo\"") == SpfResult::kPermerror);
  CHECK(ResultFor(record, "x.example TXT \"no record\"") == SpfResult::kPermerror);
  CHECK(ResultFor(record) == SpfResult::kPermerror);
  CHECK(ResultFor("v=spf1 -include:x.example +all", "x.example TXT \"v=spf1 +all\"") == SpfResult::kFail);
}

TEST_CASE("redirect is used after all terms and not beside all; to nowhere it is an error") {
  CHECK(ResultFor("v=spf1 redirect=x.example ip4:192.0.2.1", "x.example TXT \"v=spf1 -all\"") == SpfResult::kPass);
  CHECK(ResultFor("v=spf1 redirect=x.example", "x.example TXT \"v=spf1 -all\"") == SpfResult::kFail);
  CHECK(ResultFor("v=spf1 redirect=x.example ?all") == SpfResult::kNeutral);
  CHECK(ResultFor("v=spf1 redirect=x.example") == SpfResult::kPermerror);
  CHECK(ResultFor("v=spf1 redirect=%{h1}") == SpfResult::kPermerror);
}

TEST_CASE("inside an include or redirect the domain is that of its record, the sender stays") {
  CHECK(ResultFor("v=spf1 include:x.example -all",
                  "x.example TXT \"v=spf1 exists:%{d}.%{o}.t.example\"\nx.example.example.com.t.example A 127.0.0.2") ==
        SpfResult::kPass);
  CHECK(ResultFor("v=spf1 redirect=x.example", "x.example TXT \"v=spf1 a -all\"\nx.example A 192.0.2.1") ==
        SpfResult::kPass);
}

TEST_CASE("addresses are of the client's family, mapped ones are IPv4, exists is always A") {
  const std::string hosts = "h.example A 192.0.2.1\nh.example AAAA 2001:db8::1";
  CHECK(ResultFor("v=spf1 a:h.example -all", hosts, "2001:db8::1") == SpfResult::kPass);
  CHECK(ResultFor("v=spf1 a:h.example/0 -all", hosts, "2001:db8::2") == SpfResult::kFail);
  CHECK(ResultFor("v=spf1 a:h.example//64 -all", hosts, "2001:db8::2") == SpfResult::kPass);
  CHECK(ResultFor("v=spf1 a:h.example -all", hosts, "::ffff:192.0.2.1") == SpfResult::kPass);
  CHECK(ResultFor("v=spf1 ip6:::/0 -all", hosts, "::ffff:192.0.2.1") == SpfResult::kFail);
  CHECK(ResultFor("v=spf1 exists:h4.example -all", "h4.example A 127.0.0.2", "2001:db8::1") == SpfResult::kPass);
}

TEST_CASE("mx asks in the order of preference, never the domain itself, and leaves a null MX") {
  ZoneResolver dns(R"(
    example.com   TXT "v=spf1 mx -all"
    example.com   A   192.0.2.1
    example.com   MX  20 second.example
    example.com   MX  10 first.example
    first.example A   192.0.2.1
  )");
  CHECK(Check(dns).result == SpfResult::kPass);
  CHECK(std::ranges::count(dns.asked(), "second.example A") == 0);
  CHECK(ResultFor("v=spf1 mx -all", "example.com A 192.0.2.1") == SpfResult::kFail);
  CHECK(ResultFor("v=spf1 mx ?all", "example.com MX 0 .") == SpfResult::kNeutral);
}

TEST_CASE("ten MX names are evaluated, eleven are an error even if the first would match") {
  std::string zone = "m.example A 192.0.2.1\n";
  for (int i = 0; i < 10; ++i) zone += "example.com MX " + std::to_string(i) + " m.example\n";
  CHECK(ResultFor("v=spf1 mx -all", zone) == SpfResult::kPass);
  CHECK(ResultFor("v=spf1 mx -all", zone + "example.com MX 10 m.example") == SpfResult::kPermerror);
}

TEST_CASE("of more than ten PTR names the rest is ignored") {
  std::string zone = "right.example.com A 192.0.2.1\n";
  for (int i = 0; i < 9; ++i) zone += "1.2.0.192.in-addr.arpa PTR wrong" + std::to_string(i) + ".example\n";
  CHECK(ResultFor("v=spf1 ptr -all", zone + "1.2.0.192.in-addr.arpa PTR right.example.com") == SpfResult::kPass);
  zone += "1.2.0.192.in-addr.arpa PTR wrong10.example\n";
  CHECK(ResultFor("v=spf1 ptr -all", zone + "1.2.0.192.in-addr.arpa PTR right.example.com") == SpfResult::kFail);
}

TEST_CASE("ptr matches whole labels of validated names only") {
  const std::string pointer = "1.2.0.192.in-addr.arpa PTR mail.notexample.com\nmail.notexample.com A 192.0.2.1";
  CHECK(ResultFor("v=spf1 ptr -all", pointer) == SpfResult::kFail);
  CHECK(ResultFor("v=spf1 ptr:NOTexample.com -all", pointer) == SpfResult::kPass);
  CHECK(ResultFor("v=spf1 ptr -all", "1.2.0.192.in-addr.arpa PTR mail.example.com\nmail.example.com A 192.0.2.9") ==
        SpfResult::kFail);
}

TEST_CASE("ten terms that ask are allowed over all includes and redirects together, the eleventh is an error") {
  const std::string a = "h.example A 192.0.2.9\n";
  CHECK(ResultFor("v=spf1" + Repeat(" a:h.example", 10) + " +all", a) == SpfResult::kPass);
  CHECK(ResultFor("v=spf1" + Repeat(" a:h.example", 11) + " +all", a) == SpfResult::kPermerror);
  const std::string inner = a + "x.example TXT \"v=spf1" + Repeat(" a:h.example", 4) + "\"\n";
  CHECK(ResultFor("v=spf1 include:x.example include:x.example +all", inner) == SpfResult::kPass);
  CHECK(ResultFor("v=spf1 include:x.example include:x.example a:h.example +all", inner) == SpfResult::kPermerror);
  CHECK(ResultFor("v=spf1 include:x.example" + Repeat(" a:h.example", 5) + " redirect=x.example", inner) ==
        SpfResult::kPermerror);
  CHECK(ResultFor("v=spf1 redirect=example.com") == SpfResult::kPermerror);
  CHECK(ResultFor("v=spf1 include:example.com") == SpfResult::kPermerror);
}

TEST_CASE("ip4, ip6, all, exp and MX addresses do not count as lookups") {
  std::string zone = "exp.example.com TXT \"no\"\nm.example A 192.0.2.9\n";
  for (int i = 0; i < 10; ++i) zone += "example.com MX 1 m.example\n";
  ZoneResolver dns("example.com TXT \"v=spf1 mx ip4:192.0.3.1 ip6:2001:db8::1 -all exp=exp.example.com\"\n" + zone);
  const SpfOutcome outcome = Check(dns);
  CHECK(outcome.lookups == 1);
  CHECK(outcome.void_lookups == 0);
  CHECK(outcome.explanation == "no");
}

TEST_CASE("an early match hides lookups behind it") {
  ZoneResolver dns("example.com TXT \"v=spf1 ip4:192.0.2.1" + Repeat(" a:h.example", 12) + " -all\"");
  CHECK(Check(dns).result == SpfResult::kPass);
  CHECK(Check(dns).lookups == 0);
  CHECK(Check(dns, "192.0.2.2").result == SpfResult::kPermerror);
}

TEST_CASE("two terms may be void, whether NXDOMAIN or empty, the third is an error") {
  const std::string empty = "empty.example TXT \"x\"\n";
  CHECK(ResultFor("v=spf1 a:gone.example mx:empty.example ~all", empty) == SpfResult::kSoftfail);
  CHECK(ResultFor("v=spf1 a:gone.example mx:empty.example exists:gone.example ~all", empty) == SpfResult::kPermerror);
  CHECK(ResultFor("v=spf1 a:gone.example a:empty.example ptr ~all", empty) == SpfResult::kPermerror);
}

TEST_CASE("a term is void once, however many of its hosts have no address") {
  ZoneResolver dns(R"(
    example.com TXT "v=spf1 mx -all"
    example.com MX  10 a.example.com
    example.com MX  20 b.example.com
    example.com MX  30 c.example.com
    c.example.com A 192.0.2.1
  )");
  CHECK(Check(dns).result == SpfResult::kPass);
  CHECK(Check(dns).void_lookups == 1);
  CHECK(Check(dns, "2001:db8::1").result == SpfResult::kFail);
}

TEST_CASE("a name that cannot be asked for does not match and is not void") {
  const std::string label(64, 'x');
  ZoneResolver dns("example.com TXT \"v=spf1" + Repeat(" a:" + label + ".example.com", 3) + " -all\"");
  CHECK(Check(dns).result == SpfResult::kFail);
  CHECK(Check(dns).void_lookups == 0);
}

TEST_CASE("limits can be set") {
  ZoneResolver dns("example.com TXT \"v=spf1" + Repeat(" a:gone.example", 12) + " ~all\"");
  const SpfQuery query{ParseIp("192.0.2.1").value(), "a@example.com", "h.example.org", ""};
  SpfLimits limits;
  limits.lookups = 12;
  limits.void_lookups = 12;
  CHECK(CheckHost(dns, query, limits, kNoDeadline).result == SpfResult::kSoftfail);
}

TEST_CASE("an error behind a match counts, and is reported with its place") {
  ZoneResolver dns("example.com TXT \"v=spf1 +all ip4:192.0.2\"");
  const SpfOutcome outcome = Check(dns);
  CHECK(outcome.result == SpfResult::kPermerror);
  CHECK(outcome.problem == "example.com, column 17: \"192.0.2\" is no IPv4 address");
  CHECK(outcome.record == "v=spf1 +all ip4:192.0.2");
  CHECK(outcome.mechanism.empty());
}

TEST_CASE("%{p} is the domain's own name before one below it, before any other, and needs the way back") {
  const auto expanded = [](const std::string& pointers) {
    ZoneResolver dns("example.com TXT \"v=spf1 exists:%{p}.t.example -all\"\n" + pointers);
    for (const SpfStep& step : Check(dns).trace)
      if (step.term.starts_with("exists")) return step.expanded;
    return std::string();
  };
  const std::string other = "1.2.0.192.in-addr.arpa PTR m.example.org\nm.example.org A 192.0.2.1\n";
  const std::string below = "1.2.0.192.in-addr.arpa PTR m.example.com\nm.example.com A 192.0.2.1\n";
  const std::string same = "1.2.0.192.in-addr.arpa PTR example.com\nexample.com A 192.0.2.1\n";
  CHECK(expanded(other + below + same) == "example.com.t.example");
  CHECK(expanded(other + below) == "m.example.com.t.example");
  CHECK(expanded(other) == "m.example.org.t.example");
  CHECK(expanded("1.2.0.192.in-addr.arpa PTR m.example.org\nm.example.org A 192.0.2.2") == "unknown.t.example");
  CHECK(expanded("") == "unknown.t.example");
}

TEST_CASE("an explanation is of the record that failed, and only if it can be used") {
  const auto explanation = [](const std::string& zone) {
    ZoneResolver dns(zone);
    return Check(dns).explanation;
  };
  const std::string own = "example.com TXT \"v=spf1 -all exp=e.example.com\"\n";
  CHECK(explanation(own + "e.example.com TXT \"%{i} is not ours,\" \" %{s}\"") ==
        "192.0.2.1 is not ours, a@example.com");
  CHECK(explanation(own).empty());
  CHECK(explanation(own + "e.example.com TXT SERVFAIL").empty());
  CHECK(explanation(own + "e.example.com TXT \"a\"\ne.example.com TXT \"b\"").empty());
  CHECK(explanation(own + "e.example.com TXT \"%{x}\"").empty());
  CHECK(explanation(own + "e.example.com TXT \"\xc3\xa9\"").empty());
  CHECK(explanation("example.com TXT \"v=spf1 ~all exp=e.example.com\"\ne.example.com TXT \"x\"").empty());
  const std::string elsewhere = "x.example TXT \"v=spf1 -all exp=e.x.example\"\ne.x.example TXT \"theirs of %{d}\"\n";
  CHECK(explanation("example.com TXT \"v=spf1 exp=e.example.com redirect=x.example\"\n" + elsewhere) ==
        "theirs of x.example");
  CHECK(explanation("example.com TXT \"v=spf1 include:x.example -all\"\n" + elsewhere).empty());
}

TEST_CASE("an explanation cannot carry what a HELO smuggles into a reply") {
  ZoneResolver dns("example.com TXT \"v=spf1 -all exp=e.example.com\"\ne.example.com TXT \"%{h}\"");
  const SpfQuery query{ParseIp("192.0.2.1").value(), "a@example.com", "x\r\n250 fine", ""};
  CHECK(CheckHost(dns, query, {}, kNoDeadline).explanation.empty());
}

TEST_CASE("the trace shows every term with what was asked, what came of it and the counts") {
  ZoneResolver dns(R"(
    example.com TXT "v=spf1 a:gone.example include:%{d}.x.example -all"
    example.com.x.example TXT "v=spf1 ip4:192.0.2.1 -all"
  )");
  const SpfOutcome outcome = Check(dns);
  CHECK(outcome.result == SpfResult::kPass);
  CHECK(outcome.mechanism == "include:%{d}.x.example");
  REQUIRE(outcome.trace.size() == 5);
  CHECK(outcome.trace[0].term == "record");
  CHECK(outcome.trace[1].outcome == "no match");
  CHECK(outcome.trace[1].expanded == "gone.example");
  CHECK(outcome.trace[1].lookups == 1);
  CHECK(outcome.trace[1].void_lookups == 1);
  CHECK(outcome.trace[2].expanded == "example.com.x.example");
  CHECK(outcome.trace[2].outcome == "include: pass");
  CHECK(outcome.trace[2].lookups == 2);
  CHECK(outcome.trace[3].depth == 1);
  CHECK(outcome.trace[3].domain == "example.com.x.example");
  CHECK(outcome.trace[4].term == "ip4:192.0.2.1");
  CHECK(outcome.trace[4].outcome == "match");
  CHECK(ResultFor("v=spf1" + Repeat(" ip4:192.0.3.1", 1000) + " -all") == SpfResult::kFail);
}

TEST_CASE("a trace ends at 200 steps") {
  ZoneResolver dns("example.com TXT \"v=spf1" + Repeat(" ip4:192.0.3.1", 1000) + " -all\"");
  CHECK(Check(dns).trace.size() == 200);
}

TEST_CASE("the mechanism is the one of the redirect's record, or default") {
  ZoneResolver dns("example.com TXT \"v=spf1 redirect=x.example\"\nx.example TXT \"v=spf1 ip4:192.0.2.1\"");
  CHECK(Check(dns).mechanism == "ip4:192.0.2.1");
  CHECK(Check(dns, "192.0.2.2").mechanism == "default");
}
