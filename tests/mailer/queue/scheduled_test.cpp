#include "mailer/queue/scheduled.h"

#include <atomic>
#include <set>
#include <thread>

#include "tests/mailer/queue/desk.h"
#include "tests/support/full_disk.h"
#include "tests/support/wait.h"

using namespace sealpost;
using namespace sealpost::queue::tests;

namespace {

struct Office : Desk {
  Office() { Answer(ratelimit::Outcome::kAdmitted); }

  model::Email Stored(const std::string& email_id) {
    model::Email email;
    Good(database->Read([&](store::Session& session) -> base::Result<void> {
      email = Good(store::FindEmail(session, email_id, false));
      return {};
    }));
    return email;
  }
  using Desk::Stored;

  queue::Scheduled scheduled{*dispatcher, *database, clock,
                             [this](const model::Job& job) { uncharged.push_back(job.delivery.id); }};
};

std::string WhyNot(const base::Result<void>& done) {
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().kind == base::ErrorKind::kConflict);
  return done.error().message;
}

}  // namespace

TEST_CASE("a cancelled email goes to none of its mailboxes, and its charge is given back") {
  Office office;
  const auto jobs = office.Schedule(office.clock.Now() + 1h, 3);
  const std::string id = jobs[0].delivery.email_id;
  Good(office.scheduled.Cancel(id));
  CHECK(office.uncharged.size() == 3);
  CHECK(office.dispatcher->pending() == 0);
  office.clock.Advance(2h);
  CHECK_FALSE(office.Next());
  for (const model::Job& job : jobs) CHECK(office.Stored(job).state == DeliveryState::kCanceled);
  CHECK(office.LastEvent(jobs[2]).type == "email.canceled");
  CHECK(WhyNot(office.scheduled.Cancel(id)).find("canceled") != std::string::npos);
  CHECK(WhyNot(office.scheduled.Move(id, office.clock.Now() + 1h)).find("canceled") != std::string::npos);
  office.Start();
  CHECK(Good(office.dispatcher->Load()) == 0);
}

TEST_CASE("a moved email goes at its new time, also after a restart") {
  Office office;
  const auto jobs = office.Schedule(office.clock.Now() + 1h, 2);
  const base::Time later = office.clock.Now() + 48h;
  Good(office.scheduled.Move(jobs[0].delivery.email_id, later));
  CHECK(office.Stored(jobs[0].delivery.email_id).scheduled_at == later);
  CHECK(office.Stored(jobs[1]).next_attempt_at == later);
  CHECK(office.LastEvent(jobs[1]).type == "email.scheduled");
  CHECK(office.LastEvent(jobs[1]).next_attempt_at == later);
  office.clock.Set(later - 1ms);
  CHECK_FALSE(office.Next());
  office.clock.Set(later);
  CHECK(office.Taken().scheduled_at == later);
  CHECK(office.uncharged.empty());
}

TEST_CASE("an email can be moved closer, and more than once") {
  Office office;
  const model::Job job = office.Schedule(office.clock.Now() + 48h).front();
  Good(office.scheduled.Move(job.delivery.email_id, office.clock.Now() + 24h));
  Good(office.scheduled.Move(job.delivery.email_id, office.clock.Now()));
  CHECK(office.Taken().delivery.id == job.delivery.id);
}

TEST_CASE("what is not scheduled is neither moved nor cancelled, and the answer says what it is") {
  Office office;
  const model::Job queued = office.Queue();
  CHECK(WhyNot(office.scheduled.Cancel(queued.delivery.email_id)).find("queued") != std::string::npos);
  office.dispatcher->Done(office.Taken(), Delivered());
  office.Settle();
  CHECK(WhyNot(office.scheduled.Cancel(queued.delivery.email_id)).find("delivered") != std::string::npos);
  const model::Job held = office.Hold();
  CHECK(WhyNot(office.scheduled.Move(held.delivery.email_id, office.clock.Now())).find("delivery_delayed") !=
        std::string::npos);
  CHECK(office.dispatcher->pending() == 1);
}

TEST_CASE("an email of which a lane has one mailbox already goes to all of them") {
  Office office;
  const auto jobs = office.Schedule(office.clock.Now(), 3);
  std::set<std::string> taken = {office.Taken().delivery.id};
  CHECK_FALSE(WhyNot(office.scheduled.Cancel(jobs[0].delivery.email_id)).empty());
  for (int i = 0; i < 2; ++i) taken.insert(office.Taken().delivery.id);
  CHECK(taken == std::set{jobs[0].delivery.id, jobs[1].delivery.id, jobs[2].delivery.id});
  CHECK(office.uncharged.empty());
}

TEST_CASE("who opted out before does not keep the others from being cancelled") {
  Office office;
  const auto jobs = office.Schedule(office.clock.Now() + 1h, 2);
  model::Delivery suppressed = jobs[0].delivery;
  suppressed.id = base::NewId(office.clock.Now());
  suppressed.state = DeliveryState::kSuppressed;
  Good(office.database->Write([&](store::Session& session) {
    model::Email other;
    other.id = base::NewId(office.clock.Now());
    return store::InsertEmail(session, other, {suppressed});
  }));
  Good(office.scheduled.Cancel(jobs[0].delivery.email_id));
  CHECK(office.uncharged.size() == 2);
}

TEST_CASE("a change that cannot be written is none: the email goes at its old time") {
  Office office;
  const base::Time when = office.clock.Now() + 1h;
  const model::Job job = office.Schedule(when).front();
  {
    const sealpost::tests::FullDisk full;
    const auto moved = office.scheduled.Move(job.delivery.email_id, when + 1h);
    REQUIRE_FALSE(moved.has_value());
    CHECK(moved.error().kind == base::ErrorKind::kUnavailable);
    const auto canceled = office.scheduled.Cancel(job.delivery.email_id);
    REQUIRE_FALSE(canceled.has_value());
    CHECK(canceled.error().kind == base::ErrorKind::kUnavailable);
  }
  REQUIRE(sealpost::tests::WaitFor([&] { return office.database->Writable(); }));
  CHECK(office.uncharged.empty());
  CHECK(office.Stored(job.delivery.email_id).scheduled_at == when);
  office.clock.Set(when);
  CHECK(office.Taken().delivery.id == job.delivery.id);
}

TEST_CASE("of lanes and callers who want the same email at once, one side gets it whole") {
  for (int round = 0; round < 50; ++round) {
    Office office;
    const auto jobs = office.Schedule(office.clock.Now(), 2);
    std::atomic<int> canceled = 0, sent = 0;
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 2; ++i) {
        threads.emplace_back([&] { canceled += office.scheduled.Cancel(jobs[0].delivery.email_id) ? 1 : 0; });
        threads.emplace_back([&] {
          while (auto job = office.Next()) {
            office.dispatcher->Done(std::move(*job), Delivered());
            ++sent;
          }
        });
      }
    }
    // A caller that let go again left its jobs in the list.
    while (auto job = office.Next()) {
      office.dispatcher->Done(std::move(*job), Delivered());
      ++sent;
    }
    CHECK(canceled * 2 + sent == 2);
    for (const model::Job& job : jobs)
      CHECK(office.Stored(job).state == (canceled == 1 ? DeliveryState::kCanceled : DeliveryState::kDelivered));
    CHECK(office.dispatcher->pending() == 0);
  }
}
