#include "mailer/domains/monitor.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "mailer/base/random.h"
#include "mailer/base/threads.h"
#include "mailer/domains/state_json.h"
#include "mailer/store/domain_checks.h"

namespace sealpost::domains {

namespace {

using base::ErrorKind;
using base::Fail;
using dns::Outcome;

// The wall clock may be set while a thread waits; this is how late it is noticed at most.
constexpr base::Millis kLongestWait{30'000};

std::string Listed(const std::vector<FindingChange>& findings) {
  std::string text;
  for (const FindingChange& finding : findings) {
    text += (text.empty() ? "" : ", ") + finding.id + " " + std::string(dns::VerdictName(finding.verdict)) + " (was " +
            std::string(dns::VerdictName(finding.was)) + ")";
  }
  return text;
}

MonitorOptions Completed(MonitorOptions options) {
  if (options.gate.gate == Gate::kBlock) options.schedule.grace = options.gate.grace;
  return options;
}

}  // namespace

Monitor::Monitor(MonitorOptions options, MonitorParts parts)
    : options_(Completed(std::move(options))), parts_(std::move(parts)) {}

Monitor::~Monitor() {
  Stop();
}

base::Result<std::unique_ptr<Monitor>> Monitor::Open(MonitorOptions options, MonitorParts parts) {
  std::unique_ptr<Monitor> monitor(new Monitor(std::move(options), std::move(parts)));
  if (auto loaded = monitor->Load(); !loaded) return std::unexpected(std::move(loaded.error()));
  return monitor;
}

base::Result<void> Monitor::Load() {
  std::vector<store::DomainCheck> rows;
  auto read = parts_.database.Read([&](store::Session& session) -> base::Result<void> {
    auto all = store::AllDomainChecks(session);
    if (!all) return std::unexpected(std::move(all.error()));
    rows = std::move(*all);
    return {};
  });
  if (!read) return read;
  for (const store::DomainCheck& row : rows) {
    auto state = FromRow(row);
    if (!state) {
      parts_.log.Warn("domain_state_unreadable", {{"domain", row.domain}, {"error", state.error().message}});
      continue;
    }
    entries_[row.domain].state = std::move(*state);
  }
  Refresh();
  // What was known may have changed while nobody looked: everything is looked at soon, though not all at once.
  const std::lock_guard lock(mutex_);
  for (auto& [name, entry] : entries_) {
    const auto spread = static_cast<double>(base::Millis(options_.schedule.first_within).count());
    entry.due = parts_.clock.Now() + base::Millis(static_cast<std::int64_t>(spread * base::RandomUnit()));
    ShowVerdict(name, entry.state.verdict);
  }
  return {};
}

void Monitor::Start() {
  for (std::size_t i = 0; i < options_.side_by_side; ++i) {
    threads_.push_back(
        base::StartThread("domain-watch", parts_.log, [this](const std::stop_token& stop) { Work(stop); }));
  }
}

void Monitor::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    ++version_;
  }
  for (std::jthread& thread : threads_) thread.request_stop();
  changed_.notify_all();
}

void Monitor::Refresh() {
  std::vector<std::string> gone;
  {
    const std::lock_guard lock(mutex_);
    std::vector<WatchedDomain> declared = parts_.declared();
    std::erase_if(entries_, [&](const auto& entry) {
      const bool is_gone = std::ranges::find(declared, entry.first, &WatchedDomain::name) == declared.end();
      if (is_gone) gone.push_back(entry.first);
      return is_gone;
    });
    for (WatchedDomain& domain : declared) {
      Entry& entry = entries_[domain.name];
      if (entry.domain == domain) continue;
      entry.domain = std::move(domain);
      entry.due = parts_.clock.Now();
    }
    ++version_;
  }
  changed_.notify_all();
  for (const std::string& name : gone) {
    ShowVerdict(name, std::nullopt);
    const auto deleted =
        parts_.database.Write([&](store::Session& session) { return store::DeleteDomainCheck(session, name); });
    if (!deleted) parts_.log.Warn("domain_state_not_stored", {{"domain", name}, {"error", deleted.error().message}});
  }
}

void Monitor::Work(const std::stop_token& stop) {
  while (const auto domain = AwaitDue(stop)) LookAt(*domain, stop);
}

std::optional<WatchedDomain> Monitor::AwaitDue(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested() && !stopped_) {
    Entry* next = nullptr;
    for (auto& [name, entry] : entries_) {
      if (!looking_.contains(name) && (next == nullptr || entry.due < next->due)) next = &entry;
    }
    const base::Millis wait = next == nullptr ? kLongestWait : next->due - parts_.clock.Now();
    if (wait <= base::Millis(0)) {
      looking_.insert(next->domain.name);
      return next->domain;
    }
    changed_.wait_for(lock, stop, std::min(wait, kLongestWait), [this, seen = version_] { return version_ != seen; });
  }
  return std::nullopt;
}

void Monitor::LookAt(const WatchedDomain& domain, const std::stop_token& stop) {
  dns::Report report = parts_.look(domain.name, stop);
  // A look that was cut short could not tell, and that is no news about the domain.
  if (stop.stop_requested()) return Finish(domain.name);
  parts_.metrics.Count("sealpost_domain_checks_total", {{"verdict", std::string(dns::OutcomeName(report.outcome))}});
  std::optional<VerdictChange> change;
  DomainState before, after;
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(domain.name);
    if (found == entries_.end()) {
      looking_.erase(domain.name);
      return;
    }
    DomainState& state = found->second.state;
    before = state;
    const base::Time now = parts_.clock.Now();
    change = TakeIn(state, std::move(report), domain.keys, now);
    // Keys that were declared anew meanwhile have not been looked at.
    const bool outdated = !(found->second.domain == domain);
    found->second.due = outdated ? now : now + Delay(state, options_.schedule, base::RandomUnit());
    after = state;
  }
  TellKeys(domain, before, after);
  if (change) Tell(domain.name, *change);
  Keep(domain.name, after, change);
  Finish(domain.name);
}

void Monitor::Finish(const std::string& name) {
  {
    const std::lock_guard lock(mutex_);
    looking_.erase(name);
    ++version_;
  }
  changed_.notify_all();
}

void Monitor::Tell(const std::string& name, const VerdictChange& change) {
  const std::string_view was = change.was ? dns::OutcomeName(*change.was) : "none";
  const std::string findings = Listed(change.findings);
  const auto verdict = dns::OutcomeName(change.verdict);
  if (change.Worse()) {
    parts_.log.Warn("domain_verdict_changed",
                    {{"domain", name}, {"verdict", verdict}, {"was", was}, {"findings", findings}});
  } else {
    parts_.log.Info("domain_verdict_changed",
                    {{"domain", name}, {"verdict", verdict}, {"was", was}, {"findings", findings}});
  }
  ShowVerdict(name, change.verdict);
}

void Monitor::TellKeys(const WatchedDomain& domain, const DomainState& before, const DomainState& after) {
  for (const WatchedKey& key : domain.keys) {
    if (!key.waits) continue;
    const auto seen_in = [&key](const DomainState& state) {
      const auto found = state.seen_keys.find(key.name);
      return found != state.seen_keys.end() && found->second == key.record;
    };
    const bool is = seen_in(after);
    if (seen_in(before) == is) continue;
    if (is) {
      parts_.log.Info("ed25519_signing_started", {{"domain", domain.name}, {"record", key.name}});
    } else {
      parts_.log.Warn("ed25519_signing_stopped", {{"domain", domain.name}, {"record", key.name}});
    }
  }
}

void Monitor::Keep(const std::string& name, const DomainState& state, const std::optional<VerdictChange>& change) {
  const auto written = parts_.database.Write([&](store::Session& session) -> base::Result<void> {
    if (auto put = store::PutDomainCheck(session, ToRow(name, state)); !put) return put;
    return change ? store::InsertDomainChange(session, ToRow(name, *change)) : base::Result<void>();
  });
  if (!written) parts_.log.Warn("domain_state_not_stored", {{"domain", name}, {"error", written.error().message}});
}

void Monitor::ShowVerdict(const std::string& name, std::optional<dns::Outcome> verdict) {
  for (const Outcome outcome : {Outcome::kYes, Outcome::kNo, Outcome::kUnknown}) {
    parts_.metrics.Set("sealpost_domain_verdict", verdict == outcome ? 1 : 0,
                       {{"domain", name}, {"verdict", std::string(dns::OutcomeName(outcome))}});
  }
}

base::Result<DomainState> Monitor::Latest(std::string_view domain, bool fresh) {
  const auto patience = std::chrono::steady_clock::now() + options_.patience;
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto found = entries_.find(domain);
    if (found == entries_.end())
      return Fail(ErrorKind::kNotFound, "The domain " + std::string(domain) + " is not declared here.");
    Entry& entry = found->second;
    const base::Time now = parts_.clock.Now();
    const bool young = entry.state.checked_at <= now && now - entry.state.checked_at < options_.fresh_after;
    if (entry.state.report && (!fresh || young)) return entry.state;
    if (stopped_ || std::chrono::steady_clock::now() >= patience)
      return Fail(ErrorKind::kUnavailable, "No look at the records came to an end in time: ask again shortly.");
    // A look under way is as good as one of our own, if it ends as a young one.
    if (!looking_.contains(found->first) && entry.due > now) {
      entry.due = now;
      ++version_;
      changed_.notify_all();
    }
    changed_.wait_until(lock, patience, [this, seen = version_] { return version_ != seen; });
  }
}

base::Result<std::vector<VerdictChange>> Monitor::History(std::string_view domain, std::size_t limit) {
  std::vector<VerdictChange> history;
  auto read = parts_.database.Read([&](store::Session& session) -> base::Result<void> {
    auto rows = store::DomainChanges(session, domain, limit);
    if (!rows) return std::unexpected(std::move(rows.error()));
    for (const store::DomainChange& row : *rows) history.push_back(FromRow(row));
    return {};
  });
  if (!read) return std::unexpected(std::move(read.error()));
  return history;
}

bool Monitor::HasSeen(std::string_view domain, const std::string& key_name, const std::string& record) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(domain);
  if (found == entries_.end()) return false;
  const auto seen = found->second.state.seen_keys.find(key_name);
  return seen != found->second.state.seen_keys.end() && seen->second == record;
}

std::optional<std::string> Monitor::Refused(std::string_view domain) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(domain);
  if (found == entries_.end() || !Refuses(options_.gate, found->second.state)) return std::nullopt;
  return RefusalText(found->first, found->second.state);
}

std::vector<std::string> Monitor::Troubles() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> troubles;
  for (const auto& [name, entry] : entries_) {
    std::string trouble = TroubleText(options_.gate, name, entry.state);
    if (!trouble.empty()) troubles.push_back(std::move(trouble));
  }
  return troubles;
}

}  // namespace sealpost::domains
