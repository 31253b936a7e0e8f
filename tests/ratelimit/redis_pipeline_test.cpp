#include "ratelimit/redis_pipeline.h"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/ratelimit/redis.h"

using namespace sealpost::ratelimit;
using sealpost::tests::AddressOf;
using sealpost::tests::kPatience;
using sealpost::tests::RedisServer;

namespace {

constexpr std::string_view kScript = "redis.call('INCR', KEYS[1]) return KEYS[1] .. '=' .. ARGV[1]";

// The answer, or "error: ..." for one.
std::string Ask(RedisPipeline& pipeline, const std::string& key, std::string_view argument) {
  const std::vector<std::string> keys{key};
  const std::vector<std::string_view> arguments{argument};
  const auto reply = pipeline.Call({.keys = keys, .arguments = arguments});
  return reply ? reply->text : "error: " + reply.error();
}

std::string RawText(const RedisServer& server, const RedisCommand& command) {
  auto connection = RedisConnection::Open(AddressOf(server), kPatience);
  const auto replies = connection.value().Run({&command, 1}, kPatience);
  return replies.value().front().text;
}

// Calls from many threads at once; how many did not get their own answer.
int Misdirected(RedisPipeline& pipeline, int threads, int calls) {
  std::atomic<int> wrong = 0;
  std::vector<std::jthread> callers;
  for (int i = 0; i < threads; ++i) {
    callers.emplace_back([&, i] {
      for (int k = 0; k < calls; ++k) {
        const std::string argument = std::to_string(i) + "." + std::to_string(k);
        wrong += Ask(pipeline, "key", argument) == "key=" + argument ? 0 : 1;
      }
    });
  }
  callers.clear();
  return wrong;
}

}  // namespace

TEST_CASE("a call is answered by the script") {
  RedisServer server;
  RedisPipeline pipeline(AddressOf(server), kScript, kPatience);
  CHECK(Ask(pipeline, "a", "1") == "a=1");
  CHECK(Ask(pipeline, "b", "2") == "b=2");
}

TEST_CASE("every caller of a crowd gets its own answer, each call is run once") {
  RedisServer server;
  RedisPipeline pipeline(AddressOf(server), kScript, kPatience);
  CHECK(Misdirected(pipeline, 32, 50) == 0);
  CHECK(RawText(server, {"GET", "key"}) == "1600");
}

TEST_CASE("a crowd of hundreds is served") {
  RedisServer server;
  RedisPipeline pipeline(AddressOf(server), kScript, kPatience);
  CHECK(Misdirected(pipeline, 400, 3) == 0);
  CHECK(RawText(server, {"GET", "key"}) == "1200");
}

TEST_CASE("a script that Redis forgets, again and again under a crowd, costs no call and runs none twice") {
  RedisServer server;
  RedisPipeline pipeline(AddressOf(server), kScript, kPatience);
  REQUIRE(Ask(pipeline, "a", "1") == "a=1");
  std::jthread flusher([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) RawText(server, {"SCRIPT", "FLUSH"});
  });
  CHECK(Misdirected(pipeline, 8, 100) == 0);
  flusher.request_stop();
  flusher.join();
  CHECK(Ask(pipeline, "a", "1") == "a=1");
  CHECK(RawText(server, {"GET", "key"}) == "800");
}

TEST_CASE("an error of the script is the error of its call alone") {
  RedisServer server;
  RedisPipeline pipeline(AddressOf(server), kScript, kPatience);
  RawText(server, {"SET", "text", "not a number"});
  CHECK(Ask(pipeline, "text", "1").find("not an integer") != std::string::npos);
  CHECK(Ask(pipeline, "a", "1") == "a=1");
}

TEST_CASE("a script that Redis cannot read is an error at the call") {
  RedisServer server;
  RedisPipeline pipeline(AddressOf(server), "this is no Lua", kPatience);
  CHECK(Ask(pipeline, "a", "1").starts_with("error: Redis: ERR Error compiling"));
}

TEST_CASE("after an outage the next call connects again") {
  RedisServer server;
  RedisPipeline pipeline(AddressOf(server), kScript, kPatience);
  REQUIRE(Ask(pipeline, "a", "1") == "a=1");
  server.Kill();
  CHECK(Ask(pipeline, "a", "1").starts_with("error: "));
  CHECK(Ask(pipeline, "a", "1").starts_with("error: "));
  server.Start();
  CHECK(Ask(pipeline, "a", "1") == "a=1");
}

TEST_CASE("when Redis hangs, every waiting caller is told") {
  RedisServer server;
  RedisPipeline pipeline(AddressOf(server), kScript, std::chrono::milliseconds(20));
  server.Freeze();
  CHECK(Misdirected(pipeline, 50, 2) == 100);
  server.Thaw();
}
