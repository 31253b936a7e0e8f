// Held notifications from the request to the one message that tells them: submitter, digests, dispatcher and store
// together, the test is the courier.
#include "mailer/submit/digest.h"

#include <doctest/doctest.h>

#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "mailer/queue/dispatcher.h"
#include "tests/mailer/submit/fixture.h"
#include "tests/support/full_disk.h"
#include "tests/support/wait.h"

using namespace sealpost;
using namespace std::chrono_literals;
using model::DeliveryState;
using sealpost::submit::tests::Good;
using sealpost::submit::tests::NowOf;
using sealpost::tests::FullDisk;

namespace {

// As a lane that has nothing open: it has time for every digest that is due.
constexpr auto kIdle = 1ms;

class DigestDesk : public sealpost::submit::tests::Fixture {
 public:
  DigestDesk() { Start(); }
  ~DigestDesk() { dispatcher.reset(); }

  // As a process that starts over the same store; the counters are those of Redis, which goes on.
  void Start() {
    dispatcher.reset();
    digests = std::make_unique<submit::Digests>(submit::DigestParts{
        *database, *limiter, *recipients, catalog, clock, log, metrics, "https://mail.example.com", {}});
    dispatcher =
        std::make_unique<queue::Dispatcher>(queue::DispatcherOptions{}, *database, *recipients, clock, log, metrics);
    dispatcher->AskAgainBy([this](const model::Job& job) { return submitter.AskAgain(job); });
    dispatcher->DigestBy({[this](const model::Job& job) { return digests->Wants(job); },
                          [this](std::vector<model::Job>& held) { return digests->Ask(held); }});
    queue.jobs.clear();
  }

  std::string Send(const std::string& subject, const std::string& to = "ann@example.org",
                   const std::string& topic_id = "", std::optional<base::Time> expires_at = std::nullopt) {
    submit::SendRequest request = submit::tests::Plain();
    request.to = {to};
    request.subject = subject;
    request.category = "notification";
    request.category_is_member = true;
    request.topic_id = topic_id;
    request.expires_at = expires_at;
    const std::string id = Accept(request);
    for (model::Job& job : std::exchange(queue.jobs, {})) dispatcher->Put(std::move(job));
    clock.Advance(1ms);
    return id;
  }
  // All that is due now leaves; the ids of the messages.
  std::vector<std::string> Deliver() {
    std::vector<std::string> ids;
    while (auto job = dispatcher->Next({}, kIdle)) {
      ids.push_back(job->delivery.email_id);
      delivery::Outcome outcome;
      outcome.verdict.kind = model::VerdictKind::kDelivered;
      dispatcher->Done(std::move(*job), outcome);
    }
    Settle();
    return ids;
  }
  void Settle() {
    Good(database->Write([](store::Session&) { return base::Result<void>(); }));
  }
  DeliveryState StateOf(const std::string& id) { return Deliveries(id).at(0).state; }

  std::unique_ptr<submit::Digests> digests;
  std::unique_ptr<queue::Dispatcher> dispatcher;
};

}  // namespace

TEST_CASE("a burst leaves at once up to its limit, and an hour later one message tells the rest") {
  DigestDesk desk;
  std::vector<std::string> ids;
  for (int i = 1; i <= 20; ++i) ids.push_back(desk.Send("Number " + std::to_string(i)));
  CHECK(desk.Deliver().size() == 6);
  CHECK(desk.dispatcher->pending() == 14);
  desk.clock.Advance(59min);
  CHECK(desk.Deliver().empty());
  desk.clock.Advance(1min);
  const auto sent = desk.Deliver();
  REQUIRE(sent.size() == 1);
  CHECK(desk.Stored(sent[0]).subject == "14 notifications");
  CHECK(desk.dispatcher->pending() == 0);
  CHECK(desk.Pending() == 0);
  CHECK(desk.StateOf(sent[0]) == DeliveryState::kDelivered);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    CHECK(desk.StateOf(ids[i]) == (i < 6 ? DeliveryState::kDelivered : DeliveryState::kSuppressed));
  }
  desk.clock.Advance(24h);
  CHECK(desk.Deliver().empty());
}

TEST_CASE("burst after burst a mailbox gets one digest an hour, and everything is told once") {
  DigestDesk desk;
  std::vector<base::Time> digests;
  std::size_t sent = 0, told = 0, singles = 0;
  for (int minute = 0; minute < 10 * 60; ++minute) {
    for (int i = 0; i < 9 && minute % 20 == 0 && minute < 8 * 60; ++i) {
      desk.Send("Number " + std::to_string(++sent));
    }
    if (minute % 140 == 139) {
      desk.Start();
      Good(desk.dispatcher->Load());
    }
    for (const std::string& id : desk.Deliver()) {
      const model::Email email = desk.Stored(id);
      if (email.tags.empty()) {
        ++singles;
      } else {
        digests.push_back(desk.clock.Now());
        told += std::stoul(email.tags[0].value);
      }
    }
    desk.clock.Advance(1min);
  }
  CHECK(desk.Pending() == 0);
  CHECK(sent == 8 * 3 * 9);
  CHECK(singles == 8 * 3 * 6);
  CHECK(singles + told == sent);
  CHECK(digests.size() == 6);  // an hour after the first burst that the one before did not tell
  for (std::size_t i = 1; i < digests.size(); ++i) CHECK(digests[i] - digests[i - 1] >= 1h);
}

TEST_CASE("one that waits alone arrives as itself") {
  DigestDesk desk;
  for (int i = 1; i <= 6; ++i) desk.Send("Number " + std::to_string(i));
  const std::string id = desk.Send("The seventh");
  desk.Deliver();
  desk.clock.Advance(1h);
  CHECK(desk.Deliver() == std::vector{id});
  CHECK(desk.StateOf(id) == DeliveryState::kDelivered);
}

TEST_CASE("mailboxes, topics and receipts do not mix") {
  DigestDesk desk;
  const std::string news = desk.AddTopic(), offers = desk.AddTopic();
  for (const std::string to : {"ann@example.org", "bob@example.org"}) {
    for (int i = 1; i <= 6; ++i) desk.Send("Number " + std::to_string(i), to);
    for (const std::string& topic : {news, offers, std::string()}) {
      for (int i = 1; i <= 3; ++i) desk.Send("Held " + std::to_string(i), to, topic);
    }
  }
  submit::SendRequest receipt = submit::tests::Plain();
  receipt.category = "receipt";
  receipt.category_is_member = true;
  for (int i = 0; i < 12; ++i) desk.Accept(receipt);
  for (model::Job& job : std::exchange(desk.queue.jobs, {})) desk.dispatcher->Put(std::move(job));
  CHECK(desk.Deliver().size() == 12 + 10);
  desk.clock.Advance(1h);
  std::multiset<std::string> subjects, topics;
  for (const std::string& id : desk.Deliver()) {
    const model::Email email = desk.Stored(id);
    subjects.insert(email.subject);
    topics.insert(email.topic_id);
  }
  CHECK(subjects.count("3 notifications") == 6);
  CHECK(subjects.count("Hello") == 2);  // the receipts
  CHECK(topics.count(news) == 2);
  CHECK(topics.count(offers) == 2);
}

TEST_CASE("who leaves the topic meanwhile is told nothing") {
  DigestDesk desk;
  const std::string topic = desk.AddTopic();
  for (int i = 1; i <= 6; ++i) desk.Send("Number " + std::to_string(i));
  std::vector<std::string> ids;
  for (int i = 1; i <= 3; ++i) ids.push_back(desk.Send("Held " + std::to_string(i), "ann@example.org", topic));
  desk.Deliver();
  const std::string delivery_id = desk.Deliveries(ids[0]).at(0).id;
  Good(desk.recipients->Unsubscribe(desk.tokens.ForUrl(base::TokenPurpose::kUnsubscribe, *base::ParseId(delivery_id)),
                                    "page"));
  desk.clock.Advance(1h);
  CHECK(desk.Deliver().empty());
  for (const std::string& id : ids) {
    CHECK(desk.StateOf(id) == DeliveryState::kSuppressed);
    CHECK(desk.Events(id).back().reply == "the recipient opted out of the topic");
  }
}

TEST_CASE("what expires before the digest fails as it would alone, and the others are told") {
  DigestDesk desk;
  for (int i = 1; i <= 6; ++i) desk.Send("Number " + std::to_string(i));
  desk.Deliver();
  const base::Time now = desk.clock.Now();
  const std::string brief = desk.Send("Brief", "ann@example.org", "", now + 90min);
  for (int i = 1; i <= 2; ++i) desk.Send("Held " + std::to_string(i));
  desk.clock.Set(now + 2h);
  const auto sent = desk.Deliver();
  REQUIRE(sent.size() == 1);
  CHECK(desk.Stored(sent[0]).subject == "2 notifications");
  CHECK(desk.StateOf(brief) == DeliveryState::kFailed);
  CHECK(desk.Events(brief).back().reply == "expired while it was held by the limit notification-mailbox-1m");
}

TEST_CASE("where there is no room for a day all fail by the rule, and nothing is told late") {
  DigestDesk desk;
  ratelimit::Decision full;
  full.outcome = ratelimit::Outcome::kHeld;
  full.rule = "notification-mailbox-1d";
  full.hold = 30min;
  int asked = 0;
  desk.dispatcher->DigestBy({[&](const model::Job& job) { return desk.digests->Wants(job); },
                             [&](std::vector<model::Job>&) { return ++asked, full; }});
  std::vector<std::string> ids;
  for (int i = 1; i <= 16; ++i) ids.push_back(desk.Send("Number " + std::to_string(i)));
  desk.Deliver();
  for (int i = 0; i < 26; ++i) {
    desk.clock.Advance(1h);
    CHECK(desk.Deliver().empty());
  }
  CHECK(asked == 23);  // once an hour for all, from the first to the twenty-third
  for (std::size_t i = 6; i < ids.size(); ++i) {
    CHECK(desk.StateOf(ids[i]) == DeliveryState::kFailed);
    CHECK(desk.Events(ids[i]).back().reply == "expired while it was held by the limit notification-mailbox-1d");
  }
}

TEST_CASE("the recipient's own block ends what is held by its name") {
  DigestDesk desk;
  std::vector<std::string> ids;
  for (int i = 1; i <= 9; ++i) ids.push_back(desk.Send("Number " + std::to_string(i)));
  desk.Deliver();
  REQUIRE(desk.limiter->Block("ann@example.org", base::ToMillis(desk.clock.Now() + 24h)));
  desk.clock.Advance(1h);
  CHECK(desk.Deliver().empty());
  CHECK(desk.dispatcher->pending() == 0);
  for (std::size_t i = 6; i < ids.size(); ++i) {
    CHECK(desk.StateOf(ids[i]) == DeliveryState::kFailed);
    CHECK(desk.Events(ids[i]).back().reply == "refused by the limit recipient-block after it was held");
  }
}

TEST_CASE("a disk that is full when the digest is due loses none of it") {
  DigestDesk desk;
  for (int i = 1; i <= 9; ++i) desk.Send("Number " + std::to_string(i));
  desk.Deliver();
  desk.clock.Advance(1h);
  {
    const FullDisk full;
    CHECK_FALSE(desk.dispatcher->Next({}, kIdle));
  }
  CHECK(desk.dispatcher->pending() == 3);
  REQUIRE(sealpost::tests::WaitFor([&] { return desk.database->Writable(); }));
  CHECK(desk.Pending() == 3);
  desk.clock.Advance(1min);
  const auto sent = desk.Deliver();
  REQUIRE(sent.size() == 1);
  CHECK(desk.Stored(sent[0]).subject == "3 notifications");
}

TEST_CASE("a restart before the hour keeps all held, one after the commit sends the digest and nothing beside it") {
  DigestDesk desk;
  for (int i = 1; i <= 9; ++i) desk.Send("Number " + std::to_string(i));
  desk.Deliver();
  desk.Start();
  CHECK(Good(desk.dispatcher->Load()) == 3);
  CHECK(desk.Deliver().empty());
  desk.clock.Advance(1h);
  const auto job = desk.dispatcher->Next({}, kIdle);  // taken, and then the process ends
  REQUIRE(job.has_value());
  desk.Start();
  CHECK(Good(desk.dispatcher->Load()) == 1);
  CHECK(desk.Deliver() == std::vector{job->delivery.email_id});
  CHECK(desk.Stored(job->delivery.email_id).subject == "3 notifications");
}

TEST_CASE("many lanes that find the same hour over make one digest") {
  DigestDesk desk;
  for (int i = 1; i <= 6; ++i) desk.Send("Number " + std::to_string(i));
  desk.Deliver();
  for (int i = 1; i <= 40; ++i) {
    submit::SendRequest request = submit::tests::Plain();
    request.subject = "Held " + std::to_string(i);
    request.category = "notification";
    request.category_is_member = true;
    desk.Accept(request);
  }
  for (model::Job& job : std::exchange(desk.queue.jobs, {})) desk.dispatcher->Put(std::move(job));
  desk.clock.Advance(1h);
  std::mutex mutex;
  std::vector<std::string> sent;
  {
    std::vector<std::jthread> lanes;
    for (int i = 0; i < 8; ++i) {
      lanes.emplace_back([&] {
        while (const auto job = desk.dispatcher->Next({}, 50ms)) {
          const std::scoped_lock lock(mutex);
          sent.push_back(job->delivery.email_id);
        }
      });
    }
  }
  REQUIRE(sent.size() == 1);
  CHECK(desk.Stored(sent[0]).subject == "40 notifications");
}

TEST_CASE("a lane with a transaction open waits for one digest at most, and what ends asks for none") {
  DigestDesk desk;
  for (const std::string to : {"ann@example.org", "bob@example.org", "eve@example.org"}) {
    for (int i = 1; i <= 9; ++i) desk.Send("Number " + std::to_string(i), to);
  }
  CHECK(desk.Deliver().size() == 18);
  int asked = 0;
  std::stop_source stop;
  desk.dispatcher->DigestBy({[&](const model::Job& job) { return desk.digests->Wants(job); },
                             [&](std::vector<model::Job>& held) {
                               if (++asked == 2) stop.request_stop();
                               return desk.digests->Ask(held);
                             }});
  desk.clock.Advance(1h);
  CHECK_FALSE(desk.dispatcher->Next({}, 0ms));
  CHECK(asked == 1);
  CHECK_FALSE(desk.dispatcher->Next(stop.get_token(), kIdle));
  CHECK(asked == 2);
  CHECK(desk.Deliver().size() == 3);
  CHECK(asked == 3);
}

TEST_CASE("the busiest mailbox gets a thousand in each digest, and everything is told once") {
  DigestDesk desk;
  std::vector<std::string> ids;
  int sent_so_far = 0;
  for (int batch = 0; batch < 11; ++batch) {
    std::vector<submit::SendRequest> requests(batch == 0 ? 6 : 101, submit::tests::Plain());
    for (submit::SendRequest& request : requests) {
      request.subject = "Number " + std::to_string(++sent_so_far);
      request.category = "notification";
      request.category_is_member = true;
    }
    const auto outcome = desk.Submit(requests);
    REQUIRE(outcome);
    ids.insert(ids.end(), outcome->ids.begin(), outcome->ids.end());
    for (model::Job& job : std::exchange(desk.queue.jobs, {})) desk.dispatcher->Put(std::move(job));
    desk.clock.Advance(1ms);
  }
  CHECK(desk.Deliver().size() == 6);
  desk.clock.Advance(1h);
  auto sent = desk.Deliver();
  REQUIRE(sent.size() == 1);
  CHECK(desk.Stored(sent[0]).subject == "1000 notifications");
  CHECK(desk.dispatcher->pending() == 10);
  CHECK(desk.Pending() == 10);
  desk.clock.Advance(59min);
  CHECK(desk.Deliver().empty());
  desk.clock.Advance(1min);
  sent = desk.Deliver();
  REQUIRE(sent.size() == 1);
  CHECK(desk.Stored(sent[0]).subject == "10 notifications");
  CHECK(desk.Pending() == 0);
  for (std::size_t i = 6; i < ids.size(); ++i) CHECK(desk.StateOf(ids[i]) == DeliveryState::kSuppressed);
}
