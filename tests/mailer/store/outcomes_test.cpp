#include "mailer/store/outcomes.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "mailer/store/emails.h"
#include "tests/mailer/store/store_fixture.h"

using namespace sealpost;
using namespace sealpost::store;
using namespace sealpost::store::tests;
using sealpost::base::ErrorKind;
using sealpost::model::DeliveryState;

namespace {

model::Event EventOf(const std::string& type, std::int64_t at) {
  model::Event event;
  event.email_id = IdOf(1);
  event.delivery_id = IdOf(2);
  event.type = type;
  event.at = At(at);
  event.recipient = "ann@example.org";
  return event;
}

struct OutcomesFixture : StoreFixture {
  OutcomesFixture() {
    REQUIRE(Write([](Session& s) { return InsertEmail(s, EmailOf(1), {DeliveryOf(2, 1)}); }));
  }
  void Record(DeliveryState state, int attempts, std::int64_t next, const std::string& type) {
    auto delivery = DeliveryOf(2, 1);
    delivery.state = state;
    delivery.attempts = attempts;
    delivery.next_attempt_at = At(next);
    REQUIRE(Write([&](Session& s) { return RecordOutcome(s, delivery, EventOf(type, next)); }));
  }
  model::Delivery Stored() {
    return Read([](Session& s) { return FindDelivery(s, IdOf(2)); }).value();
  }
  std::vector<model::Event> Events() {
    return Read([](Session& s) { return EventsOf(s, IdOf(1)); }).value();
  }
};

}  // namespace

TEST_CASE("waiting gives way to everything and never comes back") {
  for (const auto waiting : {DeliveryState::kQueued, DeliveryState::kDelayed, DeliveryState::kScheduled}) {
    for (int i = 0; i <= static_cast<int>(DeliveryState::kDelivered); ++i) {
      const auto other = static_cast<DeliveryState>(i);
      CAPTURE(model::StateName(other));
      CHECK(Replaces(other, waiting));
      CHECK(Replaces(waiting, other) == model::IsPending(other));
    }
  }
}

TEST_CASE("what happened on the wire beats a decision not to send, and the worse of two facts stays") {
  using enum DeliveryState;
  CHECK(Replaces(kDelivered, kCanceled));
  CHECK(!Replaces(kCanceled, kDelivered));
  CHECK(!Replaces(kSuppressed, kBounced));
  CHECK(Replaces(kBounced, kDelivered));
  CHECK(!Replaces(kDelivered, kBounced));
  CHECK(Replaces(kComplained, kDelivered));
  CHECK(!Replaces(kDelivered, kComplained));
}

TEST_CASE("an outcome changes the delivery and adds its event in one go") {
  OutcomesFixture f;
  auto event = EventOf("email.delivery_delayed", 1500);
  event.attempt = 1;
  event.host = "mx.example.org:25";
  event.reply = "451 4.7.1 later";
  event.tls = "TLSv1.3 TLS_AES_256_GCM_SHA384";
  event.next_attempt_at = At(9000);
  event.uncertain = true;
  auto delivery = DeliveryOf(2, 1);
  delivery.state = DeliveryState::kDelayed;
  delivery.attempts = 1;
  delivery.next_attempt_at = At(9000);
  REQUIRE(f.Write([&](Session& s) { return RecordOutcome(s, delivery, event); }));

  CHECK(f.Stored().state == DeliveryState::kDelayed);
  CHECK(f.Stored().attempts == 1);
  CHECK(f.Stored().next_attempt_at == At(9000));
  const auto events = f.Events();
  REQUIRE(events.size() == 2);
  CHECK(events[1].email_id == IdOf(1));
  CHECK(events[1].delivery_id == IdOf(2));
  CHECK(events[1].type == "email.delivery_delayed");
  CHECK(events[1].at == At(1500));
  CHECK(events[1].recipient == "ann@example.org");
  CHECK(events[1].attempt == 1);
  CHECK(events[1].host == "mx.example.org:25");
  CHECK(events[1].reply == "451 4.7.1 later");
  CHECK(events[1].tls == "TLSv1.3 TLS_AES_256_GCM_SHA384");
  CHECK(events[1].next_attempt_at == At(9000));
  CHECK(events[1].uncertain);
}

TEST_CASE("a retry does not wake a delivery that was suppressed meanwhile, but its attempt and event are kept") {
  OutcomesFixture f;
  f.Record(DeliveryState::kSuppressed, 0, 3000, "email.suppressed");
  f.Record(DeliveryState::kDelayed, 1, 9000, "email.delivery_delayed");
  CHECK(f.Stored().state == DeliveryState::kSuppressed);
  CHECK(f.Stored().attempts == 1);
  CHECK(f.Stored().next_attempt_at == At(3000));
  CHECK(f.Events().size() == 3);
  CHECK(f.Read([](Session& s) { return PendingJobs(s, INT64_MIN, "", 10); })->empty());
}

TEST_CASE("a bounce that overtakes the record of the delivery stays") {
  OutcomesFixture f;
  f.Record(DeliveryState::kBounced, 0, 3000, "email.bounced");
  f.Record(DeliveryState::kDelivered, 1, 3001, "email.delivered");
  CHECK(f.Stored().state == DeliveryState::kBounced);
  CHECK(f.Stored().attempts == 1);
  CHECK(f.Events().size() == 3);
}

TEST_CASE("the count of attempts never falls") {
  OutcomesFixture f;
  f.Record(DeliveryState::kDelayed, 4, 9000, "email.delivery_delayed");
  f.Record(DeliveryState::kDelivered, 2, 9001, "email.delivered");
  CHECK(f.Stored().attempts == 4);
  CHECK(f.Stored().state == DeliveryState::kDelivered);
}

TEST_CASE("an outcome of an unknown delivery is not found and leaves no event") {
  OutcomesFixture f;
  auto event = EventOf("email.delivered", 1);
  const auto done = f.Write([&](Session& s) { return RecordOutcome(s, DeliveryOf(99, 1), event); });
  CHECK(done.error().kind == ErrorKind::kNotFound);
  CHECK(f.Events().size() == 1);
}

TEST_CASE("events come in the order of time, the accepting of each delivery first") {
  OutcomesFixture f;
  REQUIRE(f.Write([](Session& s) { return InsertEmail(s, EmailOf(5), {DeliveryOf(6, 5), DeliveryOf(7, 5)}); }));
  REQUIRE(f.Write([](Session& s) -> base::Result<void> {
    for (const auto& [type, at] : std::vector<std::pair<std::string, int>>{{"b", 3000}, {"a", 2000}, {"c", 3000}}) {
      auto event = EventOf(type, at);
      event.email_id = IdOf(5);
      if (auto done = InsertEvent(s, event); !done) return done;
    }
    return {};
  }));
  const auto events = f.Read([](Session& s) { return EventsOf(s, IdOf(5)); });
  REQUIRE(events->size() == 5);
  CHECK(events->at(0).type == "email.sent");
  CHECK(events->at(0).delivery_id == IdOf(6));
  CHECK(events->at(0).at == EmailOf(5).created_at);
  CHECK(events->at(0).recipient == "ann@example.org");
  CHECK(events->at(1).delivery_id == IdOf(7));
  CHECK(events->at(2).type == "a");
  CHECK(events->at(3).type == "b");
  CHECK(events->at(4).type == "c");
  CHECK(f.Read([](Session& s) { return EventsOf(s, IdOf(77)); })->empty());
}
