#include "dns/finding.h"

#include <algorithm>

namespace sealpost::dns {
namespace {

// Each id once, in the order met.
std::vector<std::string> Ids(const std::vector<const Finding*>& findings) {
  std::vector<std::string> ids;
  for (const Finding* finding : findings)
    if (std::ranges::find(ids, finding->id) == ids.end()) ids.push_back(finding->id);
  return ids;
}

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string Why(const std::vector<const Finding*>& deciding, std::string_view several) {
  if (deciding.size() > 1) {
    const std::vector<std::string> ids = Ids(deciding);
    return std::to_string(deciding.size()) + " findings " + std::string(several) + ": " + Joined(ids);
  }
  const Finding& only = *deciding.front();
  return only.id + ": " + (only.detail.empty() ? only.rule : only.detail);
}

std::vector<const Finding*> Deciding(const Report& report, Verdict verdict) {
  std::vector<const Finding*> found;
  for (const Finding& finding : report.findings)
    if (finding.verdict == verdict && finding.severity == Severity::kError) found.push_back(&finding);
  return found;
}

std::string Clean(const Report& report) {
  const auto warnings = std::ranges::count(report.findings, Verdict::kWarn, &Finding::verdict);
  if (warnings == 0) return "every check that decides holds";
  return "every check that decides holds, with " + std::to_string(warnings) +
         (warnings == 1 ? " warning" : " warnings");
}

}  // namespace

std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return "pass";
    case Verdict::kInfo:
      return "info";
    case Verdict::kWarn:
      return "warn";
    case Verdict::kUnknown:
      return "unknown";
    case Verdict::kFail:
      return "fail";
  }
  return "unknown";
}

std::string_view SeverityName(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "error";
    case Severity::kWarning:
      return "warning";
    case Severity::kInfo:
      return "info";
  }
  return "error";
}

std::string_view OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kYes:
      return "yes";
    case Outcome::kNo:
      return "no";
    case Outcome::kUnknown:
      return "unknown";
  }
  return "unknown";
}

void Conclude(Report& report) {
  const auto failed = Deciding(report, Verdict::kFail);
  const auto open = Deciding(report, Verdict::kUnknown);
  if (!failed.empty()) {
    report.outcome = Outcome::kNo;
    report.reason = Why(failed, "stand against it");
  } else if (!open.empty()) {
    report.outcome = Outcome::kUnknown;
    report.reason = Why(open, "could not be had");
  } else if (report.findings.empty()) {
    // Nothing looked at is not the same as nothing found.
    report.outcome = Outcome::kUnknown;
    report.reason = "nothing was checked";
  } else {
    report.outcome = Outcome::kYes;
    report.reason = Clean(report);
  }
}

}  // namespace sealpost::dns
