#include "ratelimit/fallback_limiter.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <mutex>
#include <string>
#include <utility>

namespace sealpost::ratelimit {
namespace {

// Both must admit, so what stands in the way is what either of them knows.
void Add(Explanation& explanation, const Explanation& other) {
  for (std::size_t i = 0; i < std::min(explanation.rules.size(), other.rules.size()); ++i) {
    if (other.rules[i].used > explanation.rules[i].used) explanation.rules[i] = other.rules[i];
  }
  explanation.blocked_until = std::max(explanation.blocked_until, other.blocked_until);
  explanation.under_attack_since = std::max(explanation.under_attack_since, other.under_attack_since);
  explanation.refusals_last_hour = std::max(explanation.refusals_last_hour, other.refusals_last_hour);
}

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();

}  // namespace

std::int64_t SteadyNow(const void*) {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

struct FallbackLimiter::Impl {
  std::unique_ptr<RedisLimiter> redis;
  std::unique_ptr<MemoryLimiter> memory;
  FallbackOptions options;

  std::atomic<bool> away = false;
  std::atomic<bool> probing = false;       // one request is finding out whether Redis is back
  std::atomic<std::int64_t> retry_at = 0;  // by the clock of the options; means something only while away
  std::atomic<std::int64_t> consent_until = kNever;

  std::atomic<std::uint64_t> generation = 0;
  std::mutex mutex;
  std::string known_generation;  // guarded by the mutex

  std::int64_t Now() const { return options.now(options.context); }

  void AskForConsent() { consent_until = Now() + std::chrono::milliseconds(options.consent).count(); }

  void Lost(const std::string& reason) {
    retry_at = Now() + options.retry.count();
    if (!away.exchange(true) && options.on_change) options.on_change(reason);
  }

  // The first contact says what is normal; it is a loss only if nobody had been there before.
  void Heard(const RedisHealth& health) {
    const std::scoped_lock lock(mutex);
    const bool lost = known_generation.empty() ? health.fresh : health.generation != known_generation;
    if (lost && !known_generation.empty()) AskForConsent();
    known_generation = health.generation;
    if (lost) ++generation;
  }

  // Whether Redis is back. Only one caller at a time asks it, and only when the time has come.
  bool Probe() {
    if (Now() < retry_at || probing.exchange(true)) return false;
    const auto answered = redis->Ping();
    if (answered) {
      Heard(*answered);
      // Before `away` falls: what this process sent meanwhile is unknown to Redis.
      AskForConsent();
      away = false;
    } else {
      Lost(answered.error());
    }
    probing = false;
    if (answered && options.on_change) options.on_change({});
    return answered.has_value();
  }

  bool Waits(const Request& request) const { return memory->PolicyOf(request.category).on_outage == OnOutage::kHold; }

  Decision Held(Decision decision) const {
    decision.outcome = Outcome::kHeld;
    decision.hold = decision.retry_after = options.hold;
    decision.degraded = true;
    return decision;
  }

  Decision AdmitAlone(const Request& request) {
    if (Waits(request)) return CheckAlone(request);
    Decision decision = memory->Admit(request);
    decision.degraded = true;
    return decision;
  }

  Decision CheckAlone(const Request& request) {
    Decision decision = memory->Check(request);
    decision.degraded = true;
    return decision.admitted() && Waits(request) ? Held(std::move(decision)) : decision;
  }

  Decision AdmitByRedis(const Request& request) {
    auto decision = redis->TryAdmit(request);
    if (!decision) {
      Lost(decision.error());
      return AdmitAlone(request);
    }
    if (decision->admitted()) memory->Record(request);
    return *std::move(decision);
  }

  Decision AdmitByBoth(const Request& request) {
    Decision local = memory->Admit(request);
    if (!local.admitted()) return local;
    auto decision = redis->TryAdmit(request);
    if (decision) {
      if (!decision->admitted()) memory->Refund(request);
      // Redis does not know of an attack that it was away for, nor of its end.
      for (Signal& signal : local.signals) {
        if (std::ranges::find(decision->signals, signal) == decision->signals.end())
          decision->signals.push_back(std::move(signal));
      }
      return *std::move(decision);
    }
    Lost(decision.error());
    local.degraded = true;
    if (!Waits(request)) return local;
    memory->Refund(request);
    return Held(std::move(local));
  }

  // For what is done in both fillings: whether Redis knows.
  bool Done(const RedisLimiter::Result<void>& result) {
    if (!result) Lost(result.error());
    return result.has_value();
  }
};

FallbackLimiter::FallbackLimiter(std::unique_ptr<RedisLimiter> redis, std::unique_ptr<MemoryLimiter> memory,
                                 FallbackOptions options)
    : impl_(new Impl) {
  impl_->redis = std::move(redis);
  impl_->memory = std::move(memory);
  impl_->options = std::move(options);
}

FallbackLimiter::~FallbackLimiter() = default;

Decision FallbackLimiter::Admit(const Request& request) {
  if (impl_->away && !impl_->Probe()) return impl_->AdmitAlone(request);
  return impl_->Now() < impl_->consent_until ? impl_->AdmitByBoth(request) : impl_->AdmitByRedis(request);
}

void FallbackLimiter::Refund(const Request& request) {
  impl_->memory->Refund(request);
  // While Redis is away there is nothing to gain from waiting for it: an entry too many errs to the safe side.
  if (!impl_->away) impl_->Done(impl_->redis->TryRefund(request));
}

Decision FallbackLimiter::Check(const Request& request) {
  if (impl_->away) return impl_->CheckAlone(request);
  if (impl_->Now() < impl_->consent_until) {
    if (Decision local = impl_->memory->Check(request); !local.admitted()) return local;
  }
  auto decision = impl_->redis->TryCheck(request);
  if (decision) return *std::move(decision);
  impl_->Lost(decision.error());
  return impl_->CheckAlone(request);
}

Explanation FallbackLimiter::Explain(const Recipient& recipient) {
  if (!impl_->away) {
    auto explanation = impl_->redis->TryExplain(recipient);
    if (explanation && impl_->Now() < impl_->consent_until) Add(*explanation, impl_->memory->Explain(recipient));
    if (explanation) return *std::move(explanation);
    impl_->Lost(explanation.error());
  }
  Explanation explanation = impl_->memory->Explain(recipient);
  explanation.degraded = true;
  return explanation;
}

bool FallbackLimiter::Block(const std::string& mailbox, std::int64_t until) {
  impl_->memory->Block(mailbox, until);
  return !impl_->away && impl_->Done(impl_->redis->TryBlock(mailbox, until));
}

bool FallbackLimiter::Unblock(const std::string& mailbox) {
  return Block(mailbox, 0);
}

bool FallbackLimiter::Reset(const std::string& mailbox) {
  impl_->memory->Reset(mailbox);
  return !impl_->away && impl_->Done(impl_->redis->TryReset(mailbox));
}

AttackState FallbackLimiter::Recover(const std::string& mailbox) {
  const AttackState here = impl_->memory->Recover(mailbox);
  if (!impl_->away) {
    const auto there = impl_->redis->TryRecover(mailbox);
    // An attack of the time without Redis is known here alone.
    if (there) return *there == AttackState::kNone ? here : *there;
    impl_->Lost(there.error());
  }
  return here == AttackState::kNone ? AttackState::kGoesOn : here;
}

bool FallbackLimiter::Seed(const std::string& mailbox, const std::vector<Accepted>& accepted) {
  impl_->memory->Seed(mailbox, accepted);
  return !impl_->away && impl_->Done(impl_->redis->TrySeed(mailbox, accepted));
}

bool FallbackLimiter::Degraded() const {
  return impl_->away;
}

std::uint64_t FallbackLimiter::Generation() const {
  return impl_->generation;
}

void FallbackLimiter::CheckHealth() {
  if (impl_->away) {
    impl_->Probe();
    return;
  }
  const auto answered = impl_->redis->Ping();
  if (answered) {
    impl_->Heard(*answered);
  } else {
    impl_->Lost(answered.error());
  }
}

std::unique_ptr<FallbackLimiter> MakeFallbackLimiter(std::unique_ptr<RedisLimiter> redis,
                                                     std::unique_ptr<MemoryLimiter> memory, FallbackOptions options) {
  return std::make_unique<FallbackLimiter>(std::move(redis), std::move(memory), std::move(options));
}

}  // namespace sealpost::ratelimit
