// The report as monitoring reads it: one line for now, one for each change.
#include "dns/report.h"

#include <algorithm>
#include <utility>

namespace sealpost::dns {
namespace {

// One line of printable ASCII, without the bar that divides text from figures.
std::string OneLine(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    line += byte < 0x20 || byte >= 0x7f ? '?' : c == '|' ? '/' : c;
  }
  return line;
}

std::size_t Count(const Report& report, Verdict verdict) {
  return static_cast<std::size_t>(std::ranges::count(report.findings, verdict, &Finding::verdict));
}

std::string Figures(const Report& report) {
  return " | fail=" + std::to_string(Count(report, Verdict::kFail)) +
         " warn=" + std::to_string(Count(report, Verdict::kWarn)) +
         " unknown=" + std::to_string(Count(report, Verdict::kUnknown));
}

using Place = std::pair<std::string, std::string>;  // id, name

// The worst that was found at each place, in the report's order.
std::vector<std::pair<Place, const Finding*>> Worst(const Report& report) {
  std::vector<std::pair<Place, const Finding*>> worst;
  for (const Finding& finding : report.findings) {
    const Place place{finding.id, finding.name};
    const auto known = std::ranges::find(worst, place, &std::pair<Place, const Finding*>::first);
    if (known == worst.end())
      worst.emplace_back(place, &finding);
    else if (finding.verdict > known->second->verdict)
      known->second = &finding;
  }
  return worst;
}

bool IsQuiet(const Finding* finding) {
  return finding == nullptr || finding->verdict <= Verdict::kInfo;
}

std::string Word(const Finding* finding) {
  return finding == nullptr ? "not reported" : std::string(VerdictName(finding->verdict));
}

std::string Change(const Finding* before, const Finding* after) {
  const Finding& shown = after == nullptr ? *before : *after;
  std::string line = shown.id + " " + Word(after) + " (was " + Word(before) + ")";
  if (!shown.name.empty()) line += ": " + shown.name;
  if (after != nullptr && !after->detail.empty()) line += ": " + after->detail;
  return OneLine(line);
}

}  // namespace

NagiosLine RenderNagios(const Report& report) {
  const auto line = [&](std::string_view word, const std::string& text, int code) {
    constexpr std::size_t kMost = 900;  // with the figures below 1,000 bytes, which every monitor keeps
    std::string shown = OneLine(text);
    if (shown.size() > kMost) shown = shown.substr(0, kMost) + "...";
    return NagiosLine{"SEALPOST " + std::string(word) + " - " + shown + Figures(report), code};
  };
  switch (report.outcome) {
    case Outcome::kNo:
      return line("CRITICAL", report.domain + " cannot send at quarantine: " + report.reason, 2);
    case Outcome::kUnknown:
      return line("UNKNOWN", "could not tell whether " + report.domain + " can send at quarantine: " + report.reason,
                  3);
    case Outcome::kYes:
      break;
  }
  if (Count(report, Verdict::kWarn) > 0)
    return line("WARNING", report.domain + " can send at quarantine: " + report.reason, 1);
  return line("OK", report.domain + " can send at quarantine", 0);
}

std::vector<std::string> Changes(const Report& before, const Report& after) {
  std::vector<std::string> lines;
  auto old = Worst(before);
  const auto take = [&](const Place& place) -> const Finding* {
    const auto found = std::ranges::find(old, place, &std::pair<Place, const Finding*>::first);
    if (found == old.end()) return nullptr;
    const Finding* finding = found->second;
    old.erase(found);
    return finding;
  };
  for (const auto& [place, now] : Worst(after)) {
    const Finding* was = take(place);
    if (was != nullptr && was->verdict == now->verdict) continue;
    // What was not reported and is not wrong is no change to tell.
    if (was == nullptr && IsQuiet(now)) continue;
    lines.push_back(Change(was, now));
  }
  for (const auto& [place, was] : old)
    if (!IsQuiet(was)) lines.push_back(Change(was, nullptr));
  return lines;
}

}  // namespace sealpost::dns
