#include "mailer/queue/dispatcher.h"

#include <atomic>
#include <set>
#include <thread>

#include "tests/mailer/queue/desk.h"

using namespace sealpost;
using namespace sealpost::queue::tests;

TEST_CASE("a queued job is handed out once, its attempt counted, and its delivery recorded") {
  Desk desk;
  desk.Queue();
  const model::Job job = desk.Taken();
  CHECK(job.delivery.attempts == 1);
  CHECK(job.content != nullptr);
  CHECK_FALSE(desk.Next());
  CHECK(desk.dispatcher->pending() == 1);
  desk.dispatcher->Done(job, Delivered());
  CHECK(desk.dispatcher->pending() == 0);
  CHECK(desk.Stored(job).state == DeliveryState::kDelivered);
  const model::Event event = desk.LastEvent(job);
  CHECK(event.type == "email.delivered");
  CHECK(event.attempt == 1);
  CHECK(event.host == "mx.example.org:25");
  CHECK(event.reply == "250 ok");
  CHECK(event.tls == "TLSv1.3 X");
  CHECK_FALSE(event.next_attempt_at);
}

TEST_CASE("a deferred job says when it is tried again, and is") {
  Desk desk;
  desk.Queue();
  const model::Job job = desk.Taken();
  desk.dispatcher->Done(job, Deferred());
  CHECK(desk.Stored(job).state == DeliveryState::kDelayed);
  const model::Event event = desk.LastEvent(job);
  CHECK(event.type == "email.delivery_delayed");
  REQUIRE(event.next_attempt_at);
  CHECK(*event.next_attempt_at == desk.Stored(job).next_attempt_at);
  CHECK(*event.next_attempt_at > desk.clock.Now());
  CHECK_FALSE(desk.Next());
  desk.clock.Set(*event.next_attempt_at);
  CHECK(desk.Taken().delivery.attempts == 2);
}

TEST_CASE("a bounce is final") {
  Desk desk;
  desk.Queue();
  const model::Job job = desk.Taken();
  desk.dispatcher->Done(job, Outcome(model::VerdictKind::kBounce, 550, "no such user"));
  CHECK(desk.Stored(job).state == DeliveryState::kBounced);
  CHECK(desk.LastEvent(job).type == "email.bounced");
  CHECK(desk.dispatcher->pending() == 0);
}

TEST_CASE("an answer that never came is tried again and marked uncertain") {
  Desk desk;
  desk.Queue();
  const model::Job job = desk.Taken();
  desk.dispatcher->Done(job, Outcome(model::VerdictKind::kUncertain, 0, "connection lost"));
  CHECK(desk.Stored(job).state == DeliveryState::kDelayed);
  CHECK(desk.LastEvent(job).uncertain);
  CHECK(desk.dispatcher->pending() == 1);
}

TEST_CASE("a job given back counts no attempt and comes again") {
  Desk desk;
  desk.Queue();
  desk.dispatcher->GiveBack(desk.Taken());
  CHECK(desk.dispatcher->pending() == 1);
  CHECK(desk.Taken().delivery.attempts == 1);
}

TEST_CASE("an expired job fails without a dial") {
  Desk desk;
  const model::Job job = desk.Queue("", desk.clock.Now() + 1min);
  desk.clock.Advance(1min);
  CHECK_FALSE(desk.Next());
  CHECK(desk.Stored(job).state == DeliveryState::kFailed);
  CHECK(desk.LastEvent(job).type == "email.failed");
  CHECK(desk.LastEvent(job).attempt == 0);
  CHECK(desk.dispatcher->pending() == 0);
}

TEST_CASE("what ends before anybody tried to send it is given back") {
  Desk desk;
  desk.Answer(ratelimit::Outcome::kAdmitted);
  const model::Job queued = desk.Queue("", desk.clock.Now() + 1h);
  const model::Job scheduled = desk.Schedule(desk.clock.Now() + 1h).front();
  const model::Job unwanted = desk.Schedule(desk.clock.Now() + 2h, 1, desk.AddTopic().id).front();
  desk.clock.Advance(1h);
  desk.dispatcher->GiveBack(desk.Taken());  // the scheduled one was let out by now
  CHECK(desk.uncharged == std::vector{queued.delivery.id});
  desk.clock.Advance(24h);
  REQUIRE(desk.recipients->Unsubscribe(
      desk.tokens.ForUrl(base::TokenPurpose::kUnsubscribe, *base::ParseId(unwanted.delivery.id)), "one_click"));
  CHECK_FALSE(desk.Next());
  CHECK(desk.uncharged == std::vector{queued.delivery.id, scheduled.delivery.id, unwanted.delivery.id});
  CHECK(desk.Stored(unwanted).state == DeliveryState::kSuppressed);
}

TEST_CASE("what was tried, or was never charged, is not given back") {
  Desk desk;
  desk.Queue("", desk.clock.Now() + 1h);
  desk.dispatcher->Done(desk.Taken(), Deferred());
  desk.Hold(desk.clock.Now() + 1h);
  desk.Queue();
  desk.dispatcher->Done(desk.Taken(), Outcome(model::VerdictKind::kBounce, 550, "no"));
  desk.clock.Advance(1h);
  CHECK_FALSE(desk.Next());
  CHECK(desk.dispatcher->pending() == 0);
  CHECK(desk.uncharged.empty());
}

TEST_CASE("a job whose next attempt would come too late fails with its last answer") {
  Desk desk;
  desk.Queue("", desk.clock.Now() + 10s);
  const model::Job job = desk.Taken();
  desk.dispatcher->Done(job, Deferred());
  CHECK(desk.Stored(job).state == DeliveryState::kFailed);
  const model::Event event = desk.LastEvent(job);
  CHECK(event.type == "email.failed");
  CHECK(event.reply.find("451 later") != std::string::npos);
  CHECK(desk.dispatcher->pending() == 0);
}

TEST_CASE("leaving a topic stops what is queued and what waits for its next attempt, of that topic alone") {
  Desk desk;
  const std::string news = desk.AddTopic().id, offers = desk.AddTopic().id;
  desk.Queue(news);
  const model::Job delayed = desk.Taken();
  desk.dispatcher->Done(delayed, Deferred());
  const model::Job queued = desk.Queue(news);
  desk.Queue(offers);
  desk.Queue();
  REQUIRE(desk.recipients->Unsubscribe(
      desk.tokens.ForUrl(base::TokenPurpose::kUnsubscribe, *base::ParseId(queued.delivery.id)), "one_click"));
  CHECK(std::set{desk.Taken().topic_id, desk.Taken().topic_id} == std::set{offers, std::string()});
  desk.clock.Advance(1h);
  CHECK_FALSE(desk.Next());
  CHECK(desk.Stored(queued).state == DeliveryState::kSuppressed);
  CHECK(desk.LastEvent(queued).type == "email.suppressed");
  CHECK(desk.Stored(delayed).state == DeliveryState::kSuppressed);
}

TEST_CASE("the queue has room up to its bound") {
  queue::DispatcherOptions options;
  options.pending_at_most = 2;
  Desk desk(options);
  CHECK(desk.dispatcher->HasRoom(2));
  CHECK_FALSE(desk.dispatcher->HasRoom(3));
  desk.Queue();
  CHECK(desk.dispatcher->HasRoom(1));
  CHECK_FALSE(desk.dispatcher->HasRoom(2));
  desk.dispatcher->Done(desk.Taken(), Delivered());
  CHECK(desk.dispatcher->HasRoom(2));
}

TEST_CASE("a stopped courier gets nothing more") {
  Desk desk;
  desk.Queue();
  std::stop_source stop;
  stop.request_stop();
  CHECK_FALSE(desk.dispatcher->Next(stop.get_token(), 1s));
  CHECK(desk.dispatcher->pending() == 1);
}

TEST_CASE("many lanes share the jobs without taking one twice") {
  Desk desk;
  constexpr std::size_t kJobs = 100;
  for (std::size_t i = 0; i < kJobs; ++i) desk.Queue();
  std::atomic<std::size_t> done = 0;
  {
    std::vector<std::jthread> lanes;
    for (int lane = 0; lane < 4; ++lane) {
      lanes.emplace_back([&] {
        while (auto job = desk.Next()) {
          desk.dispatcher->Done(std::move(*job), Delivered());
          ++done;
        }
      });
    }
  }
  CHECK(done == kJobs);
  CHECK(desk.dispatcher->pending() == 0);
}
