#include "mailer/submit/digest.h"

#include "mailer/submit/limit_request.h"
#include "tests/mailer/submit/held_fixture.h"
#include "tests/support/full_disk.h"
#include "tests/support/wait.h"

using namespace sealpost;
using namespace sealpost::submit;
using namespace std::chrono_literals;
using model::DeliveryState;
using sealpost::submit::tests::Good;
using sealpost::tests::FullDisk;
using Desk = sealpost::submit::tests::HeldDesk;

namespace {

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// Counts what the limiter is asked.
struct CountingLimiter final : ratelimit::Limiter {
  explicit CountingLimiter(ratelimit::Limiter& real) : limiter(real) {}
  ratelimit::Decision Admit(const ratelimit::Request& request) override { return ++admits, limiter.Admit(request); }
  void Refund(const ratelimit::Request& request) override { limiter.Refund(request); }
  ratelimit::Decision Check(const ratelimit::Request& request) override {
    ++checks;
    by_client = by_client || !request.key.empty() || !request.source.empty();
    return limiter.Check(request);
  }
  ratelimit::Explanation Explain(const ratelimit::Recipient& recipient) override { return limiter.Explain(recipient); }
  bool Block(const std::string& mailbox, std::int64_t until) override { return limiter.Block(mailbox, until); }
  bool Unblock(const std::string& mailbox) override { return limiter.Unblock(mailbox); }
  bool Reset(const std::string& mailbox) override { return limiter.Reset(mailbox); }
  ratelimit::AttackState Recover(const std::string& mailbox) override { return limiter.Recover(mailbox); }
  bool Seed(const std::string& mailbox, const std::vector<ratelimit::Accepted>& accepted) override {
    return limiter.Seed(mailbox, accepted);
  }
  ratelimit::Limiter& limiter;
  int admits = 0, checks = 0;
  bool by_client = false;  // it was checked whether a client has room, and not the mailbox alone
};

}  // namespace

TEST_CASE("one that waits alone goes as itself, charged") {
  Desk desk;
  desk.Fill();
  const std::string id = desk.Hold(desk.Notification("Alone"));
  auto held = desk.Due();
  CHECK(desk.digests.Ask(held).admitted());
  REQUIRE(held.size() == 1);
  CHECK(held[0].delivery.email_id == id);
  CHECK(held[0].delivery.held_by.empty());
  CHECK(desk.Charged() == 7);
  CHECK(desk.Deliveries(id).at(0).state == DeliveryState::kDelayed);  // until it is tried
}

TEST_CASE("several become one message that is stored, queued and charged once, and end with its id") {
  Desk desk;
  desk.Fill();
  std::vector<std::string> ids;
  for (int i = 0; i < 14; ++i) ids.push_back(desk.Hold(desk.Notification("Number <" + std::to_string(i) + ">")));
  desk.key.id = "another";
  desk.clock.Advance(1min);
  for (int i = 0; i < 6; ++i) desk.Accept(desk.Notification("Room " + std::to_string(i)));
  SendRequest newest = desk.Notification("Newest");
  newest.to = {"ann@EXAMPLE.org"};
  ids.push_back(desk.Hold(newest));
  std::erase_if(desk.queue.jobs, [](const model::Job& job) { return job.delivery.held_by.empty(); });
  auto held = desk.Due();
  REQUIRE(held.size() == 15);

  const std::size_t pending = desk.Pending();
  CHECK(desk.digests.Ask(held).admitted());
  CHECK(desk.Charged() == 13);
  CHECK(desk.Pending() == pending - 14);
  REQUIRE(held.size() == 1);
  const model::Job& job = held[0];
  CHECK(job.delivery.held_by.empty());
  CHECK(job.delivery.next_attempt_at == desk.clock.Now());
  CHECK(job.created_at == desk.clock.Now());
  CHECK(job.from_domain == "example.com");
  CHECK(job.category == "notification");
  CHECK_FALSE(job.expires_at);

  const model::Email email = desk.Stored(job.delivery.email_id);
  CHECK(email.subject == "15 notifications");
  CHECK(email.from.address.ToString() == "shop@example.com");
  CHECK(email.key_id == "another");
  REQUIRE(email.tags.size() == 1);
  CHECK(email.tags[0].name == "digest");
  CHECK(email.tags[0].value == "15");
  CHECK(email.extras.category == "notification");
  REQUIRE(job.content);
  CHECK(job.content->bytes == email.raw.bytes);
  const std::string& raw = email.raw.bytes;
  for (const char* field : {"\r\nSubject: 15 notifications\r\n", "\r\nTo: ann@example.org\r\n",
                            "\r\nAuto-Submitted: auto-generated\r\n", "Number &lt;13&gt;", "  Number <13>"}) {
    CHECK_MESSAGE(Has(raw, field), field);
  }
  CHECK(raw.find("Number <0>") < raw.find("Number <13>"));
  CHECK(raw.find("Number <13>") < raw.find("Newest"));
  CHECK_FALSE(Has(raw, "List-Unsubscribe"));
  const auto deliveries = desk.Deliveries(email.id);
  REQUIRE(deliveries.size() == 1);
  CHECK(deliveries[0].state == DeliveryState::kQueued);
  for (const std::string& id : ids) {
    CHECK(desk.Deliveries(id).at(0).state == DeliveryState::kSuppressed);
    const model::Event event = desk.LastEvent(id);
    CHECK(event.type == "email.suppressed");
    CHECK(Has(event.reply, email.id));
    CHECK(Has(event.reply, "notification-mailbox-1m"));
  }
}

TEST_CASE("a digest of a topic can be left like any mail of it") {
  Desk desk;
  desk.Fill();
  const std::string topic = desk.AddTopic();
  for (const std::string subject : {"One", "Two"}) {
    SendRequest request = desk.Notification(subject);
    request.topic_id = topic;
    desk.Hold(request);
  }
  auto held = desk.Due();
  CHECK(desk.digests.Ask(held).admitted());
  REQUIRE(held.size() == 1);
  const model::Email email = desk.Stored(held[0].delivery.email_id);
  CHECK(email.topic_id == topic);
  CHECK(held[0].topic_id == topic);
  CHECK(email.raw.unsubscribe_slots.size() == 3);  // header, text, html
  CHECK(Has(email.raw.bytes, "\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
  CHECK(Has(email.raw.bytes, "\r\nFeedback-ID: " + topic.substr(topic.rfind('-') + 1) + ":none:notification:sp"));
}

TEST_CASE("a crash or a full disk before the commit leaves all as it was, and nothing charged") {
  Desk desk;
  desk.Fill();
  std::vector<std::string> ids;
  for (const std::string subject : {"One", "Two", "Three"}) ids.push_back(desk.Hold(desk.Notification(subject)));
  auto held = desk.Due();
  {
    const FullDisk full;
    const ratelimit::Decision decision = desk.digests.Ask(held);
    CHECK(decision.outcome == ratelimit::Outcome::kHeld);
    CHECK(decision.hold == 1min);
    CHECK(decision.rule == "notification-mailbox-1m");
  }
  CHECK(held.size() == 3);
  CHECK(desk.Charged() == 6);
  REQUIRE(sealpost::tests::WaitFor([&] { return desk.database->Writable(); }));
  for (const std::string& id : ids) {
    CHECK(desk.Deliveries(id).at(0).state == DeliveryState::kDelayed);
    CHECK(desk.LastEvent(id).type == "email.delivery_delayed");
  }
  CHECK(desk.digests.Ask(held).admitted());
  CHECK(held.size() == 1);
  CHECK(desk.Charged() == 7);
}

TEST_CASE("between two digests lies an hour, whatever the times of the jobs say, and after a restart") {
  Desk desk;
  desk.Fill();
  for (const std::string subject : {"One", "Two"}) desk.Hold(desk.Notification(subject));
  auto held = desk.Due();
  CHECK(desk.digests.Ask(held).admitted());
  desk.Fill();
  for (const std::string subject : {"Three", "Four"}) desk.Hold(desk.Notification(subject));
  held = std::exchange(desk.queue.jobs, {});
  desk.clock.Advance(40min);
  Digests restarted{{*desk.database,
                     *desk.limiter,
                     *desk.recipients,
                     desk.catalog,
                     desk.clock,
                     desk.log,
                     desk.metrics,
                     "https://mail.example.com",
                     {}}};
  const ratelimit::Decision early = restarted.Ask(held);
  CHECK(early.outcome == ratelimit::Outcome::kHeld);
  CHECK(early.hold == 20min);
  CHECK(held.size() == 2);
  desk.clock.Advance(20min);
  CHECK(restarted.Ask(held).admitted());
  CHECK(held.size() == 1);
}

TEST_CASE("where there is no room all wait, and where the recipient blocks all are refused") {
  Desk desk;
  desk.Fill();
  for (const std::string subject : {"One", "Two"}) desk.Hold(desk.Notification(subject));
  auto held = desk.Due();
  desk.Fill();
  const ratelimit::Decision full = desk.digests.Ask(held);
  CHECK(full.outcome == ratelimit::Outcome::kHeld);
  CHECK(full.rule == "notification-mailbox-1m");
  CHECK(full.hold == 1min);
  CHECK(held.size() == 2);
  REQUIRE(desk.limiter->Block("ann@example.org", base::ToMillis(desk.clock.Now() + 24h)));
  CHECK(desk.digests.Ask(held).outcome == ratelimit::Outcome::kDenied);
  CHECK(held.size() == 2);
  CHECK(desk.Charged() == 12);
}

TEST_CASE("another sender's are not told with these, and stay held") {
  Desk desk;
  desk.Fill();
  for (const std::string subject : {"One", "Two"}) desk.Hold(desk.Notification(subject));
  SendRequest other = desk.Notification("Other");
  other.from = "desk@example.com";
  const std::string id = desk.Hold(other);
  auto held = desk.Due();
  CHECK(desk.digests.Ask(held).admitted());
  REQUIRE(held.size() == 2);
  CHECK(held[0].delivery.email_id == id);
  CHECK(held[0].delivery.held_by == "notification-mailbox-1m");
  CHECK(desk.Stored(held[1].delivery.email_id).subject == "2 notifications");
}

TEST_CASE("an answer goes where an answer to each would go, or to the sender") {
  for (const bool equal : {true, false}) {
    Desk desk;
    desk.Fill();
    for (const std::string thread : {"one", "two"}) {
      SendRequest request = desk.Notification(thread);
      request.reply_to = {(equal ? "help" : thread) + "@example.com"};
      request.dedupe_key = thread;
      request.metadata = "{}";
      desk.Hold(request);
    }
    auto held = desk.Due();
    CHECK(desk.digests.Ask(held).admitted());
    const model::Email email = desk.Stored(held.at(0).delivery.email_id);
    CHECK(email.reply_to.size() == (equal ? 1 : 0));
    CHECK(Has(email.raw.bytes, "Reply-To: help@example.com") == equal);
    CHECK(email.extras.dedupe_key.empty());
    CHECK(email.extras.metadata.empty());
  }
}

TEST_CASE("a digest lives as long as what it tells") {
  for (const bool all : {true, false}) {
    Desk desk;
    desk.Fill();
    const base::Time now = desk.clock.Now();
    for (const auto lifetime : {5h, 3h, 0h}) {
      SendRequest request = desk.Notification("Lives " + std::to_string(lifetime.count()));
      if (lifetime != 0h) request.expires_at = now + lifetime;
      if (lifetime != 0h || !all) desk.Hold(request);
    }
    auto held = desk.Due();
    CHECK(desk.digests.Ask(held).admitted());
    CHECK(held.at(0).expires_at == (all ? std::optional(now + 5h) : std::nullopt));
    CHECK(desk.Stored(held[0].delivery.email_id).extras.expires_at == held[0].expires_at);
  }
}

TEST_CASE("where a digest cannot be made the one that is due goes itself, and none is lost") {
  Desk desk;
  desk.Fill();
  const std::string topic = desk.AddTopic();
  for (const std::string subject : {"One", "Two"}) {
    SendRequest request = desk.Notification(subject);
    request.topic_id = topic;
    desk.Hold(request);
  }
  const auto empty = Good(store::Database::Open({.url = "sqlite://" + desk.folder.File("empty.db")}, desk.log));
  Catalog knows_nothing{*empty};
  Digests digests{{*desk.database,
                   *desk.limiter,
                   *desk.recipients,
                   knows_nothing,
                   desk.clock,
                   desk.log,
                   desk.metrics,
                   "https://mail.example.com",
                   {}}};
  auto held = desk.Due();
  CHECK(digests.Ask(held).admitted());
  REQUIRE(held.size() == 2);
  CHECK(held[0].delivery.held_by.empty());
  CHECK_FALSE(held[1].delivery.held_by.empty());
  CHECK(desk.Charged() == 7);
}

TEST_CASE("a delivery whose message cannot be read waits, and keeps no other one waiting") {
  Desk desk;
  desk.Fill();
  for (const std::string subject : {"One", "Two", "Three"}) desk.Hold(desk.Notification(subject));
  auto held = desk.Due();
  held[2].delivery.email_id = base::NewId(desk.clock.Now());
  std::vector<model::Job> lost{held[2]};
  const ratelimit::Decision decision = desk.digests.Ask(lost);
  CHECK(decision.outcome == ratelimit::Outcome::kHeld);
  CHECK(decision.rule == "notification-mailbox-1m");
  CHECK(desk.digests.Ask(held).admitted());
  REQUIRE(held.size() == 2);
  CHECK(held[0].delivery.id == lost[0].delivery.id);
  CHECK(desk.Stored(held[1].delivery.email_id).subject == "2 notifications");
}

TEST_CASE("nothing is read and composed before the hour is over and the mailbox has room") {
  Desk desk;
  CountingLimiter asked(*desk.limiter);
  Digests digests{{*desk.database,
                   asked,
                   *desk.recipients,
                   desk.catalog,
                   desk.clock,
                   desk.log,
                   desk.metrics,
                   "https://mail.example.com",
                   {}}};
  desk.Fill();
  for (const std::string subject : {"One", "Two"}) {
    SendRequest request = desk.Notification(subject);
    request.client_ip = "192.0.2.1";
    desk.Hold(request);
  }
  auto held = desk.Due();
  desk.Fill();
  CHECK(digests.Ask(held).outcome == ratelimit::Outcome::kHeld);
  CHECK(asked.checks == 1);
  CHECK_FALSE(asked.by_client);
  CHECK(asked.admits == 0);
  desk.clock.Advance(10min);  // equal content is not compared any more either
  CHECK(digests.Ask(held).admitted());
  CHECK(asked.admits == 1);
  desk.Fill();
  for (const std::string subject : {"Three", "Four"}) desk.Hold(desk.Notification(subject));
  held = std::exchange(desk.queue.jobs, {});
  CHECK(digests.Ask(held).outcome == ratelimit::Outcome::kHeld);
  CHECK(asked.checks == 2);
  CHECK(asked.admits == 1);
}

TEST_CASE("what was scheduled stands where its time is, and is the newest by it") {
  Desk desk;
  desk.Fill();
  SendRequest later = desk.Notification("For later");
  later.scheduled_at = base::ToRfc3339(desk.clock.Now() + 2h);
  later.client_ip = "192.0.2.1";
  const std::string id = desk.Hold(later);
  for (const std::string subject : {"One", "Two"}) desk.Hold(desk.Notification(subject));
  desk.clock.Advance(2h);
  auto held = desk.Due();
  REQUIRE(held.size() == 3);
  REQUIRE(held[0].delivery.email_id == id);
  CHECK(desk.digests.Ask(held).admitted());
  REQUIRE(held.size() == 1);
  const model::Email email = desk.Stored(held[0].delivery.email_id);
  const std::string& raw = email.raw.bytes;
  CHECK(raw.find("  One") < raw.find("  Two"));
  CHECK(raw.find("  Two") < raw.find("  For later"));
  CHECK(raw.find("  For later") != std::string::npos);
  CHECK(email.extras.client_ip == "192.0.2.1");
}
