// Reaching the Redis of a test.
#pragma once

#include <chrono>

#include "ratelimit/redis_connection.h"
#include "tests/support/redis_server.h"

namespace sealpost::tests {

constexpr std::chrono::seconds kPatience{20};  // only bounds a failure

inline ratelimit::RedisAddress AddressOf(const RedisServer& server) {
  return ratelimit::ParseRedisAddress(server.Url()).value();
}

}  // namespace sealpost::tests
