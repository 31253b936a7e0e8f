// What is the Redis filling's own; its decisions are tested in tests/contract.
#include "ratelimit/redis_limiter.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "ratelimit/identity.h"
#include "ratelimit/redis_script.h"
#include "tests/ratelimit/redis.h"
#include "tests/ratelimit/requests.h"

using namespace sealpost::ratelimit;
using sealpost::tests::AddressOf;
using sealpost::tests::kPatience;
using sealpost::tests::Mailboxes;
using sealpost::tests::RedisServer;

namespace {

constexpr const char* kMailbox = "john@example.com";

RedisLimiterOptions OptionsFor(const RedisServer& server, std::string secret = "secret") {
  return {.address = AddressOf(server), .secret = std::move(secret), .timeout = kPatience};
}

RedisReply Raw(const RedisServer& server, const RedisCommand& command) {
  auto connection = RedisConnection::Open(AddressOf(server), kPatience);
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
  const RedisReply reply = Raw(server, {"EVAL", LimiterScript(), "1", "sp2:x", "read", "1767225600000", "0"});
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

TEST_CASE("ping tells of a Redis that takes no more writes, and of one that begins to evict") {
  RedisServer server;
  const auto limiter = MakeRedisLimiter(Policy::Default(), OptionsFor(server));
  REQUIRE(limiter->Ping());
  Raw(server, {"CONFIG", "SET", "maxmemory", "1"});
  const auto full = limiter->Ping();
  REQUIRE_FALSE(full);
  CHECK(full.error().find("OOM") != std::string::npos);
  Raw(server, {"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"});
  const auto evicts = limiter->Ping();
  REQUIRE_FALSE(evicts);
  CHECK(evicts.error().find("allkeys-lru") != std::string::npos);
  Raw(server, {"CONFIG", "SET", "maxmemory", "0"});
  CHECK(limiter->Ping());
}

TEST_CASE("ping charges nothing and tells whether Redis is there") {
  RedisServer server;
  const auto limiter = MakeRedisLimiter(Policy::Default(), OptionsFor(server));
  CHECK(limiter->Ping());
  CHECK(Keys(server) == std::vector<std::string>{"sp2:generation"});
  server.Stop();
  CHECK_FALSE(limiter->Ping());
}

TEST_CASE("after a change of the secret, counters, blocks and content are taken over from the one before") {
  RedisServer server;
  const auto before = MakeRedisLimiter(Policy::Default(), OptionsFor(server, "old"));
  Request alert = To("alert", {kMailbox}, Category::kSecurityAlert);
  alert.content = "new device";
  for (int i = 0; i < 9; ++i) REQUIRE(before->TryAdmit(To(std::to_string(i), {kMailbox}))->admitted());
  REQUIRE(before->TryAdmit(alert)->admitted());
  REQUIRE(before->TryBlock("jane@example.com", 4'000'000'000'000));

  RedisLimiterOptions options = OptionsFor(server, "new");
  options.previous_secret = "old";
  const auto after = MakeRedisLimiter(Policy::Default(), options);
  CHECK(after->TryAdmit(To("other", {"jane@example.com"}))->rule == "recipient-block");
  CHECK(after->TryExplain({.mailbox = kMailbox})->sent.size() == 10);
  CHECK(after->TryAdmit(alert)->earlier_id == "alert");
  CHECK(after->TryAdmit(To("10", {kMailbox}))->admitted());
  CHECK_FALSE(after->TryAdmit(To("11", {kMailbox}))->admitted());
  REQUIRE(after->TryRefund(To("3", {kMailbox})));
  CHECK(after->TryAdmit(To("12", {kMailbox}))->admitted());
  CHECK_FALSE(after->TryAdmit(To("13", {kMailbox}))->admitted());
  REQUIRE(after->TryBlock("jane@example.com", 0));
  CHECK(after->TryAdmit(To("14", {"jane@example.com"}))->admitted());
  REQUIRE(after->TryReset(kMailbox));
  CHECK(after->TryExplain({.mailbox = kMailbox})->sent.empty());
}

TEST_CASE("the generation changes when Redis was emptied or started anew, and only then") {
  RedisServer server;
  const auto limiter = MakeRedisLimiter(Policy::Default(), OptionsFor(server));
  const auto first = limiter->Ping();
  REQUIRE(first);
  CHECK(first->fresh);
  const auto second = limiter->Ping();
  REQUIRE(second);
  CHECK_FALSE(second->fresh);
  CHECK(second->generation == first->generation);
  Raw(server, {"FLUSHALL"});
  const auto flushed = limiter->Ping();
  REQUIRE(flushed);
  CHECK(flushed->fresh);
  CHECK(flushed->generation != first->generation);
  server.Kill();
  server.Start();
  CHECK_FALSE(limiter->Ping());
  CHECK(limiter->Ping()->generation != flushed->generation);
}

TEST_CASE("the marker of the generation outlives every counter, and goes when nobody asks any more") {
  RedisServer server;
  const auto limiter = MakeRedisLimiter(Policy::Default(), OptionsFor(server));
  Raw(server, {"SET", "sp2:generation", "an earlier one"});
  const auto first = limiter->Ping();
  REQUIRE(first);
  CHECK_FALSE(first->fresh);
  constexpr std::int64_t kDay = 86'400'000;
  const auto left = [&] { return Raw(server, {"PTTL", "sp2:generation"}).integer; };
  CHECK(left() > 7 * kDay + kDay / 24);
  Raw(server, {"PEXPIRE", "sp2:generation", std::to_string(3 * kDay)});
  CHECK(limiter->Ping()->generation == first->generation);
  CHECK(left() > 7 * kDay);
}

TEST_CASE("a script that Redis forgot in the middle is loaded again, and nothing is charged twice") {
  RedisServer server;
  const auto limiter = MakeRedisLimiter(Policy::Default(), OptionsFor(server));
  int admitted = 0;
  for (int i = 0; i < 20; ++i) {
    if (i % 3 == 0) Raw(server, {"SCRIPT", "FLUSH"});
    admitted += limiter->TryAdmit(To(std::to_string(i), {kMailbox}))->admitted() ? 1 : 0;
  }
  CHECK(admitted == 10);
}

TEST_CASE("Redis holds no address, no source, no key and no inviter in clear") {
  RedisServer server;
  const auto limiter = MakeRedisLimiter(Policy::Default(), OptionsFor(server));
  Request request = To("r1", {kMailbox}, Category::kInvitation);
  request.recipients.front().family = "family@example.com";
  request.recipients.front().domain = "example.com";
  request.key = "the-key";
  request.source = "192.0.2.77";
  request.inviter = "the-inviter";
  request.workspace = "the-workspace";
  REQUIRE(limiter->TryAdmit(request)->admitted());
  std::string everything;
  for (const std::string& key : Keys(server)) {
    CHECK(Raw(server, {"PTTL", key}).integer > 0);
    everything += key + Raw(server, {"GET", key}).text;
  }
  CHECK(Keys(server).size() == 8);
  for (const char* word : {"john", "family", "example", "the-key", "192.0.2", "the-inviter", "the-workspace"}) {
    CHECK(everything.find(word) == std::string::npos);
  }
}

TEST_CASE("a Redis that keeps every key is fit") {
  RedisServer plain;
  CHECK_FALSE(CheckServer(OptionsFor(plain).address, kPatience));
  RedisServer capped({"--maxmemory", "100mb", "--maxmemory-policy", "noeviction"});
  CHECK_FALSE(CheckServer(OptionsFor(capped).address, kPatience));
  RedisServer unlimited({"--maxmemory-policy", "allkeys-lru"});
  CHECK_FALSE(CheckServer(OptionsFor(unlimited).address, kPatience));
}

TEST_CASE("a Redis that evicts or that is a replica is not fit, and the reason is told") {
  RedisServer evicting({"--maxmemory", "100mb", "--maxmemory-policy", "volatile-ttl"});
  const auto evicts = CheckServer(OptionsFor(evicting).address, kPatience);
  REQUIRE(evicts);
  CHECK(evicts->is_unfit);
  CHECK(evicts->reason.find("volatile-ttl") != std::string::npos);
  CHECK(evicts->reason.find("noeviction") != std::string::npos);

  RedisServer replica({"--replicaof", "127.0.0.1 1"});
  const auto follows = CheckServer(OptionsFor(replica).address, kPatience);
  REQUIRE(follows);
  CHECK(follows->is_unfit);
  CHECK(follows->reason.find("primary") != std::string::npos);
}

TEST_CASE("a Redis that nobody can ask may be fit yet") {
  RedisServer locked({"--requirepass", "secret"});
  const auto refuses = CheckServer(OptionsFor(locked).address, kPatience);
  REQUIRE(refuses);
  CHECK_FALSE(refuses->is_unfit);
  CHECK(refuses->reason.find("NOAUTH") != std::string::npos);
  locked.Kill();
  const auto away = CheckServer(OptionsFor(locked).address, kPatience);
  REQUIRE(away);
  CHECK_FALSE(away->is_unfit);
}
