// The limiter of a whole installation: every process that names the same Redis (and the same secret) shares one
// budget per mailbox. One Lua script call per request (admit.lua), Redis' clock, millisecond precision.
//
// Redis holds `sp1:{H}:l` with H = MailboxKey(secret, mailbox): 11 bytes per accepted message, gone 25 hours after the
// last one. No address, no message, no request id in clear.
#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "ratelimit/limiter.h"
#include "ratelimit/redis_connection.h"

namespace sealpost::ratelimit {

struct RedisLimiterOptions {
  RedisAddress address;
  std::string secret;                     // of MailboxKey; the same in every process of an installation
  std::chrono::milliseconds timeout{50};  // to connect, and for each round trip
};

// Thread safe; concurrent calls share one connection and travel together. It can fail, so it is no Limiter by itself:
// wrap it (fallback_limiter.h). Errors say what Redis or the network said, without addresses.
class RedisLimiter {
 public:
  virtual ~RedisLimiter() = default;
  // After an error the request may have been charged: the reply can be lost. That errs to the safe side.
  virtual std::expected<Decision, std::string> TryAdmit(const Request& request) = 0;
  virtual std::expected<void, std::string> TryRefund(const Request& request) = 0;
  // Whether decisions are to be had at this moment. Charges nothing.
  virtual std::expected<void, std::string> Ping() = 0;
};

// Connects at the first request, not here.
std::unique_ptr<RedisLimiter> MakeRedisLimiter(const Policy& policy, RedisLimiterOptions options);

// The same script in a time of the caller's, for replaying traces and for tests: `now(context)` is Unix milliseconds.
// Its keys are `replay:RUN:{H}:l`; the script refuses a given time with any other key, so it cannot touch real
// counters.
std::unique_ptr<RedisLimiter> MakeReplayLimiter(const Policy& policy, RedisLimiterOptions options, std::string run,
                                                NowFunction now, const void* context);

// Whether a Redis can keep the promise: reachable, version 6 or newer, a primary, and never evicting keys (an evicted
// key is a new budget). Empty when fit; otherwise a sentence that names the fault and the remedy. For the boot.
std::optional<std::string> CheckServer(const RedisAddress& address,
                                       std::chrono::milliseconds timeout = std::chrono::seconds(2));

}  // namespace sealpost::ratelimit
