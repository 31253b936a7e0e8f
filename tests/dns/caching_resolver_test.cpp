#include "dns/caching_resolver.h"

#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/fake_dns_server.h"

using namespace sealpost::dns;
using namespace std::chrono_literals;
using sealpost::tests::Behaviour;
using sealpost::tests::FakeDnsServer;
using Time = std::chrono::steady_clock::time_point;

namespace {

constexpr int kTxt = 16;

struct Fixture {
  explicit Fixture(CacheOptions cache_options = {}) : cached(inner, WithClock(std::move(cache_options))) {
    server.AddTxt("x.example", "x");
    server.AddSoa("example", 60);
  }
  CacheOptions WithClock(CacheOptions chosen) {
    chosen.now = [this] { return now.load(); };
    return chosen;
  }
  Answer Ask(const std::string& name, Type type = Type::kTxt) { return cached.Ask({name, type}, kNoDeadline); }

  std::atomic<Time> now{Time(1000h)};
  FakeDnsServer server;
  CaresResolver inner{CaresOptions{{ParseServer(server.address()).value()}, 20s, 2, 60s}};
  CachingResolver cached;
};

}  // namespace

TEST_CASE("an answer is asked for once, in whatever case") {
  Fixture f;
  CHECK(f.Ask("x.example").status == Status::kAnswer);
  CHECK(f.Ask("X.Example").records.size() == 1);
  CHECK(f.server.Count() == 1);
}

TEST_CASE("type, CD and servers make another question") {
  Fixture f;
  const Server server = f.inner.Servers().at(0);
  for (int i = 0; i < 2; ++i) {
    f.Ask("x.example");
    f.Ask("x.example", Type::kA);
    f.cached.Ask({"x.example", Type::kTxt, true}, kNoDeadline);
    f.cached.Ask({"x.example", Type::kTxt, false, {server}}, kNoDeadline);
    f.cached.Ask({"x.example", Type::kTxt, false, {server, server}}, kNoDeadline);
  }
  CHECK(f.server.Count() == 5);
}

TEST_CASE("an answer holds for its TTL, a negative one for that of the SOA") {
  Fixture f;
  f.Ask("x.example");
  f.Ask("none.example");
  f.now = f.now.load() + 59s;
  f.Ask("x.example");
  CHECK(f.Ask("none.example").status == Status::kNxDomain);
  CHECK(f.server.Count() == 2);
  f.now = f.now.load() + 1s;
  f.Ask("none.example");
  CHECK(f.server.Count("none.example", kTxt) == 2);
  f.now = f.now.load() + 239s;
  f.Ask("x.example");
  CHECK(f.server.Count("x.example", kTxt) == 1);
  f.now = f.now.load() + 1s;
  f.Ask("x.example");
  CHECK(f.server.Count("x.example", kTxt) == 2);
}

TEST_CASE("no answer is kept longer than allowed, and none shorter than a run") {
  CacheOptions options;
  options.longest = 100s;
  Fixture f(options);
  f.server.Add("zero.example", kTxt, std::string("\1z"), 0);
  f.Ask("x.example");
  f.Ask("zero.example");
  f.now = f.now.load() + 4s;
  f.Ask("zero.example");
  CHECK(f.server.Count("zero.example", kTxt) == 1);
  f.now = f.now.load() + 96s;
  f.Ask("x.example");
  f.Ask("zero.example");
  CHECK(f.server.Count("x.example", kTxt) == 2);
  CHECK(f.server.Count("zero.example", kTxt) == 2);
}

TEST_CASE("a failure is kept for a run only") {
  Fixture f;
  f.server.Behave("bad.example", Behaviour::kServfail);
  f.Ask("bad.example");
  CHECK(f.Ask("bad.example").status == Status::kServfail);
  CHECK(f.server.Count("bad.example", kTxt) == 1);
  f.now = f.now.load() + 5s;
  f.Ask("bad.example");
  CHECK(f.server.Count("bad.example", kTxt) == 2);
}

TEST_CASE("what is fetched ahead is not asked for again") {
  Fixture f;
  std::vector<Question> questions;
  for (int i = 0; i < 50; ++i) questions.push_back({"n" + std::to_string(i) + ".example", Type::kTxt});
  questions.push_back({"bad..name", Type::kTxt});
  f.cached.Prefetch(questions);
  for (const Question& question : questions) f.cached.Ask(question, kNoDeadline);
  CHECK(f.server.Count() == 50);
  CHECK(f.Ask("bad..name").status == Status::kBadName);
}

TEST_CASE("many who ask at once wait for one question") {
  Fixture f;
  f.server.SetDelay(50ms);
  std::vector<std::future<Answer>> answers;
  for (int i = 0; i < 20; ++i) {
    answers.push_back(std::async(std::launch::async, [&] { return f.Ask("x.example"); }));
  }
  for (auto& answer : answers) CHECK(answer.get().status == Status::kAnswer);
  CHECK(f.server.Count() == 1);
}

TEST_CASE("who has less time leaves, who has more gets the answer to the same question") {
  Fixture f;
  f.server.Behave("x.example", Behaviour::kSilent);
  const Question question{"x.example", Type::kTxt};
  CHECK(f.cached.Ask(question, std::chrono::steady_clock::now() + 20ms).status == Status::kTimeout);
  CHECK(f.cached.Ask(question, Deadline{}).status == Status::kTimeout);
  CHECK(f.server.Count() <= 1);
  Fixture slow;
  slow.server.SetDelay(100ms);
  CHECK(slow.cached.Ask(question, Deadline{}).status == Status::kTimeout);
  CHECK(slow.cached.Ask(question, kNoDeadline).status == Status::kAnswer);
  CHECK(slow.server.Count() == 1);
}

TEST_CASE("the oldest answers go first when there are too many") {
  CacheOptions options;
  options.entries = 3;
  Fixture f(options);
  for (const char* name : {"a.example", "b.example", "c.example", "d.example"}) f.Ask(name);
  for (const char* name : {"b.example", "c.example", "d.example"}) f.Ask(name);
  CHECK(f.server.Count() == 4);
  f.Ask("a.example");
  CHECK(f.server.Count("a.example", kTxt) == 2);
}

TEST_CASE("large answers do not fill the memory") {
  CacheOptions options;
  options.bytes = 100'000;
  Fixture f(options);
  for (int i = 0; i < 10; ++i) {
    const std::string name = "big" + std::to_string(i) + ".example";
    f.server.AddTxt(name, std::string(20'000, 'x'));
    CHECK(f.Ask(name).records.size() == 1);
  }
  f.Ask("big9.example");
  f.Ask("big0.example");
  CHECK(f.server.Count("big9.example", kTxt) == 2);  // over UDP and TCP
  CHECK(f.server.Count("big0.example", kTxt) == 4);
}

TEST_CASE("an answer larger than the whole cache is still given") {
  CacheOptions options;
  options.bytes = 1;
  Fixture f(options);
  CHECK(f.Ask("x.example").records.size() == 1);
  CHECK(f.Ask("x.example").records.size() == 1);
}

TEST_CASE("after Clear everything is asked anew") {
  Fixture f;
  f.Ask("x.example");
  f.cached.Clear();
  f.Ask("x.example");
  CHECK(f.server.Count() == 2);
}

TEST_CASE("the cache may end while answers are on their way") {
  Fixture f;
  f.server.SetSilenceAll(true);
  {
    CachingResolver short_lived(f.inner, {});
    const Question question{"x.example", Type::kTxt};
    short_lived.Prefetch({&question, 1});
  }
  f.server.SetSilenceAll(false);
  CHECK(f.Ask("y.example").status == Status::kNxDomain);
}

TEST_CASE("asking, fetching ahead and clearing from many threads do no harm") {
  CacheOptions options;
  options.entries = 5;
  Fixture f(options);
  std::atomic<int> told{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 6; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 100; ++i) {
          const Question question{"n" + std::to_string((t + i) % 10) + ".example", Type::kTxt};
          f.cached.Prefetch({&question, 1});
          if (i % 20 == 0) f.cached.Clear();
          told += f.cached.Ask(question, kNoDeadline).Told() ? 1 : 0;
        }
      });
    }
  }
  CHECK(told == 600);
}
