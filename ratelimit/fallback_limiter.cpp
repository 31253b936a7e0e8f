#include "ratelimit/fallback_limiter.h"

#include <atomic>
#include <limits>
#include <utility>

namespace sealpost::ratelimit {
namespace {

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

  std::int64_t Now() const { return options.now(options.context); }

  void Lost(const std::string& reason) {
    retry_at = Now() + options.retry.count();
    if (!away.exchange(true) && options.on_change) options.on_change(reason);
  }

  // Whether Redis is back. Only one caller at a time asks it, and only when the time has come.
  bool Probe() {
    if (Now() < retry_at || probing.exchange(true)) return false;
    const auto answered = redis->Ping();
    if (answered) {
      // Before `away` falls: what this process sent meanwhile is unknown to Redis.
      consent_until = Now() + std::chrono::milliseconds(options.consent).count();
      away = false;
    } else {
      Lost(answered.error());
    }
    probing = false;
    if (answered && options.on_change) options.on_change({});
    return answered.has_value();
  }

  Decision AdmitAlone(const Request& request) {
    Decision decision = memory->Admit(request);
    decision.degraded = true;
    return decision;
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
    if (!decision) {
      Lost(decision.error());
      local.degraded = true;
      return local;
    }
    if (!decision->admitted()) memory->Refund(request);
    return *std::move(decision);
  }
};

FallbackLimiter::FallbackLimiter(std::unique_ptr<RedisLimiter> redis, std::unique_ptr<MemoryLimiter> memory,
                                 FallbackOptions options)
    : impl_(new Impl{.redis = std::move(redis), .memory = std::move(memory), .options = std::move(options)}) {}

FallbackLimiter::~FallbackLimiter() = default;

Decision FallbackLimiter::Admit(const Request& request) {
  if (impl_->away && !impl_->Probe()) return impl_->AdmitAlone(request);
  return impl_->Now() < impl_->consent_until ? impl_->AdmitByBoth(request) : impl_->AdmitByRedis(request);
}

void FallbackLimiter::Refund(const Request& request) {
  impl_->memory->Refund(request);
  // While Redis is away there is nothing to gain from waiting for it: an entry too many errs to the safe side.
  if (impl_->away) return;
  if (const auto refunded = impl_->redis->TryRefund(request); !refunded) impl_->Lost(refunded.error());
}

bool FallbackLimiter::Degraded() const {
  return impl_->away;
}

void FallbackLimiter::CheckHealth() {
  if (impl_->away) {
    impl_->Probe();
  } else if (const auto answered = impl_->redis->Ping(); !answered) {
    impl_->Lost(answered.error());
  }
}

std::unique_ptr<FallbackLimiter> MakeFallbackLimiter(std::unique_ptr<RedisLimiter> redis,
                                                     std::unique_ptr<MemoryLimiter> memory, FallbackOptions options) {
  return std::make_unique<FallbackLimiter>(std::move(redis), std::move(memory), std::move(options));
}

}  // namespace sealpost::ratelimit
