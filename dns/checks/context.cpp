#include "dns/checks/context.h"

#include <algorithm>
#include <iterator>
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

namespace {

constexpr std::size_t kMostAlike = 20;     // findings of one id, records of one finding
constexpr std::size_t kMostBytes = 4'096;  // of a record shown or to publish
constexpr std::size_t kMostDetail = 2'000;

void Shorten(std::string& text, std::size_t most) {
  if (text.size() <= most) return;
  const std::string all = std::to_string(text.size());
  text.resize(most);
  text += " ... (cut, of " + all + " characters)";
}

// What anybody publishes must not flood whoever looks at it.
void Bound(Finding& finding) {
  Shorten(finding.detail, kMostDetail);
  for (std::string& record : finding.records) Shorten(record, kMostBytes);
  if (const std::size_t count = finding.records.size(); count > kMostAlike) {
    finding.records.resize(kMostAlike - 1);
    finding.records.push_back("... (" + std::to_string(count - kMostAlike + 1) + " more)");
  }
  if (finding.fix && finding.fix->value.size() > kMostBytes) {
    finding.remedy += (finding.remedy.empty() ? "" : " ") + std::string("The mended record would have ") +
                      std::to_string(finding.fix->value.size()) + " bytes, too many to publish: write a shorter one.";
    finding.fix.reset();
  }
}

// Of many findings of one id the worst, and one that counts the others.
std::vector<Finding> Bounded(std::vector<Finding> alike) {
  for (Finding& finding : alike) Bound(finding);
  if (alike.size() <= kMostAlike) return alike;
  std::ranges::stable_sort(alike, std::ranges::greater{}, &Finding::verdict);
  Finding rest = std::move(alike[kMostAlike - 1]);
  rest.detail = "And " + std::to_string(alike.size() - kMostAlike + 1) + " more, none of them worse.";
  rest.records.clear();
  rest.fix.reset();
  alike.resize(kMostAlike - 1);
  alike.push_back(std::move(rest));
  return alike;
}

}  // namespace

std::vector<Finding> Findings::Take() {
  const auto place = [](const Finding& finding) {
    const auto catalog = Catalog();
    return std::ranges::find(catalog, std::string_view(finding.id), &CheckInfo::id) - catalog.begin();
  };
  std::ranges::stable_sort(findings_, {}, place);
  std::vector<Finding> taken;
  for (auto from = findings_.begin(); from != findings_.end();) {
    const auto to = std::find_if(from, findings_.end(), [&](const Finding& f) { return f.id != from->id; });
    std::vector<Finding> alike = Bounded({std::make_move_iterator(from), std::make_move_iterator(to)});
    std::ranges::move(alike, std::back_inserter(taken));
    from = to;
  }
  findings_.clear();
  return taken;
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

std::string Listed(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ", ") + item;
  return text;
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
