// The limiter of a whole installation: every process that names the same Redis (and the same secret) shares one
// budget per counter. One Lua script call per request (admit.lua), Redis' clock, millisecond precision.
//
// Redis holds `sp2:H` with H = MailboxKey(secret, name of the counter): 12 bytes per accepted message, gone an hour
// after the largest window of the counter's rules. No address, no source, no key or inviter in clear.
#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ratelimit/limiter.h"
#include "ratelimit/redis_connection.h"

namespace sealpost::ratelimit {

struct RedisLimiterOptions {
  RedisAddress address;
  std::string secret;                     // of MailboxKey; the same in every process of an installation
  std::chrono::milliseconds timeout{50};  // to connect, and for each round trip
  // The secret before, for eight days after a change: counters not yet under the new one are taken over from it.
  std::string previous_secret = {};
};

struct RedisHealth {
  std::string generation;  // changes when counters may be lost: Redis started anew, was replaced, or was emptied
  bool fresh = false;      // nobody had asked this Redis since it was empty
};

// Thread safe; concurrent calls share one connection and travel together. It can fail, so it is no Limiter by itself:
// wrap it (fallback_limiter.h). Errors say what Redis or the network said, without addresses.
class RedisLimiter {
 public:
  template <class T>
  using Result = std::expected<T, std::string>;

  virtual ~RedisLimiter() = default;
  // As in Limiter. After an error the request may have been charged: the reply can be lost. That errs to the safe side.
  virtual Result<Decision> TryAdmit(const Request& request) = 0;
  virtual Result<void> TryRefund(const Request& request) = 0;
  virtual Result<Decision> TryCheck(const Request& request) = 0;
  virtual Result<Explanation> TryExplain(const Recipient& recipient) = 0;
  virtual Result<void> TryBlock(const std::string& mailbox, std::int64_t until) = 0;  // 0: unblock
  virtual Result<void> TryReset(const std::string& mailbox) = 0;
  virtual Result<AttackState> TryRecover(const std::string& mailbox) = 0;
  virtual Result<void> TrySeed(const std::string& mailbox, const std::vector<Accepted>& accepted) = 0;
  // Whether decisions are to be had at this moment: Redis answers, takes writes and evicts nothing. Charges nothing.
  virtual Result<RedisHealth> Ping() = 0;
};

// Connects at the first request, not here.
std::unique_ptr<RedisLimiter> MakeRedisLimiter(const Policy& policy, RedisLimiterOptions options);

// The same script in a time of the caller's, for replaying traces and for tests: `now(context)` is Unix milliseconds.
// Its keys are `replay:RUN:H`; the script refuses a given time with any other key, so it cannot touch real counters.
std::unique_ptr<RedisLimiter> MakeReplayLimiter(const Policy& policy, RedisLimiterOptions options, std::string run,
                                                NowFunction now, const void* context);

struct ServerFault {
  std::string reason;     // names the fault and the remedy
  bool is_unfit = false;  // it answered, and will not do as it is; otherwise nobody could be asked, and it may come yet
};
// Whether a Redis can keep the promise: reachable, version 6 or newer, a primary, and never evicting keys (an evicted
// key is a new budget). Nothing when fit. For the boot.
std::optional<ServerFault> CheckServer(const RedisAddress& address,
                                       std::chrono::milliseconds timeout = std::chrono::seconds(2));

}  // namespace sealpost::ratelimit
