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

model::Job ScheduledOf(int number, base::Time due, int email_number,
                       std::shared_ptr<const model::RawMessage> content = nullptr) {
  model::Job job = JobOf(number, due, std::move(content));
  job.delivery.email_id = IdOf(email_number);
  job.delivery.state = model::DeliveryState::kScheduled;
  return job;
}

model::Job HeldOf(int number, base::Time due, const std::string& mailbox = "ann@example.org") {
  model::Job job = JobOf(number, due);
  job.delivery.mailbox = mailbox;
  job.delivery.held_by = "notification-mailbox-1m";
  return job;
}

std::vector<std::string> IdsOf(const std::vector<model::Job>& jobs) {
  std::vector<std::string> ids;
  for (const model::Job& job : jobs) ids.push_back(job.delivery.id);
  return ids;
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
  for (const int expected : {2, 4, 1, 3}) CHECK(list.Take({}, 0ms)->delivery.id == IdOf(expected));
  CHECK(!list.Take({}, 0ms));
}

TEST_CASE("a job is not given out before its time") {
  ManualClock clock;
  ReadyList list(clock, 1000);
  list.Put(JobOf(1, clock.Now() + 1ms));
  CHECK(!list.Take({}, 0ms));
  CHECK(list.Size() == 1);
  clock.Advance(1ms);
  CHECK(list.Take({}, 0ms)->delivery.id == IdOf(1));
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
  CHECK(list.Take({}, 0ms)->content != nullptr);
  CHECK(list.Take({}, 0ms)->content == nullptr);
  list.Put(JobOf(4, clock.Now(), ContentOf(60)));
  list.Put(JobOf(5, clock.Now(), ContentOf(1)));
  CHECK(list.Take({}, 0ms)->content != nullptr);
  CHECK(list.Take({}, 0ms)->content != nullptr);
  CHECK(list.Take({}, 0ms)->content == nullptr);
}

TEST_CASE("a content shared by the deliveries of one message is counted once") {
  const ManualClock clock;
  ReadyList list(clock, 100);
  const auto shared = ContentOf(100);
  for (int i = 1; i <= 50; ++i) list.Put(JobOf(i, clock.Now(), shared));
  list.Put(JobOf(51, clock.Now(), ContentOf(1)));
  for (int i = 1; i <= 50; ++i) CHECK(list.Take({}, 0ms)->content == shared);
  CHECK(list.Take({}, 0ms)->content == nullptr);
  list.Put(JobOf(52, clock.Now(), ContentOf(100)));
  CHECK(list.Take({}, 0ms)->content != nullptr);
}

TEST_CASE("a budget of nothing keeps no content") {
  const ManualClock clock;
  ReadyList list(clock, 0);
  list.Put(JobOf(1, clock.Now(), ContentOf(1)));
  CHECK(list.Take({}, 0ms)->content == nullptr);
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

TEST_CASE("what is scheduled of an email is taken in the order of its time, and the rest stays in order") {
  const ManualClock clock;
  const base::Time now = clock.Now();
  ReadyList list(clock, 1000);
  const auto shared = ContentOf(900);
  for (const int number : {5, 3, 1, 4, 2}) {
    list.Put(ScheduledOf(number, now + std::chrono::hours(number) - 1h, number % 2 + 20, shared));
  }
  CHECK(IdsOf(list.TakeScheduled(IdOf(21))) == std::vector{IdOf(1), IdOf(3), IdOf(5)});
  CHECK(list.Size() == 2);
  CHECK(!list.Take({}, 0ms));
  CHECK(list.TakeScheduled(IdOf(21)).empty());
  CHECK(IdsOf(list.TakeScheduled(IdOf(20))) == std::vector{IdOf(2), IdOf(4)});
  // Nobody holds the content any more, so there is room for another one.
  list.Put(JobOf(6, now, ContentOf(1000)));
  CHECK(list.Take({}, 0ms)->content != nullptr);
}

TEST_CASE("what was let out, or is tried again, is not scheduled any more, whatever its email") {
  ManualClock clock;
  ReadyList list(clock, 1000);
  for (const int number : {1, 2}) list.Put(ScheduledOf(number, clock.Now(), 20));
  auto job = list.Take({}, 0ms);
  REQUIRE(job);
  job->delivery.state = model::DeliveryState::kDelayed;
  job->delivery.next_attempt_at = clock.Now() + 1h;
  list.Put(*job);
  CHECK(IdsOf(list.TakeScheduled(IdOf(20))) == std::vector{IdOf(2)});
  CHECK(list.TakeScheduled(IdOf(20)).empty());
  clock.Advance(1h);
  CHECK(list.Take({}, 0ms)->delivery.id == IdOf(1));
}

TEST_CASE("with a job that is taken leave those that go with it, due or not, and nobody else gets one of them") {
  const ManualClock clock;
  const base::Time now = clock.Now();
  ReadyList list(clock, 1000);
  for (const int number : {4, 2, 1, 3}) list.Put(HeldOf(number, now + std::chrono::hours(number) - 1h));
  list.Put(HeldOf(5, now));
  const auto is_pair = [](const model::Job& taken, const model::Job& other) {
    return taken.delivery.id == IdOf(1) && other.delivery.id != IdOf(3) && other.delivery.id != IdOf(5);
  };
  std::vector<model::Job> with_it;
  CHECK(list.Take({}, 0ms, is_pair, with_it)->delivery.id == IdOf(1));
  CHECK(IdsOf(with_it) == std::vector{IdOf(2), IdOf(4)});
  CHECK(list.Size() == 2);
  CHECK(list.Take({}, kPatience, is_pair, with_it)->delivery.id == IdOf(5));
  CHECK(with_it.size() == 2);
  CHECK_FALSE(list.Take({}, 0ms, is_pair, with_it));
}

TEST_CASE("a job that goes alone costs no look at the others") {
  const ManualClock clock;
  ReadyList list(clock, 1000);
  for (int number = 1; number <= 100; ++number) list.Put(HeldOf(number, clock.Now()));
  int asked = 0;
  std::vector<model::Job> with_it;
  CHECK(list.Take({}, 0ms, [&](const model::Job&, const model::Job&) { return ++asked == 0; }, with_it));
  CHECK(asked == 1);
  CHECK(with_it.empty());
}

TEST_CASE("one that goes with others costs a look at what is held for its mailbox, and at nothing else") {
  const ManualClock clock;
  ReadyList list(clock, 1000);
  list.Put(HeldOf(1, clock.Now()));
  for (int number = 2; number <= 100; ++number) {
    list.Put(JobOf(number, clock.Now()));
    list.Put(HeldOf(100 + number, clock.Now(), "ann" + std::to_string(number) + "@example.org"));
    list.Put(ScheduledOf(200 + number, clock.Now(), number));
  }
  list.Put(HeldOf(500, clock.Now()));
  int asked = 0;
  std::vector<model::Job> with_it;
  CHECK(list.Take({}, 0ms, [&](const model::Job&, const model::Job&) { return ++asked > 0; }, with_it));
  CHECK(asked == 2);
  CHECK(IdsOf(with_it) == std::vector{IdOf(500)});
}

TEST_CASE("whatever is taken out of a long list, the rest leaves in order") {
  ManualClock clock;
  ReadyList list(clock, 1000);
  constexpr int kJobs = 1000;
  for (int i = 0; i < kJobs; ++i) {
    const base::Time due = clock.Now() + std::chrono::milliseconds(i * 7919 % kJobs);
    list.Put(i % 3 == 0 ? HeldOf(i, due, std::to_string(i % 7)) : ScheduledOf(i, due, i % 11));
  }
  for (const int email : {3, 7, 2, 9}) {
    const std::size_t before = list.Size();
    const auto taken = list.TakeScheduled(IdOf(email));
    CHECK(taken.size() > 50);
    CHECK(list.Size() == before - taken.size());
  }
  clock.Advance(std::chrono::milliseconds(kJobs));
  base::Time latest{};
  std::size_t left = list.Size();
  std::vector<model::Job> with_it;
  const auto is_four = [](const model::Job& job, const model::Job&) { return job.delivery.mailbox == "4"; };
  while (const auto job = list.Take({}, 0ms, is_four, with_it)) {
    CHECK(job->delivery.next_attempt_at >= latest);
    latest = job->delivery.next_attempt_at;
    --left;
  }
  CHECK(with_it.size() > 40);
  CHECK(left == with_it.size());
  CHECK(list.Size() == 0);
}
