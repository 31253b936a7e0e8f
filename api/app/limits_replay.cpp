#include "api/app/limits_replay.h"

#include <signal.h>

#include <chrono>
#include <expected>
#include <optional>
#include <string_view>
#include <utility>

#include "mailer/base/crypto.h"
#include "ratelimit/memory_limiter.h"
#include "ratelimit/redis_limiter.h"

namespace sealpost::app {

namespace {

using base::ErrorKind;
using base::Fail;
using ratelimit::Replayed;
using Failure = std::unexpected<std::string>;

constexpr std::chrono::seconds kPatience{10};

// Holds SIGINT and SIGTERM back while it lives. They take effect afterwards, when everything is tidied up.
class HeldSignals {
 public:
  HeldSignals() {
    ::sigemptyset(&held_);
    ::sigaddset(&held_, SIGINT);
    ::sigaddset(&held_, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &held_, &before_);
  }
  ~HeldSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

  static bool Waiting() {
    sigset_t waiting;
    ::sigpending(&waiting);
    return ::sigismember(&waiting, SIGINT) == 1 || ::sigismember(&waiting, SIGTERM) == 1;
  }

 private:
  sigset_t held_{};
  sigset_t before_{};
};

// One step of SCAN: deletes what it found; the cursor to go on from.
std::expected<std::string, std::string> DeleteSome(ratelimit::RedisConnection& connection, const std::string& pattern,
                                                   const std::string& cursor) {
  using Kind = ratelimit::RedisReply::Kind;
  const ratelimit::RedisCommand scan{"SCAN", cursor, "MATCH", pattern, "COUNT", "1000"};
  const auto found = connection.Run({&scan, 1}, kPatience);
  if (!found) return Failure(found.error());
  const auto& reply = found->front();
  if (reply.kind != Kind::kList || reply.list.size() != 2) return Failure("Redis: SCAN: " + reply.text);
  ratelimit::RedisCommand unlink{"UNLINK"};
  for (const auto& key : reply.list[1].list) unlink.push_back(key.text);
  if (unlink.size() > 1) {
    const auto gone = connection.Run({&unlink, 1}, kPatience);
    if (!gone) return Failure(gone.error());
    if (gone->front().kind == Kind::kError) return Failure("Redis: UNLINK: " + gone->front().text);
  }
  return reply.list[0].text;
}

std::optional<std::string> DeleteRun(const ratelimit::RedisAddress& address, const std::string& run) {
  auto connection = ratelimit::RedisConnection::Open(address, kPatience);
  if (!connection) return connection.error();
  const std::string pattern = "replay:" + run + ":*";
  std::string cursor = "0";
  do {
    auto next = DeleteSome(*connection, pattern, cursor);
    if (!next) return next.error();
    cursor = *std::move(next);
  } while (cursor != "0");
  return std::nullopt;
}

base::Result<std::vector<Replayed>> RunInRedis(const ratelimit::RedisAddress& address, const PolicyFile& file,
                                               const ratelimit::Trace& trace) {
  const HeldSignals signals;
  const std::string run = base::RandomText(16);
  ratelimit::ReplayClock clock;
  const auto limiter = ratelimit::MakeReplayLimiter(
      file.policy, {.address = address, .secret = base::RandomBytes(32), .timeout = kPatience}, run,
      ratelimit::ReplayClock::Now, &clock);
  auto answers = ratelimit::Replay(
      trace, clock,
      [&](const ratelimit::Request& request) -> std::expected<ratelimit::Decision, std::string> {
        if (HeldSignals::Waiting()) return Failure("the replay was interrupted");
        return limiter->TryAdmit(request);
      },
      file.identity);
  const auto leftover = DeleteRun(address, run);
  if (!answers) return Fail(ErrorKind::kUnavailable, std::move(answers.error()));
  if (leftover) {
    return Fail(ErrorKind::kUnavailable,
                "the counters of this replay stay in Redis as replay:" + run + ":* until they expire: " + *leftover);
  }
  return *std::move(answers);
}

}  // namespace

base::Result<std::vector<Replayed>> RunReplay(const std::string& store, const PolicyFile& file,
                                              const ratelimit::Trace& trace) {
  if (store != "memory") {
    const auto address = ratelimit::ParseRedisAddress(store);
    if (!address) return Fail(ErrorKind::kInvalid, "--store: " + address.error(), "store");
    return RunInRedis(*address, file, trace);
  }
  ratelimit::ReplayClock clock;
  const auto limiter = ratelimit::MakeMemoryLimiter(file.policy, ratelimit::ReplayClock::Now, &clock);
  auto answers = ratelimit::Replay(
      trace, clock, [&limiter](const ratelimit::Request& request) { return limiter->Admit(request); }, file.identity);
  return *std::move(answers);
}

}  // namespace sealpost::app
