#include "api/app/limits_replay.h"

#include <doctest/doctest.h>

#include "ratelimit/redis_connection.h"
#include "tests/support/redis_server.h"
#include "tests/support/temp_folder.h"

using namespace sealpost;
using ratelimit::Answer;

using ratelimit::Trace;

namespace {

// Codes for one mailbox, one a minute.
Trace Codes(std::uint64_t count) {
  Trace trace;
  for (std::uint64_t i = 0; i < count; ++i) {
    trace.push_back({.line = i + 1,
                     .at = static_cast<std::int64_t>(i) * 60'000,
                     .local = "ann",
                     .domain = "example.org",
                     .category = ratelimit::Category::kOtp});
  }
  return trace;
}

std::string Answers(const std::string& store, const Trace& trace) {
  const auto answers = app::RunReplay(store, {}, trace);
  REQUIRE_MESSAGE(answers.has_value(), (answers ? "" : answers.error().message));
  std::string letters;
  for (const auto& told : *answers) letters += AnswerName(told.answer).front();
  return letters;
}

std::vector<ratelimit::RedisReply> Ask(const sealpost::tests::RedisServer& server,
                                       const ratelimit::RedisCommand& command) {
  const auto address = ratelimit::ParseRedisAddress(server.Url());
  auto connection = ratelimit::RedisConnection::Open(*address, std::chrono::seconds(10));
  REQUIRE(connection);
  return connection->Run({&command, 1}, std::chrono::seconds(10)).value();
}

}  // namespace

TEST_CASE("memory and Redis answer alike") {
  const sealpost::tests::RedisServer server;
  const Trace trace = Codes(200);
  const std::string answers = Answers("memory", trace);
  CHECK(answers.starts_with("aaaaad"));
  CHECK(Answers(server.Url(), trace) == answers);
}

TEST_CASE("a replay leaves nothing in Redis and touches nothing there") {
  const sealpost::tests::RedisServer server;
  Ask(server, {"SET", "replay:other:{x}:l", "1"});
  Ask(server, {"SET", "sp2:{x}:l", "2"});
  CHECK(Answers(server.Url(), Codes(20)) == Answers(server.Url(), Codes(20)));
  CHECK(Ask(server, {"DBSIZE"}).front().integer == 2);
  CHECK(Ask(server, {"GET", "sp2:{x}:l"}).front().text == "2");
}

TEST_CASE("many keys go as one does") {
  const sealpost::tests::RedisServer server;
  Trace trace = Codes(3'000);
  for (auto& entry : trace) entry.local += std::to_string(entry.line);
  app::RunReplay(server.Url(), {}, trace).value();
  CHECK(Ask(server, {"DBSIZE"}).front().integer == 0);
}

TEST_CASE("a replay that fails half way still deletes what it made") {
  // Full after some dozen counters: the script is then refused its writes, deleting is not.
  const sealpost::tests::RedisServer server({"--maxmemory", "2mb", "--maxmemory-policy", "noeviction"});
  Trace trace = Codes(20'000);
  for (auto& entry : trace) {
    entry.local += std::to_string(entry.line);
    entry.confirmed = true;  // no budget of the domain in the way
  }
  const auto answers = app::RunReplay(server.Url(), {}, trace);
  REQUIRE_FALSE(answers);
  CHECK(answers.error().kind == base::ErrorKind::kUnavailable);
  CHECK(Ask(server, {"DBSIZE"}).front().integer == 0);
}

TEST_CASE("a store that is none or away is an error, each of its kind") {
  for (const char* bad : {"", "Memory", "http://127.0.0.1", "redis://:hunter2@127.0.0.1"}) {
    const auto answers = app::RunReplay(bad, {}, Codes(1));
    REQUIRE_FALSE(answers);
    CHECK(answers.error().kind == base::ErrorKind::kInvalid);
    CHECK(answers.error().message.find("hunter2") == std::string::npos);
  }
  const sealpost::tests::TempFolder folder;
  const auto away = app::RunReplay("redis+unix://" + folder.File("none.sock"), {}, Codes(1));
  REQUIRE_FALSE(away);
  CHECK(away.error().kind == base::ErrorKind::kUnavailable);
}
