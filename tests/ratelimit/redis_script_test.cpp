#include "ratelimit/redis_script.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/ratelimit/requests.h"

using namespace sealpost::ratelimit;
using sealpost::tests::Mailboxes;

namespace {

struct ScriptFixture {
  RuleBook book{Policy::Default()};
  Request request{.id = "r", .recipients = Mailboxes({"a@x", "b@x"}), .category = Category::kOtp};
  Plan plan = MakePlan(book, request);

  static RedisReply Number(std::int64_t value) {
    RedisReply reply;
    reply.kind = RedisReply::Kind::kInteger;
    reply.integer = value;
    return reply;
  }
  static RedisReply Text(std::string value) {
    RedisReply reply;
    reply.kind = RedisReply::Kind::kText;
    reply.text = std::move(value);
    return reply;
  }

  // An admission, which each test bends.
  RedisReply Answer() const {
    RedisReply reply;
    reply.kind = RedisReply::Kind::kList;
    for (const std::int64_t value : {0, 1, 2, 5, 7000, 0, 1000, 1}) reply.list.push_back(Number(value));
    for (int i = 0; i < 6; ++i) reply.list.push_back(Text(""));
    return reply;
  }
};

}  // namespace

TEST_CASE("an answer of the script is read") {
  ScriptFixture f;
  RedisReply reply = f.Answer();
  reply.list[0] = ScriptFixture::Number(2);
  reply.list[9] = ScriptFixture::Text(std::string("\0\1", 2));
  reply.list[11] = ScriptFixture::Text(std::string("\0\1", 2));
  reply.list[13] = ScriptFixture::Text(std::string("\0\0\0\0\0\3\0\0\0\0\1\0", 12));
  const auto verdict = ReadVerdict(reply, f.plan);
  REQUIRE(verdict);
  CHECK(verdict->outcome == sealpost::ratelimit::Outcome::kDenied);
  CHECK(verdict->standing->counter == 1);
  CHECK(verdict->standing->reset_at == 7000);
  CHECK(verdict->half_spent);
  CHECK_FALSE(verdict->under_attack);
  CHECK(verdict->refused == std::vector<std::size_t>{1});
  CHECK(verdict->attacked == std::vector<std::size_t>{1});
  CHECK(verdict->newest == std::vector<std::int64_t>{3, 256});
}

TEST_CASE("what the script never answers is not believed") {
  ScriptFixture f;
  CHECK_FALSE(ReadVerdict({}, f.plan));
  RedisReply reply = f.Answer();
  reply.list.pop_back();
  CHECK_FALSE(ReadVerdict(reply, f.plan));
  const auto bent = [&](std::size_t index, RedisReply value) {
    RedisReply answer = f.Answer();
    answer.list[index] = std::move(value);
    return ReadVerdict(answer, f.plan).has_value();
  };
  CHECK(bent(0, ScriptFixture::Number(1)));
  CHECK_FALSE(bent(0, ScriptFixture::Number(4)));
  CHECK_FALSE(bent(0, ScriptFixture::Number(-1)));
  CHECK_FALSE(bent(0, ScriptFixture::Text("0")));
  CHECK_FALSE(bent(1, ScriptFixture::Number(99)));
  CHECK_FALSE(bent(2, ScriptFixture::Number(99)));
  CHECK_FALSE(bent(9, ScriptFixture::Text(std::string("\0\x63", 2))));
  CHECK_FALSE(bent(10, ScriptFixture::Text(std::string("\0\0\0\x63", 4))));
  CHECK_FALSE(bent(11, ScriptFixture::Text(std::string("\0\2", 2))));
}

TEST_CASE("every name is a key of its own, under both secrets if there are two") {
  const KeyNames one{.prefix = "sp2:", .secret = "new", .previous_secret = ""};
  const KeyNames two{.prefix = "sp2:", .secret = "new", .previous_secret = "old"};
  const std::vector<std::string> names{"mailbox:a@x", "state:a@x"};
  CHECK(one.Of(names).size() == 2);
  const auto keys = two.Of(names);
  REQUIRE(keys.size() == 4);
  CHECK(keys[0] == one.Of(names)[0]);
  CHECK(keys[2] == KeyNames{.prefix = "sp2:", .secret = "old", .previous_secret = ""}.Of(names)[0]);
  CHECK(keys[0].size() == 26);
}

TEST_CASE("the script is told of each counter its rules, its charge and whose it is") {
  ScriptFixture f;
  const auto arguments = ArgumentsOf(f.plan, AttackRule(f.book.policy().attack));
  CHECK(arguments[0] == std::to_string(f.plan.rules->tag));
  CHECK(arguments[2] == std::string("\1\1\1\1\1\1\1\2", 8));
  CHECK(arguments[3] == "2");
  CHECK(arguments.back() == f.plan.rules->Of(Kind::kMailbox).packed);
  CHECK(NamesOf(f.plan) == std::vector<std::string>{"mailbox:a@x", "mailbox:b@x", "state:a@x", "state:b@x"});
  f.request.trust = Trust::kFull;
  const Plan trusted = MakePlan(f.book, f.request);
  CHECK(NamesOf(trusted).size() == 2);
}
