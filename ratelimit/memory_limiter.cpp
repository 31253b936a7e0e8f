#include "ratelimit/memory_limiter.h"

#include <algorithm>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "ratelimit/rules.h"

namespace sealpost::ratelimit {
namespace {

struct Entry {
  std::int64_t time;  // Unix ms
  std::uint32_t id;
  std::uint8_t tag;
};

struct Log {
  std::string mailbox;
  std::vector<Entry> entries;  // oldest first
};

// In the order of their newest entries, so that the silent ones are found at the front.
using Logs = std::list<Log>;

std::int64_t Newest(const Log* log) {
  return log == nullptr || log->entries.empty() ? 0 : log->entries.back().time;
}

Standing Measure(const Log* log, const RuleSet& set, std::size_t index, std::int64_t now) {
  const Rule& rule = set.rules[index];
  const std::int64_t window = std::chrono::milliseconds(rule.limit.window).count();
  std::int64_t used = 0;
  std::int64_t oldest = now;
  std::int64_t frees_next = now;  // the entry that must leave before one more fits
  if (log != nullptr) {
    for (auto entry = log->entries.rbegin(); entry != log->entries.rend() && entry->time > now - window; ++entry) {
      if (!Counts(rule.scope, set.tag, entry->tag)) continue;
      oldest = entry->time;
      if (++used == rule.limit.count) frees_next = entry->time;
    }
  }
  if (used < rule.limit.count) return {index, rule.limit.count - used - 1, oldest + window, 0};
  return {index, 0, oldest + window, frees_next + window};
}

Standing Judge(const Log* log, const RuleSet& set, std::int64_t now) {
  Standing worst = Measure(log, set, 0, now);
  for (std::size_t i = 1; i < set.rules.size(); ++i) {
    const Standing standing = Measure(log, set, i, now);
    if (Reported(standing, worst)) worst = standing;
  }
  return worst;
}

}  // namespace

struct MemoryLimiter::Impl {
  Impl(const Policy& policy, NowFunction now_function, const void* clock_context)
      : book(policy), now(now_function), context(clock_context) {}

  Log* Find(std::string_view mailbox) {
    const auto found = by_mailbox.find(mailbox);
    return found == by_mailbox.end() ? nullptr : &*found->second;
  }

  void Charge(std::string_view mailbox, const Entry& entry) {
    auto found = by_mailbox.find(mailbox);
    if (found == by_mailbox.end()) {
      logs.push_back({std::string(mailbox), {}});
      found = by_mailbox.emplace(logs.back().mailbox, std::prev(logs.end())).first;
    } else {
      logs.splice(logs.end(), logs, found->second);
    }
    std::vector<Entry>& entries = found->second->entries;
    const std::int64_t expired = entry.time - book.Retention();
    entries.erase(entries.begin(), std::ranges::upper_bound(entries, expired, {}, &Entry::time));
    entries.push_back(entry);
  }

  void ChargeAll(const Request& request, const RuleSet& set, std::int64_t clock) {
    for (const std::string_view mailbox : Distinct(request.recipients)) {
      Charge(mailbox, {std::max(clock, Newest(Find(mailbox))), ShortId(request.id), set.tag});
    }
    ForgetSilent(clock);
  }

  void ForgetSilent(std::int64_t clock) {
    while (!logs.empty() && Newest(&logs.front()) <= clock - book.Retention()) {
      by_mailbox.erase(logs.front().mailbox);
      logs.pop_front();
    }
  }

  const RuleBook book;
  const NowFunction now;
  const void* const context;
  mutable std::mutex mutex;
  // Guarded by the mutex. The keys are views of Log::mailbox: list nodes stay where they are.
  Logs logs;
  std::unordered_map<std::string_view, Logs::iterator> by_mailbox;
};

MemoryLimiter::MemoryLimiter(const Policy& policy, NowFunction now, const void* context)
    : impl_(std::make_unique<Impl>(policy, now, context)) {}

MemoryLimiter::~MemoryLimiter() = default;

Decision MemoryLimiter::Admit(const Request& request) {
  const RuleSet& set = impl_->book.For(request);
  const std::vector<std::string_view> mailboxes = Distinct(request.recipients);
  if (mailboxes.empty() || set.rules.empty()) return NothingToJudge();
  const std::scoped_lock lock(impl_->mutex);
  Verdict verdict{.standing = {}, .clock = impl_->now(impl_->context), .refused = {}, .last_sent_at = 0};
  std::optional<Standing> worst;
  for (const std::string_view mailbox : mailboxes) {
    const Log* log = impl_->Find(mailbox);
    const Standing standing = Judge(log, set, std::max(verdict.clock, Newest(log)));
    if (!worst || Reported(standing, *worst)) worst = standing;
    if (standing.retry_at == 0) continue;
    verdict.refused.emplace_back(mailbox);
    verdict.last_sent_at = std::max(verdict.last_sent_at, Newest(log));
  }
  if (verdict.refused.empty()) impl_->ChargeAll(request, set, verdict.clock);
  verdict.standing = *worst;
  return Decide(set, std::move(verdict));
}

void MemoryLimiter::Record(const Request& request) {
  const std::scoped_lock lock(impl_->mutex);
  impl_->ChargeAll(request, impl_->book.For(request), impl_->now(impl_->context));
}

void MemoryLimiter::Refund(const Request& request) {
  const std::uint32_t id = ShortId(request.id);
  const std::scoped_lock lock(impl_->mutex);
  const std::int64_t clock = impl_->now(impl_->context);
  for (const std::string_view mailbox : Distinct(request.recipients)) {
    Log* log = impl_->Find(mailbox);
    if (log == nullptr) continue;
    const std::int64_t too_old = std::max(clock, Newest(log)) - kRefundFor;
    const auto entry = std::ranges::find(log->entries.rbegin(), log->entries.rend(), id, &Entry::id);
    if (entry == log->entries.rend() || entry->time <= too_old) continue;
    log->entries.erase(std::next(entry).base());
  }
}

std::size_t MemoryLimiter::Mailboxes() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->logs.size();
}

std::unique_ptr<MemoryLimiter> MakeMemoryLimiter(const Policy& policy, NowFunction now, const void* context) {
  return std::make_unique<MemoryLimiter>(policy, now, context);
}

std::int64_t SystemNow(const void*) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace sealpost::ratelimit
