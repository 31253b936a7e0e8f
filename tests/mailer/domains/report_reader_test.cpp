#include "mailer/domains/report_reader.h"

#include <doctest/doctest.h>

#include "mailer/domains/report_json.h"
#include "tests/mailer/domains/reports.h"

using namespace sealpost;
using namespace sealpost::domains;
using namespace sealpost::domains::tests;
using dns::Outcome;
using dns::Verdict;

namespace {

dns::Report Rich() {
  dns::Finding finding = FindingOf("SPF-MULTI", Verdict::kFail);
  finding.records = {"v=spf1 -all", std::string("nul\0 and \"quotes\"", 17)};
  finding.detail = "two records";
  finding.rule = "one record";
  finding.source = "RFC 7208 4.5";
  finding.ours = true;
  finding.fix = dns::Fix{"acme.example", "TXT", "v=spf1 a -all"};
  finding.remedy = "delete one";
  return ReportOf({finding, FindingOf("TTL", Verdict::kInfo, "acme.example", dns::Severity::kInfo),
                   FindingOf("DMARC-RUA", Verdict::kWarn, "_dmarc.acme.example", dns::Severity::kWarning),
                   FindingOf("MX-IP", Verdict::kUnknown, "acme.example", dns::Severity::kWarning)});
}

}  // namespace

TEST_CASE("a report that was written is read back whole") {
  for (const dns::Report& report : {Rich(), Good(), CouldNotTell(), dns::Report{}}) {
    const std::string json = ReportJson(report);
    const auto read = ReadReport(json);
    REQUIRE(read);
    CHECK(ReportJson(*read) == json);
    CHECK(read->outcome == report.outcome);
    CHECK(read->findings.size() == report.findings.size());
  }
}

TEST_CASE("what is no report is refused, and an odd one is read as far as it goes") {
  for (const char* json : {"", "[]", "{}", R"({"schema":2,"findings":[]})", R"({"schema":1})"}) {
    CHECK_MESSAGE(!ReadReport(json), json);
  }
  const auto odd = ReadReport(R"({"schema":1,"verdict":"perhaps","findings":[1,{"verdict":"so so","records":"x"}]})");
  REQUIRE(odd);
  CHECK(odd->outcome == Outcome::kUnknown);
  REQUIRE(odd->findings.size() == 2);
  CHECK(odd->findings[1].verdict == Verdict::kUnknown);
}
