#include "mailer/queue/dispatcher.h"

#include "tests/mailer/queue/desk.h"

using namespace sealpost;
using namespace sealpost::queue::tests;

TEST_CASE("a scheduled job waits for its time, is asked about then, and goes with an event that says so") {
  Desk desk;
  desk.Answer(ratelimit::Outcome::kAdmitted);
  const model::Job scheduled = desk.Schedule(desk.clock.Now() + 72h).front();
  desk.clock.Advance(72h - 1ms);
  CHECK_FALSE(desk.Next());
  CHECK(desk.asked == 0);
  desk.clock.Advance(1ms);
  const model::Job job = desk.Taken();
  CHECK(desk.asked == 1);
  CHECK(job.content != nullptr);
  CHECK(desk.Stored(job).state == DeliveryState::kQueued);
  CHECK(desk.LastEvent(job).type == "email.sent");
  CHECK(desk.LastEvent(job).at == desk.clock.Now());
  desk.dispatcher->Done(job, Delivered());
  CHECK(desk.Stored(scheduled).state == DeliveryState::kDelivered);
  CHECK(desk.dispatcher->pending() == 0);
}

TEST_CASE("a scheduled job that was let out is asked about no more, not even after a restart") {
  Desk desk;
  desk.Answer(ratelimit::Outcome::kAdmitted);
  desk.Schedule(desk.clock.Now());
  desk.dispatcher->GiveBack(desk.Taken());
  desk.dispatcher->Done(desk.Taken(), Deferred());
  CHECK(desk.asked == 1);
  desk.Settle();
  desk.Start();
  desk.Answer(ratelimit::Outcome::kDenied);
  CHECK(Good(desk.dispatcher->Load()) == 1);
  desk.clock.Advance(1h);
  CHECK(desk.Taken().delivery.attempts == 2);
  CHECK(desk.asked == 1);
}

TEST_CASE("a restart keeps a schedule") {
  Desk desk;
  const base::Time when = desk.clock.Now() + 1h;
  desk.Schedule(when, 2);
  desk.Start();
  desk.Answer(ratelimit::Outcome::kAdmitted);
  CHECK(Good(desk.dispatcher->Load()) == 2);
  CHECK_FALSE(desk.Next());
  desk.clock.Set(when);
  for (int i = 0; i < 2; ++i) CHECK(desk.Taken().scheduled_at == when);
}

TEST_CASE("the life of a scheduled job begins at its time, and one that was due while nobody ran is not too old") {
  Desk desk;
  desk.Answer(ratelimit::Outcome::kAdmitted);
  const model::Job job = desk.Schedule(desk.clock.Now() + 240h).front();
  desk.clock.Advance(240h + 23h);
  desk.dispatcher->Done(desk.Taken(), Deferred());
  desk.clock.Advance(1h);
  CHECK_FALSE(desk.Next());
  CHECK(desk.Stored(job).state == DeliveryState::kFailed);
  CHECK(desk.LastEvent(job).reply.find("expired") != std::string::npos);
}

TEST_CASE("a scheduled job over a limit that holds waits for the next room, on disk and with an event") {
  Desk desk;
  desk.Answer(ratelimit::Outcome::kHeld, 10min);
  const model::Job job = desk.Schedule(desk.clock.Now() + 1h).front();
  desk.clock.Advance(1h);
  CHECK_FALSE(desk.Next());
  const model::Delivery stored = desk.Stored(job);
  CHECK(stored.state == DeliveryState::kDelayed);
  CHECK(stored.held_by == "receipt-mailbox-1d");
  CHECK(stored.next_attempt_at == desk.clock.Now() + 10min);
  const model::Event event = desk.LastEvent(job);
  CHECK(event.type == "email.delivery_delayed");
  CHECK(event.reply.find("receipt-mailbox-1d") != std::string::npos);
  CHECK(event.next_attempt_at == stored.next_attempt_at);
  desk.clock.Advance(10min);
  desk.Answer(ratelimit::Outcome::kAdmitted);
  CHECK(desk.Taken().delivery.id == job.delivery.id);
  CHECK(desk.LastEvent(job).type == "email.sent");
  CHECK(desk.Stored(job).held_by.empty());
}

TEST_CASE("a scheduled job over a limit that denies fails by the rule's name, and counts for nobody") {
  Desk desk;
  desk.Answer(ratelimit::Outcome::kDenied, 0s, "umbrella-mailbox-1h");
  const model::Job job = desk.Schedule(desk.clock.Now() + 1h).front();
  desk.clock.Advance(1h);
  CHECK_FALSE(desk.Next());
  CHECK(desk.Stored(job).state == DeliveryState::kFailed);
  CHECK(desk.Stored(job).held_by == "umbrella-mailbox-1h");
  CHECK(desk.LastEvent(job).type == "email.failed");
  CHECK(desk.LastEvent(job).reply == "refused by the limit umbrella-mailbox-1h when it was due");
  CHECK(desk.dispatcher->pending() == 0);
}

TEST_CASE("a scheduled job that nobody can be asked about stays scheduled") {
  Desk desk;
  const model::Job job = desk.Schedule(desk.clock.Now() + 1h).front();
  desk.clock.Advance(1h);
  CHECK_FALSE(desk.Next());
  CHECK(desk.Stored(job).state == DeliveryState::kScheduled);
  CHECK(desk.dispatcher->pending() == 1);
  desk.Answer(ratelimit::Outcome::kAdmitted);
  CHECK_FALSE(desk.Next());
  desk.clock.Advance(1min);
  CHECK(desk.Taken().delivery.id == job.delivery.id);
}

TEST_CASE("a scheduled job that is due while the counters are away stays scheduled, so that its charge is given back") {
  Desk desk;
  desk.Answer(ratelimit::Outcome::kHeld, 0s, std::string(model::kCountersAway));
  const model::Job scheduled = desk.Schedule(desk.clock.Now()).front();
  CHECK_FALSE(desk.Next());
  CHECK(desk.asked == 1);
  desk.dispatcher->AskAgainBy([&desk](const model::Job& job) {
    ++desk.asked;
    CHECK(job.delivery.state == DeliveryState::kScheduled);
    CHECK(job.delivery.held_by.empty());
    ratelimit::Decision decision;
    decision.outcome = ratelimit::Outcome::kAdmitted;
    return decision;
  });
  CHECK(desk.Stored(scheduled).state == DeliveryState::kScheduled);
  desk.clock.Advance(1min);
  CHECK(desk.Taken().delivery.id == scheduled.delivery.id);
  CHECK(desk.asked == 2);
}

TEST_CASE("one that was held when it was accepted is scheduled all the same") {
  Desk desk;
  desk.Answer(ratelimit::Outcome::kAdmitted);
  const model::Job job = desk.Schedule(desk.clock.Now() + 1h, 1, "", "invitation-mailbox-1h").front();
  CHECK_FALSE(desk.Next());
  desk.clock.Advance(1h);
  CHECK(desk.Taken().delivery.held_by.empty());
  CHECK(desk.Stored(job).held_by.empty());
}

TEST_CASE("who leaves the topic before the time gets nothing, and no limit is asked") {
  Desk desk;
  desk.Answer(ratelimit::Outcome::kAdmitted);
  const std::string news = desk.AddTopic().id;
  const model::Job job = desk.Schedule(desk.clock.Now() + 1h, 1, news).front();
  REQUIRE(desk.recipients->Unsubscribe(
      desk.tokens.ForUrl(base::TokenPurpose::kUnsubscribe, *base::ParseId(job.delivery.id)), "one_click"));
  desk.clock.Advance(1h);
  CHECK_FALSE(desk.Next());
  CHECK(desk.asked == 0);
  CHECK(desk.Stored(job).state == DeliveryState::kSuppressed);
  CHECK(desk.LastEvent(job).type == "email.suppressed");
}
