#include "mailer/queue/dispatcher.h"

#include "tests/mailer/queue/desk.h"

using namespace sealpost;
using namespace sealpost::queue::tests;

TEST_CASE("a held job is asked about when it is due, goes when it is admitted, and is asked about no more") {
  Desk desk;
  desk.Hold();
  desk.Answer(ratelimit::Outcome::kAdmitted);
  CHECK_FALSE(desk.Next());
  CHECK(desk.asked == 0);
  desk.clock.Advance(1h);
  const model::Job job = desk.Taken();
  CHECK(desk.asked == 1);
  CHECK(job.delivery.attempts == 1);
  CHECK(job.content != nullptr);
  desk.dispatcher->GiveBack(job);
  desk.dispatcher->Done(desk.Taken(), Deferred());
  CHECK(desk.Stored(job).held_by.empty());
  desk.clock.Advance(1h);
  desk.dispatcher->Done(desk.Taken(), Delivered());
  CHECK(desk.asked == 1);
  CHECK(desk.Stored(job).state == DeliveryState::kDelivered);
}

TEST_CASE("a job that is held again waits for the next room, at least a minute, and is not lost") {
  Desk desk;
  desk.Hold();
  desk.Answer(ratelimit::Outcome::kHeld, 1s);
  desk.clock.Advance(1h);
  CHECK_FALSE(desk.Next());
  desk.clock.Advance(59s);
  CHECK_FALSE(desk.Next());
  CHECK(desk.asked == 1);
  desk.clock.Advance(1s);
  desk.Answer(ratelimit::Outcome::kHeld, 2h);
  CHECK_FALSE(desk.Next());
  CHECK(desk.asked == 2);
  CHECK(desk.dispatcher->pending() == 1);
  desk.clock.Advance(2h);
  desk.Answer(ratelimit::Outcome::kAdmitted);
  CHECK(desk.Taken().delivery.attempts == 1);
}

TEST_CASE("a job that never finds room fails when its day is over, by the rule that held it last") {
  for (const auto lifetime : {2h, 24h}) {
    Desk desk;
    const model::Job job = desk.Hold(lifetime == 2h ? std::optional(desk.clock.Now() + 2h) : std::nullopt);
    desk.Answer(ratelimit::Outcome::kHeld, 20h);
    desk.clock.Advance(1h);
    CHECK_FALSE(desk.Next());
    desk.clock.Advance(lifetime - 1h);
    CHECK_FALSE(desk.Next());
    CHECK(desk.dispatcher->pending() == 0);
    CHECK(desk.Stored(job).state == DeliveryState::kFailed);
    CHECK(desk.LastEvent(job).type == "email.failed");
    CHECK(desk.LastEvent(job).reply.find("receipt-mailbox-1d") != std::string::npos);
  }
}

TEST_CASE("a held job that is refused in the end fails by the rule's name") {
  Desk desk;
  const model::Job job = desk.Hold();
  desk.Answer(ratelimit::Outcome::kDenied, 0s, "signup_confirmation-mailbox-1h");
  desk.clock.Advance(1h);
  CHECK_FALSE(desk.Next());
  CHECK(desk.Stored(job).state == DeliveryState::kFailed);
  CHECK(desk.LastEvent(job).reply.find("signup_confirmation-mailbox-1h") != std::string::npos);
  CHECK(desk.dispatcher->pending() == 0);
}

TEST_CASE("a restart keeps a held job held") {
  Desk desk;
  const model::Job held = desk.Hold();
  desk.Start();
  desk.Answer(ratelimit::Outcome::kHeld, 1h);
  CHECK(Good(desk.dispatcher->Load()) == 1);
  CHECK_FALSE(desk.Next());
  desk.clock.Advance(1h);
  CHECK_FALSE(desk.Next());
  CHECK(desk.asked == 1);
  CHECK(desk.Stored(held).held_by == "receipt-mailbox-1h");
}

TEST_CASE("where nobody can be asked a held job stays held") {
  Desk desk;
  desk.Hold();
  desk.clock.Advance(1h);
  CHECK_FALSE(desk.Next());
  CHECK(desk.dispatcher->pending() == 1);
}
