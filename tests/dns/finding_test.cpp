#include "dns/finding.h"

#include <doctest/doctest.h>

using namespace sealpost::dns;

namespace {

Finding Of(const char* id, Verdict verdict, Severity severity = Severity::kError) {
  Finding finding;
  finding.id = id;
  finding.verdict = verdict;
  finding.severity = severity;
  finding.detail = "what was seen";
  return finding;
}

Report Concluded(std::vector<Finding> findings) {
  Report report;
  report.findings = std::move(findings);
  Conclude(report);
  return report;
}

}  // namespace

TEST_CASE("verdicts, severities and outcomes have the names of the JSON") {
  CHECK(VerdictName(Verdict::kPass) == "pass");
  CHECK(VerdictName(Verdict::kInfo) == "info");
  CHECK(VerdictName(Verdict::kWarn) == "warn");
  CHECK(VerdictName(Verdict::kUnknown) == "unknown");
  CHECK(VerdictName(Verdict::kFail) == "fail");
  CHECK(SeverityName(Severity::kError) == "error");
  CHECK(SeverityName(Severity::kWarning) == "warning");
  CHECK(SeverityName(Severity::kInfo) == "info");
  CHECK(OutcomeName(Outcome::kYes) == "yes");
  CHECK(OutcomeName(Outcome::kNo) == "no");
  CHECK(OutcomeName(Outcome::kUnknown) == "unknown");
}

TEST_CASE("one failed check of severity error says no, and why") {
  const Report report = Concluded({Of("SPF-MULTI", Verdict::kPass), Of("SPF-NONE", Verdict::kFail)});
  CHECK(report.outcome == Outcome::kNo);
  CHECK(report.reason == "SPF-NONE: what was seen");
}

TEST_CASE("several failed checks are counted, and each id named once") {
  const Report report = Concluded(
      {Of("SPF-IP-PASS", Verdict::kFail), Of("SPF-IP-PASS", Verdict::kFail), Of("DKIM-NONE", Verdict::kFail)});
  CHECK(report.reason == "3 findings stand against it: SPF-IP-PASS, DKIM-NONE");
}

TEST_CASE("a fault decides even where another check could not be judged") {
  CHECK(Concluded({Of("SPF-TEMP", Verdict::kUnknown), Of("DKIM-NONE", Verdict::kFail)}).outcome == Outcome::kNo);
}

TEST_CASE("an unknown of severity error leaves the outcome unknown, a milder one does not") {
  const Report open = Concluded({Of("SPF-TEMP", Verdict::kUnknown), Of("SPF-NONE", Verdict::kPass)});
  CHECK(open.outcome == Outcome::kUnknown);
  CHECK(open.reason == "SPF-TEMP: what was seen");
  const Report mild = Concluded({Of("SPF-WILDCARD", Verdict::kUnknown, Severity::kWarning)});
  CHECK(mild.outcome == Outcome::kYes);
}

TEST_CASE("warnings do not stand in the way and are counted") {
  CHECK(Concluded({Of("SPF-NONE", Verdict::kPass)}).reason == "every check that decides holds");
  const Report report = Concluded({Of("SPF-PTR", Verdict::kWarn, Severity::kWarning)});
  CHECK(report.outcome == Outcome::kYes);
  CHECK(report.reason == "every check that decides holds, with 1 warning");
}

TEST_CASE("nothing checked is unknown, not yes") {
  CHECK(Concluded({}).outcome == Outcome::kUnknown);
}

TEST_CASE("a finding without a detail explains itself by its rule") {
  Finding finding = Of("SPF-NONE", Verdict::kFail);
  finding.detail = "";
  finding.rule = "There is a record.";
  CHECK(Concluded({finding}).reason == "SPF-NONE: There is a record.");
}
