#include "dns/checks/context.h"

#include "tests/dns/checks/trial.h"

using namespace sealpost;
using namespace sealpost::dns;

TEST_CASE("a finding has rule, source and severity of the catalog") {
  Findings findings;
  findings.Fail("DMARC-POLICY", {.name = "_dmarc.example.com", .records = {"\"v=DMARC1; p=none\""}, .detail = "none"});
  const std::vector<Finding> all = findings.Take();
  REQUIRE(all.size() == 1);
  CHECK(all[0].verdict == Verdict::kFail);
  CHECK(all[0].severity == Severity::kError);
  CHECK(all[0].source == "Sealpost");
  CHECK(all[0].ours);
  CHECK_FALSE(all[0].rule.empty());
  CHECK_FALSE(all[0].remedy.empty());
  CHECK(all[0].records == std::vector<std::string>{"\"v=DMARC1; p=none\""});
}

TEST_CASE("the failing of a check that does not decide is a warning") {
  Findings findings;
  findings.Fail("SPF-PTR", {});
  findings.Fail("TLSRPT", {});
  for (const Finding& finding : findings.Take()) {
    CHECK(finding.verdict == Verdict::kWarn);
    CHECK(finding.severity == Severity::kWarning);
  }
}

TEST_CASE("a milder case of a deciding check does not decide") {
  Findings findings;
  findings.Warn("SPF-LOOKUPS", {});
  findings.Info("DKIM-CNAME", {});
  Report report;
  report.findings = findings.Take();
  CHECK(report.findings[0].severity == Severity::kWarning);
  CHECK(report.findings[1].severity == Severity::kInfo);
  Conclude(report);
  CHECK(report.outcome == Outcome::kYes);
}

TEST_CASE("the remedy is the catalog's unless a check knows better, and passes need none") {
  Findings findings;
  findings.Fail("SPF-NONE", {});
  findings.Fail("SPF-MULTI", {.remedy = "Ask the neighbours."});
  findings.Pass("SPF-SYNTAX", {});
  findings.Unknown("SPF-TEMP", {});
  const std::vector<Finding> all = findings.Take();
  CHECK(all[0].remedy.starts_with("Publish one SPF record"));
  CHECK(all[1].remedy == "Ask the neighbours.");
  CHECK(all[2].remedy.empty());
  CHECK(all[3].remedy.empty());
}

TEST_CASE("findings come in the order of the catalog, and within an id as they were found") {
  Findings findings;
  findings.Pass("DKIM-NONE", {.name = "b"});
  findings.Pass("SPF-NONE", {});
  findings.Pass("DKIM-NONE", {.name = "a"});
  const std::vector<Finding> all = findings.Take();
  REQUIRE(all.size() == 3);
  CHECK(all[0].id == "SPF-NONE");
  CHECK(all[1].name == "b");
  CHECK(all[2].name == "a");
}

TEST_CASE("what was found can be asked for while the checks run") {
  Findings findings;
  findings.Fail("DKIM-MULTI", {});
  findings.Warn("SPF-PTR", {});
  CHECK(findings.Failed("DKIM-"));
  CHECK_FALSE(findings.Failed("SPF-"));
  CHECK(findings.Has("SPF-PTR", Verdict::kWarn));
  CHECK_FALSE(findings.Has("SPF-PTR", Verdict::kPass));
}

TEST_CASE("texts are joined, and raw records shown as a zone file has them") {
  tests::ZoneResolver zone(R"(example.com TXT "v=spf1 a" " -all")");
  const Answer answer = zone.Ask({"example.com", Type::kTxt}, kNoDeadline);
  CHECK(Texts(answer) == std::vector<std::string>{"v=spf1 a -all"});
  CHECK(Raw(answer) == std::vector<std::string>{R"("v=spf1 a" " -all")"});
}

TEST_CASE("trouble is told in words, with the name and the server") {
  Answer answer;
  answer.status = Status::kServfail;
  answer.server = "192.0.2.53:53";
  CHECK(Trouble(answer, "example.com") == "192.0.2.53:53 answered SERVFAIL for example.com");
  answer.status = Status::kTimeout;
  CHECK(Trouble(answer, "example.com") == "no answer about example.com came in time");
  answer.status = Status::kUnreachable;
  answer.detail = "connection refused";
  CHECK(Trouble(answer, "example.com") ==
        "no name server could be reached to ask about example.com (connection refused)");
}

TEST_CASE("the return path is the From domain unless another is given") {
  tests::ZoneResolver zone;
  Findings findings;
  Sender sender;
  sender.domain = "example.com";
  const Tools tools{zone, tests::Suffixes(), {}};
  CHECK(Context{sender, tools, findings}.ReturnPath() == "example.com");
  sender.return_path = "bounces.example.com";
  CHECK(Context{sender, tools, findings}.ReturnPath() == "bounces.example.com");
}

TEST_CASE("the random label is one label, hard to meet by chance, and the same within a run") {
  CHECK(RandomLabel() == RandomLabel());
  CHECK(RandomLabel().size() > 20);
  CHECK(IsHostname(RandomLabel() + ".example.com"));
}

TEST_CASE("a report stays readable whatever is published: the worst twenty of an id, records and details cut") {
  dns::Findings findings;
  for (int i = 0; i < 3'000; ++i) findings.Pass("DKIM-NONE", {.name = std::to_string(i)});
  findings.Fail("DKIM-NONE", {.name = "late",
                              .records = std::vector<std::string>(900, std::string(9'000, 'x')),
                              .detail = std::string(50'000, 'y'),
                              .fix = dns::TxtFix("late", std::string(60'000, 'z'))});
  const auto taken = findings.Take();
  REQUIRE(taken.size() == 20);
  CHECK(taken.front().name == "late");
  CHECK(taken.front().records.size() == 20);
  CHECK(taken.front().records.front().size() < 4'200);
  CHECK(taken.front().records.back() == "... (881 more)");
  CHECK(taken.front().detail.size() < 2'100);
  CHECK_FALSE(taken.front().fix);
  CHECK(taken.back().detail == "And 2982 more, none of them worse.");
}
