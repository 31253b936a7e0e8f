#include "api/app/limits.h"

#include <utility>

#include "ratelimit/fallback_limiter.h"

namespace sealpost::app {

base::Result<std::unique_ptr<ratelimit::Limiter>> MakeLimiter(const std::string& store, const std::string& username,
                                                              const std::string& password_file,
                                                              const base::Secret& hmac_key,
                                                              const ratelimit::Policy& policy, base::Log& log) {
  auto memory = ratelimit::MakeMemoryLimiter(policy, ratelimit::SystemNow);
  if (store == "memory") return memory;
  base::Secret password;
  if (!password_file.empty()) {
    auto read = base::Secret::FromFile(password_file);
    if (!read) return std::unexpected(read.error());
    password = std::move(*read);
  }
  auto address = ratelimit::ParseRedisAddress(store, username, std::string(password.Reveal()));
  if (!address) return base::Fail(base::ErrorKind::kInvalid, "limits.store: " + address.error(), "limits.store");
  ratelimit::RedisLimiterOptions options;
  options.address = std::move(*address);
  options.secret = std::string(hmac_key.Reveal());
  ratelimit::FallbackOptions fallback;
  fallback.on_change = [&log](std::string_view reason) {
    if (reason.empty()) {
      log.Info("limiter_recovered");
    } else {
      log.Warn("limiter_degraded", {{"reason", reason}});
    }
  };
  auto limiter = ratelimit::MakeFallbackLimiter(ratelimit::MakeRedisLimiter(policy, options), std::move(memory),
                                                std::move(fallback));
  if (const auto fault = ratelimit::CheckServer(options.address); fault && fault->is_unfit) {
    return base::Fail(base::ErrorKind::kUnavailable, "limits.store: " + fault->reason, "limits.store");
  }
  limiter->CheckHealth();
  return limiter;
}

}  // namespace sealpost::app
