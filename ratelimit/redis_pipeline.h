// One script, one connection, many callers: calls that wait at the same time travel to Redis in one write. There is
// no thread: the first caller that finds the connection free carries the calls of all, then passes the duty on.
#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "ratelimit/redis_connection.h"

namespace sealpost::ratelimit {

struct ScriptCall {
  std::span<const std::string> keys;
  std::span<const std::string_view> arguments;
};

// Thread safe. Must outlive every call in progress.
class RedisPipeline {
 public:
  // Connects at the first call, and again after an error. `script` must outlive the pipeline.
  RedisPipeline(RedisAddress address, std::string_view script, std::chrono::milliseconds timeout);
  ~RedisPipeline();

  // Runs the script and returns its reply. A script that Redis has forgotten is loaded again. An error (no connection,
  // no answer in time, an error reply) means that this call may or may not have been run. Waits for the call before,
  // then at most `timeout` to connect and `timeout` for the answers; a failure ends the wait of all that queue.
  std::expected<RedisReply, std::string> Call(const ScriptCall& call);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sealpost::ratelimit
