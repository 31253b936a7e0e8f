#include "mailer/domains/domain_state.h"

#include <algorithm>
#include <utility>

#include "dns/name.h"

namespace sealpost::domains {

namespace {

using dns::Outcome;
using dns::Verdict;

constexpr int kUnknownIsNews = 2;
constexpr int kMostDoublings = 20;

using Place = std::pair<std::string, std::string>;  // id, name

std::map<Place, Verdict> WorstOf(const dns::Report* report) {
  std::map<Place, Verdict> worst;
  if (report == nullptr) return worst;
  for (const dns::Finding& finding : report->findings) {
    Verdict& verdict = worst[{finding.id, finding.name}];
    verdict = std::max(verdict, finding.verdict);
  }
  return worst;
}

bool IsFine(Verdict verdict) {
  return verdict == Verdict::kPass || verdict == Verdict::kInfo;
}

enum class Sight { kThere, kGone, kCouldNotTell };

Sight SightOf(const dns::Report& report, const WatchedKey& key) {
  bool unknown = false, bad = false;
  for (const dns::Finding& finding : report.findings) {
    if (!finding.id.starts_with("DKIM-") || !dns::SameName(finding.name, key.name)) continue;
    if (finding.id == "DKIM-KEYMATCH" && finding.verdict == Verdict::kPass) return Sight::kThere;
    unknown |= finding.verdict == Verdict::kUnknown;
    bad |= finding.verdict == Verdict::kFail || finding.verdict == Verdict::kWarn;
  }
  return bad && !unknown ? Sight::kGone : Sight::kCouldNotTell;
}

void NoteKeys(DomainState& state, const dns::Report& report, const std::vector<WatchedKey>& keys) {
  std::erase_if(state.seen_keys,
                [&](const auto& seen) { return std::ranges::find(keys, seen.first, &WatchedKey::name) == keys.end(); });
  for (const WatchedKey& key : keys) {
    const Sight sight = SightOf(report, key);
    if (sight == Sight::kThere) state.seen_keys[key.name] = key.record;
    if (sight == Sight::kGone) state.seen_keys.erase(key.name);
  }
}

int Badness(Outcome outcome) {
  return outcome == Outcome::kYes ? 0 : outcome == Outcome::kUnknown ? 1 : 2;
}

}  // namespace

bool VerdictChange::Worse() const {
  return Badness(verdict) > (was ? Badness(*was) : 0);
}

std::vector<FindingChange> CompareFindings(const dns::Report* before, const dns::Report& after) {
  std::map<Place, std::pair<Verdict, Verdict>> both;
  for (const auto& [place, verdict] : WorstOf(before)) both[place].first = verdict;
  for (const auto& [place, verdict] : WorstOf(&after)) both[place].second = verdict;
  std::vector<FindingChange> changes;
  for (const auto& [place, verdicts] : both) {
    const auto [was, is] = verdicts;
    if (was == is || (IsFine(was) && IsFine(is))) continue;
    changes.push_back({place.first, place.second, was, is});
  }
  return changes;
}

std::vector<std::string> FailingIds(const dns::Report& report) {
  std::vector<std::string> ids;
  for (const dns::Finding& finding : report.findings) {
    const bool decides = finding.verdict == Verdict::kFail && finding.severity == dns::Severity::kError;
    if (decides && std::ranges::find(ids, finding.id) == ids.end()) ids.push_back(finding.id);
  }
  return ids;
}

std::optional<VerdictChange> TakeIn(DomainState& state, dns::Report report, const std::vector<WatchedKey>& keys,
                                    base::Time at) {
  const Outcome outcome = report.outcome;
  // After a verdict of "could not tell" the news is what can be told again; otherwise what became of what was known.
  const DomainState::ReportPtr before = state.verdict == Outcome::kUnknown || !state.known ? state.report : state.known;
  state.report = std::make_shared<const dns::Report>(std::move(report));
  state.checked_at = at;
  NoteKeys(state, *state.report, keys);
  if (outcome == Outcome::kUnknown) {
    ++state.unknown_in_a_row;
  } else {
    state.unknown_in_a_row = 0;
    state.known = state.report;
    state.known_at = at;
    if (outcome == Outcome::kYes) state.failing_since.reset();
    if (outcome == Outcome::kNo && !state.failing_since) state.failing_since = at;
  }
  const bool news = outcome != Outcome::kUnknown || state.unknown_in_a_row >= kUnknownIsNews;
  if (!news || state.verdict == outcome) return std::nullopt;
  VerdictChange change{at, state.verdict, outcome, CompareFindings(before.get(), *state.report)};
  state.verdict = outcome;
  state.since = at;
  return change;
}

base::Time OutcomeSince(const DomainState& state) {
  return state.report && state.verdict == state.report->outcome ? state.since : state.checked_at;
}

base::Millis Delay(const DomainState& state, const Schedule& schedule, double random) {
  std::chrono::seconds plain = schedule.interval;
  if (state.unknown_in_a_row > 0) {
    const int doublings = std::min(state.unknown_in_a_row - 1, kMostDoublings);
    plain = std::min(plain, schedule.retry * (std::int64_t{1} << doublings));
  }
  const double scale = 1 + schedule.jitter * (2 * random - 1);
  base::Millis delay(static_cast<std::int64_t>(static_cast<double>(base::Millis(plain).count()) * scale));
  if (schedule.grace && state.failing_since) {
    const base::Millis left = *state.failing_since + *schedule.grace - state.checked_at;
    if (left > base::Millis(0)) delay = std::min(delay, left);
  }
  return delay;
}

}  // namespace sealpost::domains
