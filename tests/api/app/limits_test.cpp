#include "api/app/limits.h"

#include <doctest/doctest.h>

#include "tests/ratelimit/requests.h"
#include "tests/support/redis_server.h"
#include "tests/support/temp_folder.h"

using namespace sealpost;

namespace {

struct Made {
  base::Result<std::unique_ptr<ratelimit::Limiter>> operator()(const std::string& store,
                                                               const std::string& password_file = "") {
    return app::MakeLimiter(store, "", password_file, key, ratelimit::Policy::Default(), log);
  }
  base::Secret key{"a key of thirty-two characters..."};
  base::Log log{base::LogLevel::kOff};
};

ratelimit::Request Code(const std::string& id) {
  return {
      .id = id, .recipients = sealpost::tests::Mailboxes({"ann@example.org"}), .category = ratelimit::Category::kOtp};
}

}  // namespace

TEST_CASE("the filling in memory needs nothing") {
  Made make;
  const auto limiter = make("memory");
  REQUIRE(limiter);
  CHECK_FALSE((*limiter)->Degraded());
  CHECK((*limiter)->Admit(Code("1")).admitted());
  CHECK_FALSE((*limiter)->Admit(Code("2")).admitted());
}

TEST_CASE("a Redis that answers decides") {
  Made make;
  const sealpost::tests::RedisServer redis;
  const auto limiter = make(redis.Url());
  REQUIRE_MESSAGE(limiter.has_value(), (limiter ? "" : limiter.error().message));
  const ratelimit::Decision decision = (*limiter)->Admit(Code("1"));
  CHECK(decision.admitted());
  CHECK_FALSE(decision.degraded);
  // Another process on the same Redis knows of it.
  CHECK_FALSE((*make(redis.Url()))->Admit(Code("2")).admitted());
}

TEST_CASE("a Redis that is away does not stop the start, and nothing is unlimited") {
  Made make;
  const sealpost::tests::TempFolder folder;
  const auto limiter = make("redis+unix://" + folder.File("none.sock"));
  REQUIRE(limiter);
  CHECK((*limiter)->Admit(Code("1")).degraded);
  CHECK((*limiter)->Degraded());
  CHECK_FALSE((*limiter)->Admit(Code("2")).admitted());
}

TEST_CASE("a Redis that would forget budgets stops the start") {
  Made make;
  const sealpost::tests::RedisServer redis({"--maxmemory", "10mb", "--maxmemory-policy", "allkeys-lru"});
  const auto limiter = make(redis.Url());
  REQUIRE_FALSE(limiter);
  CHECK(limiter.error().message.starts_with("limits.store: "));
}

TEST_CASE("an address that is none, or with secrets in it, is refused without showing them") {
  Made make;
  for (const char* bad : {"", "Memory", "http://127.0.0.1", "redis://", "redis://127.0.0.1:x",
                          "redis://:hunter2@127.0.0.1", "rediss://127.0.0.1"}) {
    const auto limiter = make(bad);
    CHECK_MESSAGE(!limiter.has_value(), bad);
    if (!limiter) CHECK(limiter.error().message.find("hunter2") == std::string::npos);
  }
  CHECK(make("rediss://127.0.0.1").error().message.find("TLS") != std::string::npos);
}

TEST_CASE("a password file has to be there and to be private") {
  Made make;
  const sealpost::tests::TempFolder folder;
  CHECK_FALSE(make("redis://127.0.0.1", folder.File("none")));
  const auto open = make("redis://127.0.0.1", folder.Write("open", "hunter2", 0644));
  REQUIRE_FALSE(open);
  CHECK(open.error().message.find("hunter2") == std::string::npos);
}
