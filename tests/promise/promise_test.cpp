// The promise, as a table of numbers that seeded traces must reach, over the same script in a real Redis and over
// memory. What was accepted is counted here again, by what the traces say of their lines and not by what the engine
// thinks of them.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "dns/public_suffix.h"
#include "ratelimit/memory_limiter.h"
#include "ratelimit/redis_limiter.h"
#include "ratelimit/replay.h"
#include "tests/support/redis_server.h"
#include "tests/traces/scenarios.h"

using namespace sealpost::ratelimit;
using namespace sealpost::tests;

namespace {

constexpr std::uint32_t kSeeds[] = {1, 20, 300};

// As the service has it, but for an operator's own domains.
const IdentityRules& Identities() {
  static const sealpost::dns::PublicSuffixList list = sealpost::dns::PublicSuffixList::FromSystem().value();
  static const IdentityRules rules{
      .registered_part = [](std::string_view name) { return list.OrganizationalDomain(name); }};
  return rules;
}

struct InMemory {
  std::vector<Replayed> Run(const Policy& policy, const Trace& trace) {
    ReplayClock clock;
    const auto limiter = MakeMemoryLimiter(policy, ReplayClock::Now, &clock);
    return Replay(
               trace, clock, [&limiter](const Request& request) { return limiter->Admit(request); }, Identities())
        .value();
  }
};

struct InRedis {
  RedisServer server;
  int runs = 0;

  std::vector<Replayed> Run(const Policy& policy, const Trace& trace) {
    ReplayClock clock;
    const auto limiter = MakeReplayLimiter(policy,
                                           {.address = ParseRedisAddress(server.Url()).value(),
                                            .secret = "a secret of the tests",
                                            .timeout = std::chrono::seconds(20)},
                                           "run-" + std::to_string(++runs), ReplayClock::Now, &clock);
    return Replay(
               trace, clock, [&limiter](const Request& request) { return limiter->TryAdmit(request); }, Identities())
        .value();
  }
};

// The lines of a trace, apart: those of the attack and those somebody waited for.
struct Result {
  std::vector<std::int64_t> asked;     // times of the attack
  std::vector<std::int64_t> accepted;  // of these
  std::size_t legitimate = 0;
  std::size_t blocked = 0;
};

template <class Store>
Result RunScenario(Store& store, const Scenario& scenario, std::uint32_t seed, const Policy& policy) {
  const Trace trace = scenario.make(seed);
  const std::vector<Replayed> answers = store.Run(policy, trace);
  REQUIRE(answers.size() == trace.size());
  Result result;
  for (std::size_t i = 0; i < trace.size(); ++i) {
    const bool accepted = answers[i].answer == Answer::kAccepted;
    if (trace[i].legitimate) {
      ++result.legitimate;
      result.blocked += accepted ? 0 : 1;
      continue;
    }
    result.asked.push_back(trace[i].at);
    if (accepted) result.accepted.push_back(trace[i].at);
  }
  return result;
}

// The fullest window, found the slow and obvious way.
std::size_t MostIn(const std::vector<std::int64_t>& times, std::int64_t window) {
  std::size_t most = 0;
  for (const std::int64_t last : times) {
    const auto inside = [&](std::int64_t time) { return time <= last && time > last - window; };
    most = std::max(most, static_cast<std::size_t>(std::ranges::count_if(times, inside)));
  }
  return most;
}

// The least that was accepted in an hour of the attack, while the day's budget lasted.
std::size_t LeastOfAnHour(const Result& result, std::size_t budget) {
  std::size_t least = SIZE_MAX;
  const auto in = [&result](std::int64_t from, std::int64_t to) {
    return static_cast<std::size_t>(
        std::ranges::count_if(result.accepted, [&](std::int64_t time) { return time >= from && time < to; }));
  };
  for (std::int64_t from = 0; from + kHour <= result.asked.back(); from += kHour) {
    if (in(from + kHour - kDay, from + kHour) < budget) least = std::min(least, in(from, from + kHour));
  }
  return least;
}

const Scenario& Named(std::string_view name) {
  const auto* const found = std::ranges::find(kScenarios, name, &Scenario::name);
  REQUIRE(found != kScenarios.end());
  return *found;
}

Policy WithSourceEnforced() {
  Policy policy = Policy::Default();
  for (auto* const limits : {&policy.source, &policy.source_net}) {
    for (Limit& limit : *limits) limit.mode = Mode::kEnforce;
  }
  return policy;
}

}  // namespace

TEST_CASE_TEMPLATE("a flooded mailbox gets at most 6 messages in any hour and 10 in any day, and 2 an hour still come",
                   Store, InMemory, InRedis) {
  struct Row {
    std::string_view name;
    std::size_t day;  // what its categories and the umbrella leave of a day
  };
  Store store;
  for (const Row& row :
       {Row{"one-source", 6}, Row{"many-sources", 10}, Row{"spellings", 10}, Row{"low-and-slow", 10}}) {
    for (const std::uint32_t seed : kSeeds) {
      CAPTURE(row.name);
      CAPTURE(seed);
      const Result result = RunScenario(store, Named(row.name), seed, Policy::Default());
      CHECK(MostIn(result.accepted, kHour) <= 6);
      CHECK(MostIn(result.accepted, kDay) <= 10);
      CHECK(LeastOfAnHour(result, row.day) >= 2);
    }
  }
}

TEST_CASE_TEMPLATE("300 sends scheduled to one instant are one hour's budget", Store, InMemory, InRedis) {
  Store store;
  for (const std::uint32_t seed : kSeeds) {
    CAPTURE(seed);
    const Result result = RunScenario(store, Named("one-instant"), seed, Policy::Default());
    CHECK(result.accepted.size() <= 6);
    CHECK(result.accepted.size() >= 2);
  }
}

TEST_CASE_TEMPLATE("tags at a custom domain bring at most 24 an hour", Store, InMemory, InRedis) {
  Store store;
  for (const std::uint32_t seed : kSeeds) {
    CAPTURE(seed);
    const Result result = RunScenario(store, Named("plus-tags"), seed, Policy::Default());
    CHECK(MostIn(result.accepted, kHour) <= 24);
    CHECK(MostIn(result.accepted, kDay) <= 60);
  }
}

TEST_CASE_TEMPLATE("a catch-all domain gets at most 100 an hour, also through random subdomains", Store, InMemory,
                   InRedis) {
  Store store;
  for (const std::string_view name : {"catch-all", "wildcard"}) {
    for (const std::uint32_t seed : kSeeds) {
      CAPTURE(name);
      CAPTURE(seed);
      const Result result = RunScenario(store, Named(name), seed, Policy::Default());
      CHECK(MostIn(result.accepted, kHour) <= 100);
      CHECK(MostIn(result.accepted, kDay) <= 400);
    }
  }
}

TEST_CASE_TEMPLATE("a stolen key reaches at most 500 strangers an hour", Store, InMemory, InRedis) {
  Store store;
  for (const std::uint32_t seed : kSeeds) {
    CAPTURE(seed);
    CHECK(MostIn(RunScenario(store, Named("spray"), seed, Policy::Default()).accepted, kHour) <= 500);
  }
}

TEST_CASE_TEMPLATE("a loop of one notification is sent once in five minutes", Store, InMemory, InRedis) {
  Store store;
  for (const std::uint32_t seed : kSeeds) {
    CAPTURE(seed);
    CHECK(MostIn(RunScenario(store, Named("loop"), seed, Policy::Default()).accepted, 5 * kMinute) <= 1);
  }
}

TEST_CASE_TEMPLATE("who is known to the application logs in while an attacker spends the codes", Store, InMemory,
                   InRedis) {
  Store store;
  for (const std::uint32_t seed : kSeeds) {
    CAPTURE(seed);
    const Result result = RunScenario(store, Named("lock-out"), seed, Policy::Default());
    CHECK(result.legitimate == 24);
    CHECK(result.blocked * 100 <= result.legitimate);
    CHECK(MostIn(result.accepted, kHour) <= 8);
    CHECK(MostIn(result.accepted, kDay) <= 20);
  }
}

TEST_CASE_TEMPLATE(
    "who is known by a session logs in while an attacker solves captchas, which bring three mails an hour", Store,
    InMemory, InRedis) {
  Store store;
  for (const std::uint32_t seed : kSeeds) {
    CAPTURE(seed);
    const Result result = RunScenario(store, Named("captchas"), seed, Policy::Default());
    CHECK(result.asked.size() >= 2'400);
    CHECK(result.legitimate == 24);
    CHECK(result.blocked == 0);
    CHECK(MostIn(result.accepted, kHour) == 3);
    CHECK(MostIn(result.accepted, kDay) == 8);
  }
}

TEST_CASE_TEMPLATE("an ordinary day loses at most one mail in a thousand", Store, InMemory, InRedis) {
  Store store;
  for (const std::uint32_t seed : kSeeds) {
    CAPTURE(seed);
    const Result result = RunScenario(store, Named("ordinary-day"), seed, Policy::Default());
    CHECK(result.legitimate >= 9'000);
    CHECK(result.blocked * 1'000 <= result.legitimate);
  }
}

TEST_CASE_TEMPLATE("those who attack nobody lose nothing", Store, InMemory, InRedis) {
  Store store;
  for (const std::string_view name : {"impatient", "onboarding", "on-call", "shop"}) {
    for (const std::uint32_t seed : kSeeds) {
      CAPTURE(name);
      CAPTURE(seed);
      CHECK(RunScenario(store, Named(name), seed, Policy::Default()).blocked == 0);
    }
  }
}

TEST_CASE_TEMPLATE("an office behind one address logs in also where sources are limited", Store, InMemory, InRedis) {
  Store store;
  for (const std::uint32_t seed : kSeeds) {
    CAPTURE(seed);
    const Result result = RunScenario(store, Named("office"), seed, WithSourceEnforced());
    CHECK(result.legitimate == 300);
    CHECK(result.blocked == 0);
  }
}

TEST_CASE_TEMPLATE("one source that names many strangers is stopped where sources are limited", Store, InMemory,
                   InRedis) {
  Store store;
  for (const std::uint32_t seed : kSeeds) {
    CAPTURE(seed);
    const Result result = RunScenario(store, Named("spray"), seed, WithSourceEnforced());
    CHECK(MostIn(result.accepted, 10 * kMinute) <= 50 * 20);
    CHECK(MostIn(result.accepted, kHour) <= 500);
  }
}

TEST_CASE_TEMPLATE("thirty tags of a tester lose a fifth and no more", Store, InMemory, InRedis) {
  Store store;
  for (const std::uint32_t seed : kSeeds) {
    CAPTURE(seed);
    CHECK(RunScenario(store, Named("testers"), seed, Policy::Default()).blocked <= 6);
  }
}
