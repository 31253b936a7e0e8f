#include "mailer/store/ready_list.h"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/mailer/store/store_fixture.h"
#include "tests/support/manual_clock.h"

using namespace sealpost;
using namespace sealpost::store;
using namespace sealpost::store::tests;
using namespace std::chrono_literals;
using sealpost::tests::ManualClock;

namespace {

constexpr std::chrono::milliseconds kPatience = 30s;

model::Job JobOf(int number, base::Time due, std::shared_ptr<const model::RawMessage> content = nullptr) {
  model::Job job;
  job.delivery = DeliveryOf(number, 1);
  job.delivery.next_attempt_at = due;
  job.content = std::move(content);
  return job;
}

std::shared_ptr<const model::RawMessage> ContentOf(std::size_t size) {
  auto content = std::make_shared<model::RawMessage>();
  content->bytes.assign(size, 'x');
  return content;
}

}  // namespace

TEST_CASE("jobs leave in the order of their time, equal times in the order of their ids") {
  const ManualClock clock;
  const base::Time now = clock.Now();
  ReadyList list(clock, 1000);
  list.Put(JobOf(4, now - 1ms));
  list.Put(JobOf(3, now));
  list.Put(JobOf(1, now));
  list.Put(JobOf(2, now - 5ms));
  for (const int expected : {2, 4, 1, 3}) CHECK(list.TryTake()->delivery.id == IdOf(expected));
  CHECK(!list.TryTake());
}

TEST_CASE("a job is not given out before its time") {
  ManualClock clock;
  ReadyList list(clock, 1000);
  list.Put(JobOf(1, clock.Now() + 1ms));
  CHECK(!list.TryTake());
  CHECK(!list.Take({}, 0ms));
  CHECK(list.Size() == 1);
  clock.Advance(1ms);
  CHECK(list.TryTake()->delivery.id == IdOf(1));
  CHECK(list.Size() == 0);
}

TEST_CASE("Take comes back empty when the wait is over, negative waits included") {
  const ManualClock clock;
  ReadyList list(clock, 1000);
  CHECK(!list.Take({}, 1ms));
  CHECK(!list.Take({}, -5ms));
}

TEST_CASE("a waiting Take gets the job that is put") {
  const ManualClock clock;
  ReadyList list(clock, 1000);
  auto taken = std::async(std::launch::async, [&] { return list.Take({}, kPatience); });
  list.Put(JobOf(1, clock.Now()));
  CHECK(taken.get()->delivery.id == IdOf(1));
}

TEST_CASE("the longest wait there is does not overflow") {
  const ManualClock clock;
  ReadyList list(clock, 1000);
  auto taken = std::async(std::launch::async, [&] { return list.Take({}, std::chrono::milliseconds::max()); });
  list.Put(JobOf(2, base::Time::max()));
  list.Put(JobOf(1, base::Time::min() + 1ms));
  CHECK(taken.get()->delivery.id == IdOf(1));
}

TEST_CASE("a waiting Take looks at a manual clock again when it is woken") {
  ManualClock clock;
  ReadyList list(clock, 1000);
  list.Put(JobOf(1, clock.Now() + 1h));
  auto taken = std::async(std::launch::async, [&] { return list.Take({}, kPatience); });
  clock.Advance(1h);
  list.Wake();
  CHECK(taken.get()->delivery.id == IdOf(1));
}

TEST_CASE("with the real clock a job comes when it is due, without being woken") {
  const base::SystemClock clock;
  ReadyList list(clock, 1000);
  list.Put(JobOf(1, clock.Now() + 20ms));
  const auto job = list.Take({}, kPatience);
  REQUIRE(job);
  CHECK(clock.Now() >= job->delivery.next_attempt_at);
}

TEST_CASE("stop ends the waiting and gives out nothing more") {
  const ManualClock clock;
  ReadyList list(clock, 1000);
  std::stop_source stop;
  auto taken = std::async(std::launch::async, [&] { return list.Take(stop.get_token(), kPatience); });
  stop.request_stop();
  CHECK(!taken.get());
  list.Put(JobOf(1, clock.Now()));
  CHECK(!list.Take(stop.get_token(), kPatience));
  CHECK(list.Size() == 1);
}

TEST_CASE("contents are kept up to the budget, and room comes back with the jobs taken") {
  const ManualClock clock;
  ReadyList list(clock, 100);
  list.Put(JobOf(1, clock.Now(), ContentOf(60)));
  list.Put(JobOf(2, clock.Now(), ContentOf(60)));
  list.Put(JobOf(3, clock.Now(), ContentOf(40)));
  CHECK(list.TryTake()->content != nullptr);
  CHECK(list.TryTake()->content == nullptr);
  list.Put(JobOf(4, clock.Now(), ContentOf(60)));
  list.Put(JobOf(5, clock.Now(), ContentOf(1)));
  CHECK(list.TryTake()->content != nullptr);
  CHECK(list.TryTake()->content != nullptr);
  CHECK(list.TryTake()->content == nullptr);
}

TEST_CASE("a content shared by the deliveries of one message is counted once") {
  const ManualClock clock;
  ReadyList list(clock, 100);
  const auto shared = ContentOf(100);
  for (int i = 1; i <= 50; ++i) list.Put(JobOf(i, clock.Now(), shared));
  list.Put(JobOf(51, clock.Now(), ContentOf(1)));
  for (int i = 1; i <= 50; ++i) CHECK(list.TryTake()->content == shared);
  CHECK(list.TryTake()->content == nullptr);
  list.Put(JobOf(52, clock.Now(), ContentOf(100)));
  CHECK(list.TryTake()->content != nullptr);
}

TEST_CASE("a budget of nothing keeps no content") {
  const ManualClock clock;
  ReadyList list(clock, 0);
  list.Put(JobOf(1, clock.Now(), ContentOf(1)));
  CHECK(list.TryTake()->content == nullptr);
}

TEST_CASE("many takers and putters lose and double nothing") {
  const base::SystemClock clock;
  ReadyList list(clock, 10'000);
  constexpr int kJobs = 2000;
  std::atomic<int> left = kJobs;
  std::vector<std::vector<std::string>> taken(4);
  std::stop_source stop;
  {
    std::vector<std::jthread> threads;
    for (auto& mine : taken) {
      threads.emplace_back([&] {
        while (auto job = list.Take(stop.get_token(), kPatience)) {
          mine.push_back(job->delivery.id);
          if (--left == 0) stop.request_stop();
        }
      });
    }
    for (int t = 0; t < 2; ++t) {
      threads.emplace_back([&, t] {
        // Some due now, some in the next milliseconds, in no order.
        for (int i = t; i < kJobs; i += 2) list.Put(JobOf(i, clock.Now() + base::Millis(i * 7 % 20), ContentOf(100)));
      });
    }
  }
  std::set<std::string> ids;
  for (const auto& mine : taken) ids.insert(mine.begin(), mine.end());
  CHECK(left == 0);
  CHECK(ids.size() == kJobs);
}

TEST_CASE("what is taken out leaves in the order of its time, and the rest stays in order") {
  const ManualClock clock;
  const base::Time now = clock.Now();
  ReadyList list(clock, 1000);
  const auto shared = ContentOf(900);
  for (const int number : {5, 3, 1, 4, 2}) list.Put(JobOf(number, now + std::chrono::hours(number) - 1h, shared));
  const auto is_odd = [](const model::Job& job) { return job.delivery.id != IdOf(2) && job.delivery.id != IdOf(4); };
  const std::vector<model::Job> taken = list.TakeOut(is_odd);
  REQUIRE(taken.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(taken[i].delivery.id == IdOf(static_cast<int>(2 * i + 1)));
  CHECK(list.Size() == 2);
  CHECK(!list.TryTake());
  CHECK(list.TakeOut(is_odd).empty());
  const std::vector<model::Job> rest = list.TakeOut([](const model::Job&) { return true; });
  REQUIRE(rest.size() == 2);
  CHECK(rest[0].delivery.id == IdOf(2));
  // Nobody holds the content any more, so there is room for another one.
  list.Put(JobOf(6, now, ContentOf(1000)));
  CHECK(list.TryTake()->content != nullptr);
}

TEST_CASE("with a job that is taken leave those that go with it, due or not, and nobody else gets one of them") {
  const ManualClock clock;
  const base::Time now = clock.Now();
  ReadyList list(clock, 1000);
  for (const int number : {4, 2, 1, 3}) list.Put(JobOf(number, now + std::chrono::hours(number) - 1h));
  list.Put(JobOf(5, now));
  const auto is_pair = [](const model::Job& taken, const model::Job& other) {
    return taken.delivery.id == IdOf(1) && other.delivery.id != IdOf(3) && other.delivery.id != IdOf(5);
  };
  std::vector<model::Job> with_it;
  CHECK(list.TryTake(is_pair, with_it)->delivery.id == IdOf(1));
  REQUIRE(with_it.size() == 2);
  CHECK(with_it[0].delivery.id == IdOf(2));
  CHECK(with_it[1].delivery.id == IdOf(4));
  CHECK(list.Size() == 2);
  CHECK(list.Take({}, kPatience, is_pair, with_it)->delivery.id == IdOf(5));
  CHECK(with_it.size() == 2);
  CHECK_FALSE(list.TryTake(is_pair, with_it));
}

TEST_CASE("a job that goes alone costs no look at the others") {
  const ManualClock clock;
  ReadyList list(clock, 1000);
  for (int number = 1; number <= 100; ++number) list.Put(JobOf(number, clock.Now()));
  int asked = 0;
  std::vector<model::Job> with_it;
  CHECK(list.TryTake([&](const model::Job&, const model::Job&) { return ++asked == 0; }, with_it));
  CHECK(asked == 1);
  CHECK(with_it.empty());
}

TEST_CASE("whatever is taken out of a long list, the rest leaves in order") {
  ManualClock clock;
  ReadyList list(clock, 1000);
  constexpr int kJobs = 1000;
  for (int i = 0; i < kJobs; ++i) list.Put(JobOf(i, clock.Now() + std::chrono::milliseconds(i * 7919 % kJobs)));
  for (const int each : {3, 7, 2, 97}) {
    const std::size_t before = list.Size();
    const auto taken = list.TakeOut(
        [&](const model::Job& job) { return (job.delivery.next_attempt_at - clock.Now()).count() % each == 1; });
    CHECK(list.Size() == before - taken.size());
  }
  clock.Advance(std::chrono::milliseconds(kJobs));
  base::Time latest{};
  std::size_t left = list.Size();
  while (const auto job = list.TryTake()) {
    CHECK(job->delivery.next_attempt_at >= latest);
    latest = job->delivery.next_attempt_at;
    --left;
  }
  CHECK(left == 0);
  CHECK(list.Size() == 0);
}
