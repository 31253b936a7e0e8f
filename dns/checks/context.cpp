#include "dns/checks/context.h"

#include <algorithm>
#include <random>

#include "dns/checks/catalog.h"

namespace sealpost::dns {

void Findings::Add(std::string_view id, Verdict verdict, Seen seen) {
  Finding finding;
  finding.id = id;
  finding.verdict = verdict;
  finding.name = std::move(seen.name);
  finding.records = std::move(seen.records);
  finding.detail = std::move(seen.detail);
  finding.fix = std::move(seen.fix);
  finding.remedy = std::move(seen.remedy);
  if (const CheckInfo* info = FindCheck(id)) {
    finding.severity = info->severity;
    finding.rule = info->rule;
    finding.source = info->source;
    finding.ours = info->ours;
    const bool fault = verdict == Verdict::kFail || verdict == Verdict::kWarn;
    if (fault && finding.remedy.empty()) finding.remedy = info->remedy;
  }
  findings_.push_back(std::move(finding));
}

void Findings::Pass(std::string_view id, Seen seen) {
  Add(id, Verdict::kPass, std::move(seen));
}
void Findings::Unknown(std::string_view id, Seen seen) {
  Add(id, Verdict::kUnknown, std::move(seen));
}

void Findings::Info(std::string_view id, Seen seen) {
  Add(id, Verdict::kInfo, std::move(seen));
  findings_.back().severity = Severity::kInfo;
}

void Findings::Warn(std::string_view id, Seen seen) {
  Add(id, Verdict::kWarn, std::move(seen));
  findings_.back().severity = Severity::kWarning;
}

void Findings::Fail(std::string_view id, Seen seen) {
  const CheckInfo* info = FindCheck(id);
  if (info != nullptr && info->severity != Severity::kError) return Warn(id, std::move(seen));
  Add(id, Verdict::kFail, std::move(seen));
}

bool Findings::Failed(std::string_view prefix) const {
  return std::ranges::any_of(findings_,
                             [&](const Finding& f) { return f.verdict == Verdict::kFail && f.id.starts_with(prefix); });
}

bool Findings::Has(std::string_view id, Verdict verdict) const {
  return std::ranges::any_of(findings_, [&](const Finding& f) { return f.id == id && f.verdict == verdict; });
}

std::vector<Finding> Findings::Take() {
  const auto place = [](const Finding& finding) {
    const auto catalog = Catalog();
    return std::ranges::find(catalog, std::string_view(finding.id), &CheckInfo::id) - catalog.begin();
  };
  std::ranges::stable_sort(findings_, {}, place);
  return std::move(findings_);
}

Answer Context::Ask(const std::string& name, Type type) const {
  return tools.resolver.Ask({name, type}, tools.deadline);
}

void Context::Prefetch(std::vector<Question> questions) const {
  tools.resolver.Prefetch(questions);
}

const std::string& Context::ReturnPath() const {
  return sender.return_path.empty() ? sender.domain : sender.return_path;
}

std::vector<std::string> Texts(const Answer& answer) {
  std::vector<std::string> texts;
  for (const Record& record : answer.records)
    if (const Txt* txt = std::get_if<Txt>(&record.data)) texts.push_back(txt->Joined());
  return texts;
}

std::vector<std::string> Raw(const Answer& answer) {
  std::vector<std::string> raw;
  for (const Record& record : answer.records) raw.push_back(Presentation(record));
  return raw;
}

std::string Trouble(const Answer& answer, std::string_view name) {
  const std::string asked(name);
  const std::string more = answer.detail.empty() ? "" : " (" + answer.detail + ")";
  switch (answer.status) {
    case Status::kTimeout:
      return "no answer about " + asked + " came in time" + more;
    case Status::kUnreachable:
      return "no name server could be reached to ask about " + asked + more;
    case Status::kBadName:
      return asked + " is not a name that can be asked for" + more;
    default:
      break;
  }
  const std::string who = answer.server.empty() ? "the name server" : answer.server;
  if (answer.status == Status::kMalformed) return "the answer of " + who + " about " + asked + " cannot be read" + more;
  return who + " answered " + std::string(StatusName(answer.status)) + " for " + asked + more;
}

Fix TxtFix(std::string name, std::string value) {
  return {std::move(name), "TXT", std::move(value)};
}

std::string RandomLabel() {
  // Once a run: a wildcard is then asked for under one name, which a cache can answer.
  static const std::string label = [] {
    std::random_device device;
    std::uniform_int_distribution<int> letter('a', 'z');
    std::string text = "sealpost-";
    for (int i = 0; i < 16; ++i) text += static_cast<char>(letter(device));
    return text;
  }();
  return label;
}

}  // namespace sealpost::dns
