#include "mailer/queue/dispatcher.h"

#include <latch>
#include <thread>

#include "tests/mailer/queue/desk.h"
#include "tests/support/full_disk.h"
#include "tests/support/wait.h"

using namespace sealpost;
using namespace sealpost::queue::tests;
using sealpost::tests::FullDisk;
using sealpost::tests::WaitFor;

TEST_CASE("a restart takes up every pending delivery, its content from the store") {
  Desk desk;
  const model::Job queued = desk.Accept();
  desk.Queue();
  const model::Job delayed = desk.Taken();
  desk.dispatcher->Done(delayed, Deferred());
  desk.Queue();
  desk.dispatcher->Done(desk.Taken(), Delivered());
  desk.Settle();
  desk.Start();
  CHECK(Good(desk.dispatcher->Load()) == 2);
  CHECK(desk.dispatcher->pending() == 2);
  const model::Job first = desk.Taken();
  CHECK(first.delivery.id == queued.delivery.id);
  REQUIRE(first.content);
  CHECK(first.content->bytes == queued.content->bytes);
  CHECK_FALSE(desk.Next());
  desk.clock.Advance(1min);
  CHECK(desk.Taken().delivery.attempts == 2);
}

TEST_CASE("a restart takes up more than one page") {
  Desk desk;
  Good(desk.database->Write([&](store::Session& session) -> base::Result<void> {
    for (int i = 0; i < 1'050; ++i) {
      model::Email email;
      email.id = base::NewId(desk.clock.Now());
      email.raw.bytes = "Subject: x\r\n\r\nx\r\n";
      std::vector<model::Delivery> deliveries(2);
      for (model::Delivery& delivery : deliveries) {
        delivery.id = base::NewId(desk.clock.Now());
        delivery.email_id = email.id;
        delivery.recipient = {"ann", "example.org"};
        delivery.next_attempt_at = desk.clock.Now();  // all at once: pages end in the middle of a time
      }
      if (auto done = store::InsertEmail(session, email, deliveries); !done) return done;
    }
    return {};
  }));
  CHECK(Good(desk.dispatcher->Load()) == 2'100);
}

TEST_CASE("content beyond the memory's budget is read again from the store") {
  queue::DispatcherOptions options;
  options.content_bytes = 0;
  Desk desk(options);
  const model::Job job = desk.Queue();
  const model::Job taken = desk.Taken();
  REQUIRE(taken.content);
  CHECK(taken.content->bytes == job.content->bytes);
}

TEST_CASE("a job whose content cannot be read waits without losing its place in the count") {
  Desk desk;
  model::Job job = desk.Accept();
  job.content = nullptr;
  job.delivery.email_id = base::NewId(desk.clock.Now());
  desk.dispatcher->Put(job);
  CHECK_FALSE(desk.Next());
  CHECK(desk.dispatcher->pending() == 1);
  desk.clock.Advance(25h);
  CHECK_FALSE(desk.Next());
  CHECK(desk.dispatcher->pending() == 0);
}

TEST_CASE("an outcome that the store refused is kept and written when it can be, and the mail is not sent again") {
  Desk desk;
  desk.Queue();
  const model::Job job = desk.Taken();
  {
    const FullDisk full;
    desk.dispatcher->Done(job, Delivered());
    REQUIRE(WaitFor([&] { return !desk.database->Writable(); }));
    CHECK_FALSE(desk.Next());
  }
  REQUIRE(WaitFor([&] { return desk.database->Writable(); }));
  CHECK_FALSE(desk.Next());  // looks after what was left behind
  CHECK(desk.Stored(job).state == DeliveryState::kDelivered);
  CHECK(desk.LastEvent(job).type == "email.delivered");
}

TEST_CASE("a dispatcher that ends while the store refuses waits for the answers it asked for") {
  auto desk = std::make_unique<Desk>();
  desk->Queue();
  const model::Job job = desk->Taken();
  std::latch started(1), go(1);
  desk->database->Post(
      [&](store::Session&) -> base::Result<void> {
        started.count_down();
        go.wait();
        return {};
      },
      [](const base::Result<void>&) {});
  started.wait();
  const FullDisk full;
  desk->dispatcher->Done(job, Delivered());
  std::jthread opener([&] { go.count_down(); });
  desk.reset();
}

TEST_CASE("outcomes left behind by a full disk are written by a dispatcher that ends") {
  Desk desk;
  desk.Queue();
  const model::Job job = desk.Taken();
  {
    const FullDisk full;
    desk.dispatcher->Done(job, Delivered());
    REQUIRE(WaitFor([&] { return !desk.database->Writable(); }));
  }
  REQUIRE(WaitFor([&] { return desk.database->Writable(); }));
  desk.dispatcher.reset();
  CHECK(desk.Stored(job).state == DeliveryState::kDelivered);
}

TEST_CASE("a complaint about a delivered message is recorded, about an unknown one ignored") {
  Desk desk;
  desk.Queue();
  const model::Job job = desk.Taken();
  desk.dispatcher->Done(job, Delivered());
  desk.Settle();
  desk.dispatcher->RecordComplaint(job.delivery.id);
  desk.dispatcher->RecordComplaint("none");
  CHECK(desk.Stored(job).state == DeliveryState::kComplained);
  CHECK(desk.LastEvent(job).type == "email.complained");
}
