// The dispatcher over a real store. The test is the courier, and the limiter that is asked again.
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mailer/queue/dispatcher.h"
#include "mailer/store/emails.h"
#include "tests/mailer/recipients/fixture.h"

namespace sealpost::queue::tests {

using namespace std::chrono_literals;
using model::DeliveryState;
using recipients::tests::Good;

// Messages in the store and a dispatcher over them; the test is the courier.
class Desk : public sealpost::recipients::tests::Fixture {
 public:
  explicit Desk(queue::DispatcherOptions options = {}) : options_(std::move(options)) { Start(); }
  ~Desk() { dispatcher.reset(); }

  void Start() {
    dispatcher.reset();
    dispatcher = std::make_unique<Dispatcher>(options_, *database, *recipients, clock, log, metrics);
    dispatcher->UnchargeBy([this](const model::Job& job) { uncharged.push_back(job.delivery.id); });
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
  // The deliveries of an email that was accepted now for later.
  std::vector<model::Job> Schedule(base::Time when, int mailboxes = 1, const std::string& topic_id = "",
                                   const std::string& held_by = "") {
    model::Email email;
    email.id = base::NewId(clock.Now());
    email.created_at = clock.Now();
    email.scheduled_at = when;
    email.from = {"", {"shop", "example.com"}};
    email.topic_id = topic_id;
    email.extras.category = "receipt";
    email.raw.bytes = "Subject: x\r\n\r\nx\r\n";
    std::vector<model::Job> jobs;
    std::vector<model::Delivery> deliveries;
    for (int i = 0; i < mailboxes; ++i) {
      model::Delivery delivery;
      delivery.id = base::NewId(clock.Now());
      delivery.email_id = email.id;
      delivery.recipient = {"ann" + std::to_string(i), "example.org"};
      delivery.mailbox = delivery.recipient.ToString();
      delivery.state = DeliveryState::kScheduled;
      delivery.next_attempt_at = when;
      delivery.held_by = held_by;
      deliveries.push_back(delivery);
      model::Job& job = jobs.emplace_back();
      job.delivery = std::move(delivery);
      job.from_domain = "example.com";
      job.topic_id = topic_id;
      job.created_at = email.created_at;
      job.scheduled_at = when;
      job.category = "receipt";
    }
    Good(database->Write([&](store::Session& session) { return store::InsertEmail(session, email, deliveries); }));
    for (const model::Job& job : jobs) dispatcher->Put(job);
    return jobs;
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
  std::vector<std::string> uncharged;  // ids of deliveries
  std::unique_ptr<Dispatcher> dispatcher;
  std::atomic<int> asked = 0;  // of lanes too

 private:
  queue::DispatcherOptions options_;
};

inline delivery::Outcome Outcome(model::VerdictKind kind, int code, const std::string& text) {
  delivery::Outcome outcome;
  outcome.verdict.kind = kind;
  outcome.reply.code = code;
  outcome.reply.text = text;
  outcome.host = "mx.example.org:25";
  outcome.tls = "TLSv1.3 X";
  return outcome;
}
inline delivery::Outcome Delivered() {
  return Outcome(model::VerdictKind::kDelivered, 250, "ok");
}
inline delivery::Outcome Deferred() {
  return Outcome(model::VerdictKind::kDefer, 451, "later");
}

}  // namespace sealpost::queue::tests
