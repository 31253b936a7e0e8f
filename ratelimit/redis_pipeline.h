// One script, one connection, many callers: a call goes out at once, with those that came while another was being
// sent, and never waits for the answers of calls before it. There is no thread: of the callers one sends for all that
// wait to be sent, one receives for all that wait to be answered, and each passes its duty on when it is done.
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

  // Runs the script and returns its reply. A script that Redis has forgotten goes along once more. An error (no
  // connection, no answer in time, an error reply) means that this call may or may not have been run. Takes at most
  // `timeout` to connect; then Redis may be silent for `timeout` at most, and when it is, all calls under way fail
  // together. Many calls wait for each other as long as answers keep coming.
  std::expected<RedisReply, std::string> Call(const ScriptCall& call);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sealpost::ratelimit
