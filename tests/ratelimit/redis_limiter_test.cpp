// What is the Redis filling's own; its decisions are tested in tests/contract.
#include "ratelimit/redis_limiter.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "ratelimit/embedded.h"
#include "ratelimit/identity.h"
#include "tests/ratelimit/requests.h"
#include "tests/support/redis_server.h"

using namespace sealpost::ratelimit;
using sealpost::tests::Mailboxes;
using sealpost::tests::RedisServer;

namespace {

constexpr std::chrono::seconds kPatience{20};
constexpr const char* kMailbox = "john@example.com";

RedisLimiterOptions OptionsFor(const RedisServer& server, std::string secret = "secret") {
  return {.address = ParseRedisAddress(server.Url()).value(), .secret = std::move(secret), .timeout = kPatience};
}

RedisReply Raw(const RedisServer& server, const RedisCommand& command) {
  auto connection = RedisConnection::Open(ParseRedisAddress(server.Url()).value(), kPatience);
  return connection.value().Run({&command, 1}, kPatience).value().front();
}

std::vector<std::string> Keys(const RedisServer& server) {
  std::vector<std::string> keys;
  for (const RedisReply& key : Raw(server, {"KEYS", "*"}).list) keys.push_back(key.text);
  return keys;
}

Request To(std::string id, const std::vector<std::string>& mailboxes, Category category = Category::kReceipt) {
  return {.id = std::move(id), .recipients = Mailboxes(mailboxes), .category = category};
}

std::int64_t Fixed(const void* time) {
  return *static_cast<const std::int64_t*>(time);
}

}  // namespace

TEST_CASE("Redis holds a keyed hash and twelve bytes a message, nothing that names anybody, for 25 hours") {
  RedisServer server;
  const auto limiter = MakeRedisLimiter(Policy::Default(), OptionsFor(server));
  REQUIRE(limiter->TryAdmit(To("request-one", {kMailbox}))->admitted());
  REQUIRE(limiter->TryAdmit(To("request-two", {kMailbox}))->admitted());
  const std::string key = "sp2:" + MailboxKey("secret", std::string("mailbox:") + kMailbox);
  CHECK(Keys(server) == std::vector<std::string>{key});
  const std::string log = Raw(server, {"GET", key}).text;
  CHECK(log.size() == 24);
  CHECK(log.find("request") == std::string::npos);
  const std::int64_t seconds = Raw(server, {"TTL", key}).integer;
  CHECK(seconds > 24 * 3600);
  CHECK(seconds <= 25 * 3600);
}

TEST_CASE("a refund keeps the time to live, and the last one leaves nothing") {
  RedisServer server;
  const auto limiter = MakeRedisLimiter(Policy::Default(), OptionsFor(server));
  const std::string key = "sp2:" + MailboxKey("secret", std::string("mailbox:") + kMailbox);
  REQUIRE(limiter->TryAdmit(To("a", {kMailbox}))->admitted());
  REQUIRE(limiter->TryAdmit(To("b", {kMailbox}))->admitted());
  REQUIRE(limiter->TryRefund(To("a", {kMailbox})));
  CHECK(Raw(server, {"STRLEN", key}).integer == 12);
  CHECK(Raw(server, {"TTL", key}).integer > 24 * 3600);
  REQUIRE(limiter->TryRefund(To("b", {kMailbox})));
  CHECK(Keys(server).empty());
}

TEST_CASE("entries that no window reaches are trimmed at the next charge") {
  RedisServer server;
  std::int64_t now = 1'767'225'600'000;
  const auto limiter = MakeReplayLimiter(Policy::Default(), OptionsFor(server), "trim", Fixed, &now);
  const std::string key = "replay:trim:" + MailboxKey("secret", std::string("mailbox:") + kMailbox);
  for (int i = 0; i < 30; ++i, now += 3'600'000)
    REQUIRE(limiter->TryAdmit(To(std::to_string(i), {kMailbox}))->admitted());
  CHECK(Raw(server, {"STRLEN", key}).integer == 25 * 12);
}

TEST_CASE("another secret is another installation") {
  RedisServer server;
  const auto one = MakeRedisLimiter(Policy::Default(), OptionsFor(server, "one"));
  const auto two = MakeRedisLimiter(Policy::Default(), OptionsFor(server, "two"));
  const Request ack = To("a", {kMailbox}, Category::kContactAck);
  CHECK(one->TryAdmit(ack)->admitted());
  CHECK(two->TryAdmit(ack)->admitted());
  CHECK_FALSE(one->TryAdmit(ack)->admitted());
}

TEST_CASE("real counters are beyond a replay's reach: the script takes a time for replay: keys only") {
  RedisServer server;
  const RedisReply reply = Raw(server, {"EVAL", kAdmitLua, "1", "sp2:x", "read", "1767225600000", "0"});
  CHECK(reply.kind == RedisReply::Kind::kError);
  CHECK(reply.text.find("replay:") != std::string::npos);
  CHECK(Keys(server).empty());
}

TEST_CASE("replays of different names do not meet") {
  RedisServer server;
  const std::int64_t now = 0;
  const auto one = MakeReplayLimiter(Policy::Default(), OptionsFor(server), "one", Fixed, &now);
  const auto two = MakeReplayLimiter(Policy::Default(), OptionsFor(server), "two", Fixed, &now);
  const Request ack = To("a", {kMailbox}, Category::kContactAck);
  CHECK(one->TryAdmit(ack)->admitted());
  CHECK(two->TryAdmit(ack)->admitted());
  CHECK_FALSE(one->TryAdmit(ack)->admitted());
}

TEST_CASE("a Redis that refuses to write is an error, never an admission") {
  RedisServer server({"--maxmemory", "1", "--maxmemory-policy", "noeviction"});
  const auto limiter = MakeRedisLimiter(Policy::Default(), OptionsFor(server));
  const auto decision = limiter->TryAdmit(To("a", {kMailbox}));
  REQUIRE_FALSE(decision);
  CHECK(decision.error().find("OOM") != std::string::npos);
  CHECK(decision.error().find("john") == std::string::npos);
}

TEST_CASE("ping charges nothing and tells whether Redis is there") {
  RedisServer server;
  const auto limiter = MakeRedisLimiter(Policy::Default(), OptionsFor(server));
  CHECK(limiter->Ping());
  CHECK(Keys(server) == std::vector<std::string>{"sp2:generation"});
  server.Stop();
  CHECK_FALSE(limiter->Ping());
}

TEST_CASE("a Redis that keeps every key is fit") {
  RedisServer plain;
  CHECK_FALSE(CheckServer(OptionsFor(plain).address, kPatience));
  RedisServer capped({"--maxmemory", "100mb", "--maxmemory-policy", "noeviction"});
  CHECK_FALSE(CheckServer(OptionsFor(capped).address, kPatience));
  RedisServer unlimited({"--maxmemory-policy", "allkeys-lru"});
  CHECK_FALSE(CheckServer(OptionsFor(unlimited).address, kPatience));
}

TEST_CASE("a Redis that evicts, that is a replica or that is not there is not fit, and the reason is told") {
  RedisServer evicting({"--maxmemory", "100mb", "--maxmemory-policy", "volatile-ttl"});
  const auto evicts = CheckServer(OptionsFor(evicting).address, kPatience);
  REQUIRE(evicts);
  CHECK(evicts->find("volatile-ttl") != std::string::npos);
  CHECK(evicts->find("noeviction") != std::string::npos);

  RedisServer replica({"--replicaof", "127.0.0.1 1"});
  CHECK(CheckServer(OptionsFor(replica).address, kPatience).value_or("").find("primary") != std::string::npos);

  RedisServer locked({"--requirepass", "secret"});
  CHECK(CheckServer(OptionsFor(locked).address, kPatience).value_or("").find("NOAUTH") != std::string::npos);

  locked.Kill();
  CHECK(CheckServer(OptionsFor(locked).address, kPatience));
}
