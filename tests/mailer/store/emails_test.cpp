#include "mailer/store/emails.h"

#include <doctest/doctest.h>

#include <limits>

#include "mailer/store/session.h"
#include "tests/mailer/store/store_fixture.h"

using namespace sealpost;
using namespace sealpost::store;
using namespace sealpost::store::tests;
using sealpost::base::ErrorKind;
using sealpost::model::DeliveryState;

TEST_CASE("an email and its deliveries come back as they were accepted") {
  StoreFixture store;
  auto email = EmailOf(1);
  email.topic_id = "topic";
  email.extras.expires_at = At(99);
  email.raw.unsubscribe_slots = {3, 9};
  email.raw.html_part = {5, 4};
  auto delivery = DeliveryOf(2, 1);
  delivery.recipient = {"\"a@b\"", "example.org"};
  delivery.attempts = 3;
  delivery.state = DeliveryState::kDelayed;
  delivery.held_by = "receipt-mailbox-1h";
  REQUIRE(store.Write([&](Session& s) { return InsertEmail(s, email, {delivery, DeliveryOf(3, 1)}); }));

  const auto found = store.Read([](Session& s) { return FindEmail(s, IdOf(1), true); });
  REQUIRE(found);
  CHECK(found->id == email.id);
  CHECK(found->created_at == email.created_at);
  CHECK(found->key_id == "key");
  CHECK(found->from == email.from);
  CHECK(found->topic_id == "topic");
  CHECK(found->extras.category == "otp");
  CHECK(found->extras.expires_at == At(99));
  CHECK(found->raw.bytes == email.raw.bytes);
  CHECK(found->raw.unsubscribe_slots == email.raw.unsubscribe_slots);

  const auto deliveries = store.Read([](Session& s) { return DeliveriesOf(s, IdOf(1)); });
  REQUIRE(deliveries->size() == 2);
  CHECK(deliveries->at(0).recipient == delivery.recipient);
  CHECK(deliveries->at(0).mailbox == "ann@example.org");
  CHECK(deliveries->at(0).attempts == 3);
  CHECK(deliveries->at(0).state == DeliveryState::kDelayed);
  CHECK(deliveries->at(0).next_attempt_at == At(2000));
  CHECK(deliveries->at(0).held_by == "receipt-mailbox-1h");
  CHECK(store.Read([](Session& s) { return FindDelivery(s, IdOf(2)); })->held_by == "receipt-mailbox-1h");
  CHECK(store.Read([](Session& s) { return FindDelivery(s, IdOf(3)); })->email_id == IdOf(1));
  CHECK(store.Read([](Session& s) { return FindDelivery(s, IdOf(3)); })->held_by.empty());
  const auto jobs =
      store.Read([](Session& s) { return PendingJobs(s, std::numeric_limits<std::int64_t>::min(), "", 9); });
  REQUIRE(jobs->size() == 2);
  for (const model::Job& job : *jobs) {
    CHECK(job.delivery.held_by == (job.delivery.id == IdOf(2) ? "receipt-mailbox-1h" : ""));
    CHECK(job.topic_id == "topic");
    CHECK(job.category == "otp");
    CHECK(job.expires_at == At(99));
  }
}

TEST_CASE("an email without its body has everything else") {
  StoreFixture store;
  REQUIRE(store.Write([](Session& s) { return InsertEmail(s, EmailOf(1), {}); }));
  const auto found = store.Read([](Session& s) { return FindEmail(s, IdOf(1), false); });
  CHECK(found->subject == "Hello");
  CHECK(found->raw.bytes.empty());
}

TEST_CASE("a body of 25 MB with every byte value comes back") {
  StoreFixture store;
  auto email = EmailOf(1);
  email.raw.bytes.resize(25 << 20);
  for (std::size_t i = 0; i < email.raw.bytes.size(); ++i) email.raw.bytes[i] = static_cast<char>(i * 7 + i / 256);
  REQUIRE(store.Write([&](Session& s) { return InsertEmail(s, email, {}); }));
  const auto content = store.Read([](Session& s) { return LoadContent(s, IdOf(1)); });
  CHECK(content->bytes == email.raw.bytes);
}

TEST_CASE("an email with an empty body can be kept") {
  StoreFixture store;
  auto email = EmailOf(1);
  email.raw.bytes.clear();
  REQUIRE(store.Write([&](Session& s) { return InsertEmail(s, email, {}); }));
  CHECK(store.Read([](Session& s) { return LoadContent(s, IdOf(1)); })->bytes.empty());
}

TEST_CASE("what is not there is not found") {
  StoreFixture store;
  CHECK(store.Read([](Session& s) { return FindEmail(s, IdOf(1), true); }).error().kind == ErrorKind::kNotFound);
  CHECK(store.Read([](Session& s) { return FindEmail(s, "' OR 1=1 --", true); }).error().kind == ErrorKind::kNotFound);
  CHECK(store.Read([](Session& s) { return FindDelivery(s, IdOf(1)); }).error().kind == ErrorKind::kNotFound);
  CHECK(store.Read([](Session& s) { return LoadContent(s, IdOf(1)); }).error().kind == ErrorKind::kNotFound);
  CHECK(store.Read([](Session& s) { return DeliveriesOf(s, IdOf(1)); })->empty());
}

TEST_CASE("the same id twice is a conflict, a delivery without its email an error, and both leave nothing") {
  StoreFixture store;
  REQUIRE(store.Write([](Session& s) { return InsertEmail(s, EmailOf(1), {DeliveryOf(2, 1)}); }));
  CHECK(store.Write([](Session& s) { return InsertEmail(s, EmailOf(1), {DeliveryOf(3, 1)}); }).error().kind ==
        ErrorKind::kConflict);
  CHECK(!store.Write([](Session& s) { return InsertEmail(s, EmailOf(4), {DeliveryOf(5, 77)}); }));
  CHECK(store.Read([](Session& s) { return DeliveriesOf(s, IdOf(1)); })->size() == 1);
  CHECK(!store.Read([](Session& s) { return FindEmail(s, IdOf(4), false); }));
}

TEST_CASE("content is loaded with its slots") {
  StoreFixture store;
  auto email = EmailOf(1);
  email.raw.unsubscribe_slots = {1, 2, 3};
  email.raw.text_part = {10, 20};
  email.raw.smtputf8 = true;
  REQUIRE(store.Write([&](Session& s) { return InsertEmail(s, email, {}); }));
  const auto content = store.Read([](Session& s) { return LoadContent(s, IdOf(1)); });
  CHECK(content->bytes == email.raw.bytes);
  CHECK(content->unsubscribe_slots == email.raw.unsubscribe_slots);
  CHECK(content->text_part == email.raw.text_part);
  CHECK(content->smtputf8);
}

TEST_CASE("pending jobs come page by page in the order of their time, then their id") {
  StoreFixture store;
  auto email = EmailOf(1);
  email.topic_id = "topic";
  email.extras.expires_at = At(5000);
  email.scheduled_at = At(300);
  std::vector<model::Delivery> deliveries;
  for (int i = 0; i < 7; ++i) {
    auto delivery = DeliveryOf(10 + i, 1);
    delivery.next_attempt_at = At(i % 2 == 0 ? 300 : 200);
    const DeliveryState pending[] = {DeliveryState::kDelayed, DeliveryState::kQueued, DeliveryState::kScheduled};
    delivery.state = pending[i % 3];
    deliveries.push_back(delivery);
  }
  const DeliveryState final_states[] = {DeliveryState::kSuppressed, DeliveryState::kDelivered, DeliveryState::kBounced,
                                        DeliveryState::kCanceled};
  for (const auto state : final_states) {
    auto delivery = DeliveryOf(50 + static_cast<int>(state), 1);
    delivery.state = state;
    deliveries.push_back(delivery);
  }
  REQUIRE(store.Write([&](Session& s) { return InsertEmail(s, email, deliveries); }));

  std::vector<std::string> ids;
  std::int64_t after_millis = std::numeric_limits<std::int64_t>::min();
  std::string after_id;
  while (true) {
    const auto jobs = store.Read([&](Session& s) { return PendingJobs(s, after_millis, after_id, 2); });
    REQUIRE(jobs);
    if (jobs->empty()) break;
    CHECK(jobs->size() <= 2);
    for (const auto& job : *jobs) ids.push_back(job.delivery.id);
    after_millis = base::ToMillis(jobs->back().delivery.next_attempt_at);
    after_id = jobs->back().delivery.id;
  }
  CHECK(ids == std::vector<std::string>{IdOf(11), IdOf(13), IdOf(15), IdOf(10), IdOf(12), IdOf(14), IdOf(16)});

  const auto first = store.Read([&](Session& s) { return PendingJobs(s, INT64_MIN, "", 1); })->front();
  CHECK(first.from_domain == "example.com");
  CHECK(first.topic_id == "topic");
  CHECK(first.expires_at == At(5000));
  CHECK(first.created_at == email.created_at);
  CHECK(first.category == "otp");
  CHECK(first.scheduled_at == At(300));
  CHECK(first.content == nullptr);
}

TEST_CASE("the time of a scheduled email can be changed") {
  StoreFixture store;
  auto email = EmailOf(1);
  REQUIRE(store.Write([&](Session& s) { return InsertEmail(s, email, {}); }));
  CHECK_FALSE(store.Read([](Session& s) { return FindEmail(s, IdOf(1), false); })->scheduled_at);
  REQUIRE(store.Write([&](Session& s) { return MoveEmail(s, IdOf(1), At(7000)); }));
  CHECK(store.Read([](Session& s) { return FindEmail(s, IdOf(1), false); })->scheduled_at == At(7000));
}

TEST_CASE("pending jobs are found by their index, however many deliveries are done") {
  StoreFixture store;
  const auto plan = store.Read([](Session& s) -> base::Result<std::string> {
    auto rows = s.Select(
        "EXPLAIN QUERY PLAN SELECT d.id FROM deliveries d JOIN emails e ON e.id = d.email_id"
        " WHERE d.state IN ('queued', 'delivery_delayed', 'scheduled') AND (d.next_attempt_at, d.id) > ($1, $2)"
        " ORDER BY d.next_attempt_at, d.id LIMIT $3",
        {Column::kNumber, Column::kNumber, Column::kNumber, Column::kText}, {0, "", 10});
    if (!rows) return std::unexpected(rows.error());
    std::string text;
    for (std::size_t row = 0; row < rows->Size(); ++row) text += rows->Text(row, 3) + "\n";
    return text;
  });
  REQUIRE(plan);
  CAPTURE(*plan);
  CHECK(plan->find("SEARCH d USING INDEX deliveries_pending") != std::string::npos);
  CHECK(plan->find("TEMP B-TREE") == std::string::npos);
}
