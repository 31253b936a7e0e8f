#include "mailer/queue/dispatcher.h"

#include <doctest/doctest.h>

#include <latch>
#include <memory>
#include <optional>
#include <set>
#include <thread>

#include "mailer/store/emails.h"
#include "tests/mailer/recipients/fixture.h"
#include "tests/support/full_disk.h"
#include "tests/support/wait.h"

using namespace sealpost;
using namespace std::chrono_literals;
using model::DeliveryState;
using queue::Dispatcher;
using sealpost::recipients::tests::Good;
using sealpost::tests::FullDisk;
using sealpost::tests::WaitFor;

namespace {

// Messages in the store and a dispatcher over them; the test is the courier.
class Desk : public sealpost::recipients::tests::Fixture {
 public:
  explicit Desk(queue::DispatcherOptions options = {}) : options_(std::move(options)) { Start(); }
  ~Desk() { dispatcher.reset(); }

  void Start() {
    dispatcher.reset();
    dispatcher = std::make_unique<Dispatcher>(options_, *database, *recipients, clock, log, metrics);
  }

  // An accepted message, as the submitter leaves it.
  model::Job Accept(const std::string& topic_id = "", std::optional<base::Time> expires_at = std::nullopt,
                    const std::string& category = "receipt") {
    model::Email email;
    email.id = base::NewId(clock.Now());
    email.created_at = clock.Now();
    email.from = {"", {"shop", "example.com"}};
    email.to = {{"", {"ann", "example.org"}}};
    email.topic_id = topic_id;
    email.extras.category = category;
    email.extras.expires_at = expires_at;
    email.raw.bytes = "Subject: " + email.id + "\r\n\r\nx\r\n";
    model::Job job;
    job.delivery.id = base::NewId(clock.Now());
    job.delivery.email_id = email.id;
    job.delivery.recipient = {"ann", "example.org"};
    job.delivery.mailbox = "ann@example.org";
    job.delivery.next_attempt_at = clock.Now();
    job.from_domain = "example.com";
    job.topic_id = topic_id;
    job.created_at = clock.Now();
    job.category = category;
    job.expires_at = expires_at;
    Good(database->Write([&](store::Session& session) { return store::InsertEmail(session, email, {job.delivery}); }));
    job.content = std::make_shared<const model::RawMessage>(std::move(email.raw));
    return job;
  }
  model::Job Queue(const std::string& topic_id = "", std::optional<base::Time> expires_at = std::nullopt,
                   const std::string& category = "receipt") {
    model::Job job = Accept(topic_id, expires_at, category);
    dispatcher->Put(job);
    return job;
  }

  // One that the limiter held for an hour when it was accepted.
  model::Job Hold(std::optional<base::Time> expires_at = std::nullopt) {
    model::Job job = Accept("", expires_at);
    job.delivery.state = DeliveryState::kDelayed;
    job.delivery.held_by = "receipt-mailbox-1h";
    job.delivery.next_attempt_at = clock.Now() + 1h;
    model::Event event;
    event.email_id = job.delivery.email_id;
    event.delivery_id = job.delivery.id;
    event.type = "email.delivery_delayed";
    Good(database->Write([&](store::Session& session) { return store::RecordOutcome(session, job.delivery, event); }));
    dispatcher->Put(job);
    return job;
  }
  // How the limiter answers from now on.
  void Answer(ratelimit::Outcome outcome, std::chrono::seconds hold = 0s,
              const std::string& rule = "receipt-mailbox-1d") {
    ratelimit::Decision decision;
    decision.outcome = outcome;
    decision.hold = hold;
    decision.rule = rule;
    dispatcher->AskAgainBy([this, decision](const model::Job&) {
      ++asked;
      return decision;
    });
  }

  std::optional<model::Job> Next() { return dispatcher->Next({}, 0ms); }
  model::Job Taken() {
    auto job = Next();
    REQUIRE(job.has_value());
    return std::move(*job);
  }

  // Everything that was handed to the writer before is on disk afterwards.
  void Settle() {
    Good(database->Write([](store::Session&) { return base::Result<void>(); }));
  }
  model::Delivery Stored(const model::Job& job) {
    Settle();
    model::Delivery delivery;
    Good(database->Read([&](store::Session& session) -> base::Result<void> {
      delivery = Good(store::FindDelivery(session, job.delivery.id));
      return {};
    }));
    return delivery;
  }
  model::Event LastEvent(const model::Job& job) {
    Settle();
    model::Event event;
    Good(database->Read([&](store::Session& session) -> base::Result<void> {
      event = Good(store::EventsOf(session, job.delivery.email_id)).back();
      return {};
    }));
    return event;
  }

  base::Metrics metrics;
  std::unique_ptr<Dispatcher> dispatcher;
  int asked = 0;

 private:
  queue::DispatcherOptions options_;
};

delivery::Outcome Outcome(model::VerdictKind kind, int code, const std::string& text) {
  delivery::Outcome outcome;
  outcome.verdict.kind = kind;
  outcome.reply.code = code;
  outcome.reply.text = text;
  outcome.host = "mx.example.org:25";
  outcome.tls = "TLSv1.3 X";
  return outcome;
}
delivery::Outcome Delivered() {
  return Outcome(model::VerdictKind::kDelivered, 250, "ok");
}
delivery::Outcome Deferred() {
  return Outcome(model::VerdictKind::kDefer, 451, "later");
}

}  // namespace

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

TEST_CASE("a stopped courier gets nothing more") {
  Desk desk;
  desk.Queue();
  std::stop_source stop;
  stop.request_stop();
  CHECK_FALSE(desk.dispatcher->Next(stop.get_token(), 1s));
  CHECK(desk.dispatcher->pending() == 1);
}

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
