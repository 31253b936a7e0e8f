#include "ratelimit/memory_limiter.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>
#include <string>
#include <utility>

#include "ratelimit/explain.h"
#include "ratelimit/plan.h"
#include "ratelimit/shelf.h"

namespace sealpost::ratelimit {
namespace {

const Log kNoLog;

struct Content {
  std::int64_t time = 0;
  std::string id;
};

constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kRefusalsKept = 24 * kHour;

// The state of a mailbox is kept as long as anything in it matters; an hour more for a clock that is set back,
// and a day to tell that an attack is over.
std::int64_t ExpiryOf(const MailboxState& state, const AttackRule& rule) {
  const std::int64_t refusals = (state.step + 60) * rule.step + kRefusalsKept;
  return std::max(state.blocked_until + kHour, state.step == 0 ? 0 : refusals);
}

// A plan as it is being judged: what was found beside the verdict.
struct Trial {
  Verdict verdict;
  std::vector<MailboxState> states;  // by mailbox; empty where the plan needs none
  std::vector<std::int64_t> units;   // by counter
};

}  // namespace

struct MemoryLimiter::Impl {
  Impl(const Policy& policy, NowFunction now_function, const void* clock_context)
      : book(policy), attack(policy.attack), now(now_function), context(clock_context) {}

  const Log& LogOf(Kind kind, std::string_view subject) const {
    const Log* log = logs[static_cast<std::size_t>(kind)].Find(subject);
    return log == nullptr ? kNoLog : *log;
  }
  const Log& LogOf(const Counter& counter) const { return LogOf(counter.rules->kind, counter.subject); }

  MailboxState StateOf(std::string_view mailbox) const {
    const MailboxState* state = states.Find(mailbox);
    return state == nullptr ? MailboxState{} : *state;
  }

  void Keep(std::string_view mailbox, const MailboxState& state, std::int64_t clock) {
    const std::int64_t expires = ExpiryOf(state, attack);
    if (expires <= clock) {
      states.Erase(mailbox);
    } else {
      states.Put(mailbox, expires) = state;
    }
  }

  // What each counter is charged: a key only for mailboxes that got nothing lately.
  std::vector<std::int64_t> UnitsOf(const Plan& plan, std::int64_t clock) const {
    std::int64_t novel = 0;
    for (std::size_t i = 0; i < plan.mailboxes.size(); ++i) {
      const Counter& own = plan.counters[i];
      if (plan.unconfirmed[i] && Newest(LogOf(own)) <= clock - own.rules->keep) ++novel;
    }
    std::vector<std::int64_t> units;
    for (const Counter& counter : plan.counters) {
      units.push_back(counter.rules->kind == Kind::kKey ? std::min<std::int64_t>(novel, counter.units) : counter.units);
    }
    return units;
  }

  bool JudgeBlocks(const Plan& plan, Trial& trial) const {
    Verdict& verdict = trial.verdict;
    if (!plan.Blockable()) return false;
    std::int64_t until = 0;
    for (std::size_t i = 0; i < plan.mailboxes.size(); ++i) {
      MailboxState& state = trial.states.emplace_back(StateOf(plan.mailboxes[i]));
      if (ratelimit::Recover(state, attack, verdict.clock)) verdict.recovered.push_back(i);
      verdict.under_attack = verdict.under_attack || state.attacked_since != 0;
      if (state.blocked_until <= verdict.clock) continue;
      verdict.refused.push_back(i);
      until = std::max(until, state.blocked_until);
    }
    if (until == 0) return false;
    verdict.outcome = Outcome::kDenied;
    verdict.blocked = true;
    verdict.standing = Standing{.reset_at = until, .retry_at = until};
    return true;
  }

  bool JudgeContent(const Plan& plan, Verdict& verdict) const {
    if (plan.content.empty()) return false;
    const Content* earlier = contents.Find(plan.content);
    if (earlier == nullptr || verdict.clock - earlier->time >= plan.rules->duplicate) return false;
    verdict.outcome = Outcome::kCoalesced;
    verdict.earlier_id = earlier->id;
    return true;
  }

  void JudgeCounter(const Plan& plan, std::size_t index, Trial& trial) const {
    const Counter& counter = plan.counters[index];
    const Log& log = LogOf(counter);
    Verdict& verdict = trial.verdict;
    const std::int64_t time = std::max(verdict.clock, Newest(log));
    const std::vector<Rule>& rules = counter.rules->rules;
    bool refuses = false;
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (rules[i].under_attack && trial.states[index].attacked_since == 0) continue;
      Standing standing = Measure(log, rules[i], plan.rules->tag, trial.units[index], time);
      standing.counter = index;
      standing.rule = i;
      const std::int64_t count = rules[i].limit.count;
      if (rules[i].challenge && (standing.retry_at != 0 || (count - standing.remaining) * 2 >= count)) {
        verdict.half_spent = true;
      }
      if (rules[i].limit.mode == Mode::kShadow) {
        if (standing.retry_at != 0) verdict.shadow.emplace_back(index, i);
        continue;
      }
      refuses = refuses || standing.retry_at != 0;
      if (!verdict.standing || Reported(standing, *verdict.standing)) verdict.standing = standing;
    }
    if (refuses) verdict.refused.push_back(index);
  }

  Trial Judge(const Plan& plan, std::int64_t clock) const {
    Trial trial;
    Verdict& verdict = trial.verdict;
    verdict.clock = clock;
    if (!JudgeBlocks(plan, trial) && !JudgeContent(plan, verdict)) {
      trial.units = UnitsOf(plan, clock);
      for (std::size_t i = 0; i < plan.counters.size(); ++i) {
        if (trial.units[i] > 0) JudgeCounter(plan, i, trial);
      }
      if (!verdict.refused.empty()) verdict.outcome = Outcome::kDenied;
    }
    if (verdict.outcome == Outcome::kDenied) {
      for (std::size_t i = 0; i < plan.mailboxes.size(); ++i) {
        verdict.newest.push_back(Newest(LogOf(plan.counters[i])));
      }
    }
    return trial;
  }

  void CountRefusals(const Plan& plan, Trial& trial) {
    Verdict& verdict = trial.verdict;
    if (verdict.outcome != Outcome::kDenied || verdict.blocked || !plan.CountsRefusals()) return;
    std::vector<bool> counted(plan.mailboxes.size());
    for (const std::size_t index : verdict.refused) {
      const Counter& counter = plan.counters[index];
      if (!counter.OfOneMailbox() || counted[counter.recipients.front()]) continue;
      const std::size_t mailbox = counter.recipients.front();
      counted[mailbox] = true;
      MailboxState& state = trial.states[mailbox];
      if (CountRefusal(state, attack, verdict.clock)) verdict.attacked.push_back(mailbox);
      verdict.under_attack = verdict.under_attack || state.attacked_since != 0;
      Keep(plan.mailboxes[mailbox], state, verdict.clock);
    }
  }

  void Charge(const Plan& plan, const std::vector<std::int64_t>& units, std::int64_t clock) {
    for (std::size_t i = 0; i < plan.counters.size(); ++i) {
      const Counter& counter = plan.counters[i];
      if (units[i] <= 0) continue;
      const std::int64_t time = std::max(clock, Newest(LogOf(counter)));
      Shelf<Log>& shelf = logs[static_cast<std::size_t>(counter.rules->kind)];
      Append(shelf.Put(counter.subject, time + counter.rules->keep),
             {.time = time, .tag = plan.rules->tag, .count = static_cast<std::uint8_t>(units[i]), .id = plan.id},
             *counter.rules);
    }
    if (!plan.content.empty()) {
      // An hour more for a clock that is set back.
      contents.Put(plan.content, clock + plan.rules->duplicate + kHour) = {clock, std::string(plan.request_id)};
    }
    ForgetSilent(clock);
  }

  void ForgetSilent(std::int64_t clock) {
    for (Shelf<Log>& shelf : logs) shelf.Forget(clock);
    states.Forget(clock);
    contents.Forget(clock);
  }

  std::int64_t Now() const { return now(context); }

  const RuleBook book;
  const AttackRule attack;
  const NowFunction now;
  const void* const context;
  SurgeGate gate;
  mutable std::mutex mutex;
  // Guarded by the mutex.
  std::array<Shelf<Log>, kKinds> logs;
  Shelf<MailboxState> states;
  Shelf<Content> contents;
};

MemoryLimiter::MemoryLimiter(const Policy& policy, NowFunction now, const void* context)
    : impl_(std::make_unique<Impl>(policy, now, context)) {}

MemoryLimiter::~MemoryLimiter() = default;

Decision MemoryLimiter::Admit(const Request& request) {
  const Plan plan = MakePlan(impl_->book, request);
  const std::scoped_lock lock(impl_->mutex);
  Trial trial = impl_->Judge(plan, impl_->Now());
  const Verdict& verdict = trial.verdict;
  for (const std::size_t i : verdict.recovered) impl_->Keep(plan.mailboxes[i], trial.states[i], verdict.clock);
  impl_->CountRefusals(plan, trial);
  if (verdict.outcome == Outcome::kAdmitted) impl_->Charge(plan, trial.units, verdict.clock);
  return Decide(plan, verdict, impl_->gate);
}

Decision MemoryLimiter::Check(const Request& request) {
  const Plan plan = MakePlan(impl_->book, request);
  const std::scoped_lock lock(impl_->mutex);
  SurgeGate untold;  // the surge is still to be told when it happens
  Decision decision = Decide(plan, impl_->Judge(plan, impl_->Now()).verdict, untold);
  decision.signals.clear();
  return decision;
}

void MemoryLimiter::Record(const Request& request) {
  const Plan plan = MakePlan(impl_->book, request);
  const std::scoped_lock lock(impl_->mutex);
  const std::int64_t clock = impl_->Now();
  impl_->Charge(plan, impl_->UnitsOf(plan, clock), clock);
}

void MemoryLimiter::Refund(const Request& request) {
  const Plan plan = MakePlan(impl_->book, request);
  const std::scoped_lock lock(impl_->mutex);
  for (const Counter& counter : plan.counters) {
    Shelf<Log>& shelf = impl_->logs[static_cast<std::size_t>(counter.rules->kind)];
    Log* log = shelf.Change(counter.subject);
    if (log == nullptr || !TakeBack(*log, plan.id, counter.units)) continue;
    if (log->empty()) shelf.Erase(counter.subject);
  }
  const Content* content = impl_->contents.Find(plan.content);
  if (content != nullptr && content->id == request.id) impl_->contents.Erase(plan.content);
}

Explanation MemoryLimiter::Explain(const Recipient& recipient) {
  const std::scoped_lock lock(impl_->mutex);
  const MailboxLogs logs{.mailbox = impl_->LogOf(Kind::kMailbox, recipient.mailbox),
                         .unconfirmed = impl_->LogOf(Kind::kUnconfirmed, recipient.mailbox),
                         .family = impl_->LogOf(Kind::kFamily, recipient.family),
                         .domain = impl_->LogOf(Kind::kDomain, recipient.domain),
                         .state = impl_->StateOf(recipient.mailbox)};
  return MakeExplanation(impl_->book, recipient, logs, impl_->Now());
}

bool MemoryLimiter::Block(const std::string& mailbox, std::int64_t until) {
  const std::scoped_lock lock(impl_->mutex);
  MailboxState state = impl_->StateOf(mailbox);
  state.blocked_until = until;
  impl_->Keep(mailbox, state, impl_->Now());
  return true;
}

bool MemoryLimiter::Unblock(const std::string& mailbox) {
  return Block(mailbox, 0);
}

bool MemoryLimiter::Reset(const std::string& mailbox) {
  const std::scoped_lock lock(impl_->mutex);
  for (const Kind kind : {Kind::kMailbox, Kind::kUnconfirmed}) {
    impl_->logs[static_cast<std::size_t>(kind)].Erase(mailbox);
  }
  const MailboxState old = impl_->StateOf(mailbox);
  MailboxState fresh;
  fresh.blocked_until = old.blocked_until;
  impl_->Keep(mailbox, fresh, impl_->Now());
  return true;
}

AttackState MemoryLimiter::Recover(const std::string& mailbox) {
  const std::scoped_lock lock(impl_->mutex);
  const std::int64_t clock = impl_->Now();
  MailboxState state = impl_->StateOf(mailbox);
  if (state.attacked_since == 0) return AttackState::kNone;
  if (!ratelimit::Recover(state, impl_->attack, clock)) return AttackState::kGoesOn;
  impl_->Keep(mailbox, state, clock);
  return AttackState::kEnded;
}

bool MemoryLimiter::Seed(const std::string& mailbox, const std::vector<Accepted>& accepted) {
  const std::scoped_lock lock(impl_->mutex);
  const std::int64_t clock = impl_->Now();
  for (const Kind kind : {Kind::kMailbox, Kind::kUnconfirmed}) {
    const RuleSet& set = impl_->book.For(Category::kUncategorized, Trust::kNone).Of(kind);
    const Log seeded = Seeded(impl_->LogOf(kind, mailbox), EntriesOf(impl_->book, kind, accepted), set, clock);
    if (seeded.empty()) continue;
    const std::int64_t expires = Newest(seeded) + set.keep;
    impl_->logs[static_cast<std::size_t>(kind)].Put(mailbox, expires) = seeded;
  }
  return true;
}

const Policy::PerCategory& MemoryLimiter::PolicyOf(Category category) const {
  return impl_->book.policy().For(category);
}

std::size_t MemoryLimiter::Mailboxes() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->logs[static_cast<std::size_t>(Kind::kMailbox)].size();
}

std::unique_ptr<MemoryLimiter> MakeMemoryLimiter(const Policy& policy, NowFunction now, const void* context) {
  return std::make_unique<MemoryLimiter>(policy, now, context);
}

std::int64_t SystemNow(const void*) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace sealpost::ratelimit
