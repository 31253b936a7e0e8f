// Sends for later: what is stored and charged when they are accepted, and what the limiter says when they are due.
#include <doctest/doctest.h>

#include <algorithm>

#include "mailer/submit/submitter.h"
#include "tests/mailer/submit/fixture.h"

using namespace sealpost;
using namespace sealpost::submit;
using namespace std::chrono_literals;
using sealpost::submit::tests::Fixture;
using sealpost::submit::tests::Plain;

namespace {

SendRequest At(const std::string& when, const std::string& category = "receipt",
               const std::string& to = "ann@example.org") {
  SendRequest request = Plain();
  request.to = {to};
  request.category = category;
  request.category_is_member = true;
  request.scheduled_at = when;
  return request;
}

// Without a word of a time.
SendRequest Now(const std::string& category) {
  SendRequest request = At("", category);
  request.scheduled_at.reset();
  return request;
}

}  // namespace

TEST_CASE("a send for later is stored as scheduled, with an event, and waits in the queue without its content") {
  Fixture fixture;
  SendRequest request = At("in 2 hours");
  request.cc = {"bob@example.org"};
  const std::string id = fixture.Accept(request);
  const base::Time when = fixture.clock.Now() + 2h;
  CHECK(fixture.Stored(id).scheduled_at == when);
  const auto deliveries = fixture.Deliveries(id);
  REQUIRE(deliveries.size() == 2);
  for (const model::Delivery& delivery : deliveries) {
    CHECK(delivery.state == model::DeliveryState::kScheduled);
    CHECK(delivery.next_attempt_at == when);
  }
  const auto events = fixture.Events(id);
  REQUIRE(events.size() == 2);  // not email.sent: it was not
  CHECK(events[0].type == "email.scheduled");
  CHECK(events[0].next_attempt_at == when);
  CHECK(fixture.Pending() == 2);
  REQUIRE(fixture.queue.jobs.size() == 2);
  CHECK(fixture.queue.jobs[0].scheduled_at == when);
  CHECK(fixture.queue.jobs[0].content == nullptr);
}

TEST_CASE("a time that has just passed sends at once") {
  Fixture fixture;
  const std::string id = fixture.Accept(At(base::ToRfc3339(fixture.clock.Now() - 59s)));
  CHECK_FALSE(fixture.Stored(id).scheduled_at);
  CHECK(fixture.Deliveries(id).at(0).state == model::DeliveryState::kQueued);
  CHECK(fixture.queue.jobs.at(0).content != nullptr);
}

TEST_CASE("a time that cannot be is refused by the field's name, and charges nobody") {
  Fixture fixture;
  for (const char* when : {"", "soon", "in 31 days", "2020-01-01T00:00:00Z"}) {
    CAPTURE(when);
    const Refusal refusal = fixture.Refused(At(when, "otp"));
    CHECK(refusal.kind == RefusalKind::kValidation);
    CHECK(refusal.field == "/scheduled_at");
  }
  SendRequest expired = At("in 2 hours", "otp");
  expired.expires_at = fixture.clock.Now() + 1h;
  CHECK(fixture.Refused(expired).field == "/expires_at");
  fixture.Accept(Now("otp"));
}

TEST_CASE("a send for later is charged when it is accepted") {
  Fixture fixture;
  fixture.Accept(At("tomorrow at 9am", "password_reset"));
  CHECK(fixture.Refused(At("in 3 days", "password_reset")).kind == RefusalKind::kLimited);
  CHECK(fixture.Refused(Now("password_reset")).kind == RefusalKind::kLimited);
}

TEST_CASE("a send for later counts when it goes, and what it was charged before does not stand in its way") {
  Fixture fixture;
  fixture.Accept(At("in 30 min", "password_reset"));
  const model::Job job = fixture.queue.jobs.at(0);
  fixture.clock.Advance(29min);
  fixture.Accept(Now("password_reset"));
  fixture.clock.Advance(1min);
  CHECK(fixture.submitter.AskAgain(job).admitted());
  // It and the other are the two that count.
  const auto sent = fixture.limiter->Explain({.mailbox = "ann@example.org"}).sent;
  REQUIRE(sent.size() == 2);
  CHECK(sent.back().at == base::ToMillis(fixture.clock.Now()));
  // Asked once more, as after a crash in between, it takes no second place.
  CHECK(fixture.submitter.AskAgain(job).admitted());
  CHECK(fixture.limiter->Explain({.mailbox = "ann@example.org"}).sent.size() == 2);
}

TEST_CASE("each mailbox of a send for later is let out for itself, and a domain's budget is charged once for each") {
  Fixture fixture;
  SendRequest request = At("in 1 hour", "invitation");
  request.cc = {"bob@example.org", "cleo@example.org"};
  fixture.Accept(request);
  fixture.clock.Advance(1h);
  for (const model::Job& job : fixture.queue.jobs) CHECK(fixture.submitter.AskAgain(job).admitted());
  const auto usage = fixture.limiter->Explain({.mailbox = "ann@example.org", .domain = "example.org"}).rules;
  const auto domain = std::ranges::find(usage, "umbrella-domain-1d", &ratelimit::Explanation::Usage::rule);
  REQUIRE(domain != usage.end());
  CHECK(domain->used == 3);
}

TEST_CASE("what counters charged that answered too late does not stand in the way of what waits for them") {
  Fixture fixture;
  fixture.Accept(Now("contact_ack"));  // one an hour
  model::Job job = fixture.queue.jobs.at(0);
  job.delivery.state = model::DeliveryState::kDelayed;
  job.delivery.held_by = model::kCountersAway;
  fixture.clock.Advance(1min);
  CHECK(fixture.submitter.AskAgain(job).admitted());
  CHECK(fixture.limiter->Explain({.mailbox = "ann@example.org"}).sent.size() == 1);
}

TEST_CASE("what counters charged that answered too late is given back if it never goes") {
  Fixture fixture;
  fixture.Accept(Now("contact_ack"));
  model::Job job = fixture.queue.jobs.at(0);
  job.delivery.held_by = model::kCountersAway;
  fixture.submitter.Uncharge(job);
  CHECK(fixture.limiter->Explain({.mailbox = "ann@example.org"}).sent.empty());
}

TEST_CASE("a send for later that is cancelled is given back, however long ago it was charged") {
  Fixture fixture;
  fixture.Accept(At("in 50 min", "contact_ack"));
  fixture.clock.Advance(40min);
  fixture.submitter.Uncharge(fixture.queue.jobs.at(0));
  CHECK(fixture.limiter->Explain({.mailbox = "ann@example.org"}).sent.empty());
  fixture.submitter.Uncharge(fixture.queue.jobs.at(0));
}

TEST_CASE("a send for later that was let out and did not leave in time is given back") {
  Fixture fixture;
  fixture.Accept(At("in 50 min", "contact_ack"));
  fixture.clock.Advance(50min);
  model::Job job = fixture.queue.jobs.at(0);
  REQUIRE(fixture.submitter.AskAgain(job).admitted());
  REQUIRE(fixture.limiter->Explain({.mailbox = "ann@example.org"}).sent.size() == 1);
  job.delivery.state = model::DeliveryState::kQueued;  // as the queue lets it out
  job.delivery.let_out_at = fixture.clock.Now();
  fixture.submitter.Uncharge(job);
  CHECK(fixture.limiter->Explain({.mailbox = "ann@example.org"}).sent.empty());
}

TEST_CASE("over a limit that holds a send for later is uncharged, and asked about at its own time") {
  Fixture fixture;
  for (int i = 0; i < 10; ++i) fixture.Accept(Now("receipt"));
  const auto outcome = fixture.Submit(At("in 20 min"));
  REQUIRE(outcome);
  CHECK(outcome->fates.at(0) == Fate::kHeld);
  const model::Delivery soon = fixture.Deliveries(outcome->ids[0]).at(0);
  CHECK(soon.state == model::DeliveryState::kScheduled);
  CHECK(soon.held_by == "receipt-mailbox-1h");
  CHECK(soon.next_attempt_at == fixture.clock.Now() + 1h);  // there is no room before
  const std::string id = fixture.Accept(At("in 3 days"));
  const model::Delivery late = fixture.Deliveries(id).at(0);
  CHECK(late.next_attempt_at == fixture.clock.Now() + 72h);
  CHECK(fixture.Events(id).at(0).type == "email.scheduled");
  CHECK(fixture.Events(id).at(0).reply.find("receipt-mailbox-1h") != std::string::npos);
  CHECK(fixture.limiter->Explain({.mailbox = "ann@example.org"}).sent.size() == 10);
  fixture.clock.Advance(72h);
  CHECK(fixture.submitter.AskAgain(fixture.queue.jobs.back()).admitted());
}

TEST_CASE("over a limit that suppresses nothing is scheduled") {
  Fixture fixture;
  fixture.Accept(Now("contact_ack"));
  const std::string id = fixture.Accept(At("in 2 hours", "contact_ack"));
  CHECK(fixture.Deliveries(id).at(0).state == model::DeliveryState::kSuppressed);
  CHECK(fixture.queue.jobs.size() == 1);
}

TEST_CASE("what goes later and what goes now do not stand for each other, equal as they may be") {
  Fixture fixture;
  const std::string later = fixture.Accept(At("in 2 hours", "notification"));
  const std::string now = fixture.Accept(Now("notification"));
  CHECK(later != now);
  CHECK(fixture.Accept(At("in 2 hours", "notification")) != now);
  CHECK(fixture.Pending() == 3);
}

TEST_CASE("a batch has a time for each of its messages") {
  Fixture fixture;
  const auto outcome = fixture.Submit({At("in 1 hour"), At("in 2 hours", "receipt", "bob@example.org"), Now("otp")});
  REQUIRE(outcome);
  CHECK(fixture.Stored(outcome->ids[0]).scheduled_at == fixture.clock.Now() + 1h);
  CHECK(fixture.Stored(outcome->ids[1]).scheduled_at == fixture.clock.Now() + 2h);
  CHECK_FALSE(fixture.Stored(outcome->ids[2]).scheduled_at);
}

TEST_CASE("300 sends of strangers, gathered over a month for one instant, bring six in that hour") {
  Fixture fixture;
  const base::Time instant = fixture.clock.Now() + 720h;
  const std::string when = base::ToRfc3339(instant);
  for (int i = 0; fixture.clock.Now() < instant - 20min; ++i) {
    const char* const categories[] = {"otp", "password_reset", "signup_confirmation", "invitation"};
    fixture.Submit(At(when, categories[i % 4]));
    fixture.clock.Advance(20min);
  }
  REQUIRE(fixture.queue.jobs.size() >= 200);  // the day's budget, day after day
  fixture.clock.Set(instant);
  int admitted = 0;
  for (const model::Job& job : fixture.queue.jobs) admitted += fixture.submitter.AskAgain(job).admitted() ? 1 : 0;
  CHECK(admitted <= 6);
  CHECK(admitted >= 2);
}
