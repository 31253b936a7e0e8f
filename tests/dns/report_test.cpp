#include "dns/report.h"

#include <doctest/doctest.h>

namespace sealpost::tests {
namespace {

using dns::Changes;
using dns::Finding;
using dns::Outcome;
using dns::RenderNagios;
using dns::Report;
using dns::Verdict;

Finding Found(const std::string& id, Verdict verdict, const std::string& name = "example.com",
              const std::string& detail = "") {
  Finding finding;
  finding.id = id;
  finding.verdict = verdict;
  finding.name = name;
  finding.detail = detail;
  return finding;
}

Report ReportWith(Outcome outcome, std::vector<Finding> findings, std::string reason = "") {
  return {"example.com", outcome, std::move(reason), std::move(findings)};
}

}  // namespace

TEST_CASE("monitoring gets OK, WARNING, CRITICAL or UNKNOWN with its code and figures") {
  const auto ok = RenderNagios(ReportWith(Outcome::kYes, {Found("A", Verdict::kPass)}));
  CHECK(ok.line == "SEALPOST OK - example.com can send at quarantine | fail=0 warn=0 unknown=0");
  CHECK(ok.exit_code == 0);
  CHECK(RenderNagios(ReportWith(Outcome::kYes, {Found("A", Verdict::kWarn)})).exit_code == 1);
  const auto no = RenderNagios(ReportWith(Outcome::kNo, {Found("A", Verdict::kFail)}, "A: no record"));
  CHECK(no.line == "SEALPOST CRITICAL - example.com cannot send at quarantine: A: no record | fail=1 warn=0 unknown=0");
  CHECK(no.exit_code == 2);
  CHECK(RenderNagios(ReportWith(Outcome::kUnknown, {Found("A", Verdict::kUnknown)})).exit_code == 3);
}

TEST_CASE("what the DNS says cannot break out of the line for monitoring") {
  const auto line = RenderNagios(ReportWith(Outcome::kNo, {}, "one|two\nthree\x1b[31m")).line;
  CHECK(line.find('\n') == std::string::npos);
  CHECK(line.find('\x1b') == std::string::npos);
  CHECK(line.find('|') == line.rfind('|'));
}

TEST_CASE("no change is nothing to tell") {
  const Report report = ReportWith(Outcome::kNo, {Found("A", Verdict::kFail), Found("B", Verdict::kPass)});
  CHECK(Changes(report, report).empty());
}

TEST_CASE("a change is told with both verdicts, the name and why") {
  const auto lines = Changes(ReportWith(Outcome::kYes, {Found("DKIM-REVOKED", Verdict::kPass, "s1")}),
                             ReportWith(Outcome::kNo, {Found("DKIM-REVOKED", Verdict::kFail, "s1", "p= is empty.")}));
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == "DKIM-REVOKED fail (was pass): s1: p= is empty.");
}

TEST_CASE("faults that come and go are changes, passes that do are none") {
  const Report none = ReportWith(Outcome::kYes, {});
  const Report fault = ReportWith(Outcome::kNo, {Found("A", Verdict::kFail), Found("B", Verdict::kPass)});
  REQUIRE(Changes(none, fault).size() == 1);
  CHECK(Changes(none, fault)[0] == "A fail (was not reported): example.com");
  REQUIRE(Changes(fault, none).size() == 1);
  CHECK(Changes(fault, none)[0] == "A not reported (was fail): example.com");
}

TEST_CASE("the same check at two names is compared name by name, the worst at each") {
  const Report before = ReportWith(Outcome::kNo, {Found("A", Verdict::kFail, "one"), Found("A", Verdict::kPass, "two"),
                                                  Found("A", Verdict::kWarn, "two")});
  const Report after = ReportWith(Outcome::kNo, {Found("A", Verdict::kFail, "one"), Found("A", Verdict::kFail, "two")});
  REQUIRE(Changes(before, after).size() == 1);
  CHECK(Changes(before, after)[0] == "A fail (was warn): two");
}

TEST_CASE("the line for monitoring has at most 1,000 bytes, figures included") {
  const auto line = RenderNagios(ReportWith(Outcome::kNo, {}, std::string(250'000, 'x'))).line;
  CHECK(line.size() < 1'000);
  CHECK(line.ends_with("... | fail=0 warn=0 unknown=0"));
}

}  // namespace sealpost::tests
