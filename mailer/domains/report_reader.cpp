#include "mailer/domains/report_reader.h"

#include <string>

#include "mailer/base/json.h"

namespace sealpost::domains {

namespace {

std::string Text(base::JsonView object, std::string_view member) {
  return std::string(object[member].String().value_or(""));
}

dns::Severity ReadSeverity(std::string_view word) {
  if (word == "info") return dns::Severity::kInfo;
  return word == "warning" ? dns::Severity::kWarning : dns::Severity::kError;
}

dns::Finding ReadFinding(base::JsonView view) {
  dns::Finding finding;
  finding.id = Text(view, "id");
  finding.verdict = ReadVerdict(Text(view, "verdict"));
  finding.severity = ReadSeverity(Text(view, "severity"));
  finding.name = Text(view, "name");
  view["records"].ForEachElement([&](std::size_t, base::JsonView record) {
    finding.records.emplace_back(record.String().value_or(""));
    return true;
  });
  finding.detail = Text(view, "detail");
  finding.rule = Text(view, "rule");
  finding.source = Text(view, "source");
  finding.ours = view["ours"].Bool().value_or(false);
  if (const base::JsonView fix = view["fix"]; fix.IsObject())
    finding.fix = dns::Fix{Text(fix, "name"), Text(fix, "type"), Text(fix, "value")};
  finding.remedy = Text(view, "remedy");
  return finding;
}

}  // namespace

dns::Outcome ReadOutcome(std::string_view word) {
  if (word == "yes") return dns::Outcome::kYes;
  return word == "no" ? dns::Outcome::kNo : dns::Outcome::kUnknown;
}

dns::Verdict ReadVerdict(std::string_view word) {
  using enum dns::Verdict;
  for (const dns::Verdict verdict : {kPass, kInfo, kWarn, kFail})
    if (word == dns::VerdictName(verdict)) return verdict;
  return kUnknown;
}

base::Result<dns::Report> ReadReport(std::string_view json) {
  const auto document = base::JsonDocument::Parse(json);
  if (!document) return std::unexpected(document.error());
  const base::JsonView root = document->Root();
  if (root["schema"].Integer() != 1 || !root["findings"].IsArray())
    return base::Fail(base::ErrorKind::kInvalid, "this is no DNS report of schema 1");
  dns::Report report;
  report.domain = Text(root, "domain");
  report.outcome = ReadOutcome(Text(root, "verdict"));
  report.reason = Text(root, "reason");
  root["findings"].ForEachElement([&](std::size_t, base::JsonView finding) {
    report.findings.push_back(ReadFinding(finding));
    return true;
  });
  return report;
}

}  // namespace sealpost::domains
