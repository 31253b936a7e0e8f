#include "mailer/store/accepted.h"

#include <algorithm>

#include "mailer/base/id.h"
#include "mailer/store/emails.h"
#include "tests/mailer/store/store_fixture.h"

using namespace sealpost;
using namespace sealpost::store;
using sealpost::store::tests::At;

namespace {

constexpr std::int64_t kStart = 1'767'225'600'000;

std::string Accept(store::tests::StoreFixture& store, std::int64_t at, const std::vector<std::string>& mailboxes,
                   model::DeliveryState state = model::DeliveryState::kQueued,
                   const model::Address& recipient = {"ann", "example.org"}, int attempts = 0) {
  model::Email email = store::tests::EmailOf(1);
  email.created_at = At(at);
  email.id = base::NewId(email.created_at);
  email.extras.category = "otp";
  email.extras.trust = mailboxes.size() > 1 ? "session" : "";
  std::vector<model::Delivery> deliveries;
  for (const std::string& mailbox : mailboxes) {
    model::Delivery delivery = store::tests::DeliveryOf(1, 1);
    delivery.id = base::NewId(email.created_at);
    delivery.email_id = email.id;
    delivery.mailbox = mailbox;
    delivery.recipient = recipient;
    delivery.state = state;
    delivery.attempts = attempts;
    deliveries.push_back(std::move(delivery));
  }
  REQUIRE(store.Write([&](Session& session) { return InsertEmail(session, email, deliveries); }));
  return email.id;
}

AcceptedPage Page(store::tests::StoreFixture& store, const std::string& before, std::int64_t since,
                  std::size_t emails) {
  auto page = store.Read([&](Session& session) { return AcceptedBefore(session, before, At(since), emails); });
  REQUIRE(page);
  return std::move(*page);
}

}  // namespace

TEST_CASE("what was accepted comes newest first, page by page, and not from before the asked time") {
  store::tests::StoreFixture store;
  Accept(store, kStart - 1, {"early@example.org"});
  const std::string first = Accept(store, kStart, {"ann@example.org"});
  const std::string second = Accept(store, kStart + 10, {"ann@example.org", "bob@example.org"});
  const AcceptedPage newest = Page(store, "", kStart, 1);
  REQUIRE(newest.deliveries.size() == 2);
  CHECK(newest.deliveries[0].id == second);
  CHECK(newest.deliveries[0].trust == "session");
  CHECK(newest.deliveries[0].category == "otp");
  CHECK(newest.next == second);
  const AcceptedPage rest = Page(store, newest.next, kStart, 5);
  REQUIRE(rest.deliveries.size() == 1);
  CHECK(rest.deliveries[0].id == first);
  CHECK(rest.deliveries[0].at == At(kStart));
  CHECK(rest.deliveries[0].trust.empty());
  CHECK(rest.next.empty());
}

TEST_CASE("what was suppressed never counted, and ends no page early") {
  store::tests::StoreFixture store;
  Accept(store, kStart, {"ann@example.org"});
  Accept(store, kStart + 10, {"bob@example.org"}, model::DeliveryState::kSuppressed);
  const AcceptedPage page = Page(store, "", kStart, 1);
  CHECK(page.deliveries.empty());
  REQUIRE_FALSE(page.next.empty());
  CHECK(Page(store, page.next, kStart, 1).deliveries.size() == 1);
}

TEST_CASE("where a mailbox really got something is told by the address that was typed, the latest first") {
  store::tests::StoreFixture store;
  using enum model::DeliveryState;
  Accept(store, kStart - 1, {"ann@example.org"}, kDelivered, {"early", "example.org"});
  Accept(store, kStart, {"ann@example.org"}, kDelivered, {"Ann", "example.org"});
  Accept(store, kStart + 1, {"bob@example.org"}, kDelivered, {"bob", "example.org"});
  Accept(store, kStart + 2, {"ann@example.org"}, kSent, {"A.N.N", "example.org"});
  Accept(store, kStart + 3, {"ann@example.org"}, kBounced);
  Accept(store, kStart + 4, {"ann@example.org"}, kQueued);
  const auto find = [&](std::size_t limit) {
    const auto found =
        store.Read([&](Session& session) { return DeliveredTo(session, "ann@example.org", At(kStart), limit); });
    REQUIRE(found);
    std::string text;
    for (const model::Address& address : *found) text += address.ToString() + " ";
    return text;
  };
  CHECK(find(5) == "A.N.N@example.org Ann@example.org ");
  CHECK(find(1) == "A.N.N@example.org ");
}

namespace {

// One mailbox of an email that was accepted at kStart for an hour later.
void Schedule(store::tests::StoreFixture& store, int number, model::DeliveryState state, std::int64_t last_due,
              const std::string& held_by = "", int attempts = 0) {
  model::Email email = store::tests::EmailOf(1);
  email.created_at = At(kStart);
  email.id = base::NewId(email.created_at);
  email.scheduled_at = At(kStart + 3'600'000);
  model::Delivery delivery = store::tests::DeliveryOf(number, 1);
  delivery.email_id = email.id;
  delivery.state = state;
  delivery.next_attempt_at = At(last_due);
  delivery.held_by = held_by;
  delivery.attempts = attempts;
  using enum model::DeliveryState;
  if (held_by.empty() && state != kScheduled && state != kCanceled) delivery.let_out_at = delivery.next_attempt_at;
  REQUIRE(store.Write([&](Session& session) { return InsertEmail(session, email, {delivery}); }));
}

AcceptedPage LetOut(store::tests::StoreFixture& store, const std::string& before, std::int64_t since,
                    std::size_t count) {
  auto page = store.Read([&](Session& session) { return LetOutBefore(session, before, At(since), count); });
  REQUIRE(page);
  return std::move(*page);
}

constexpr std::int64_t kHour = 3'600'000;

}  // namespace

TEST_CASE("what waits for its time counts when it was accepted, and what was let out when it was last due") {
  store::tests::StoreFixture store;
  Schedule(store, 1, model::DeliveryState::kScheduled, kStart + kHour);
  Schedule(store, 2, model::DeliveryState::kDelivered, kStart + kHour + 5);
  Schedule(store, 3, model::DeliveryState::kDelayed, kStart + 2 * kHour);
  const AcceptedPage accepted = Page(store, "", kStart, 10);
  REQUIRE(accepted.deliveries.size() == 1);
  CHECK(accepted.deliveries[0].at == At(kStart));
  const AcceptedPage out = LetOut(store, "", kStart + kHour, 10);
  REQUIRE(out.deliveries.size() == 2);
  CHECK(out.deliveries[0].id == store::tests::IdOf(3));
  CHECK(out.deliveries[0].at == At(kStart + 2 * kHour));
  CHECK(out.deliveries[1].at == At(kStart + kHour + 5));
  CHECK(out.deliveries[1].category == "otp");
  CHECK(out.next.empty());
}

TEST_CASE("what was cancelled, or held or refused when it was due, counts for nobody") {
  store::tests::StoreFixture store;
  Schedule(store, 1, model::DeliveryState::kCanceled, kStart + kHour);
  Schedule(store, 2, model::DeliveryState::kFailed, kStart + kHour, "umbrella-mailbox-1h");
  Schedule(store, 3, model::DeliveryState::kDelayed, kStart + kHour, "receipt-mailbox-1h");
  Schedule(store, 4, model::DeliveryState::kScheduled, kStart + kHour, "invitation-mailbox-1h");
  CHECK(Page(store, "", kStart, 10).deliveries.empty());
  CHECK(LetOut(store, "", kStart, 10).deliveries.empty());
}

TEST_CASE("what ended before anybody tried to send it counts for nobody, what was tried in vain does") {
  store::tests::StoreFixture store;
  Accept(store, kStart, {"ann@example.org"}, model::DeliveryState::kFailed);
  Schedule(store, 1, model::DeliveryState::kFailed, kStart + kHour);
  CHECK(Page(store, "", kStart, 10).deliveries.empty());
  CHECK(LetOut(store, "", kStart, 10).deliveries.empty());
  Accept(store, kStart, {"ann@example.org"}, model::DeliveryState::kFailed, {"ann", "example.org"}, 1);
  Schedule(store, 2, model::DeliveryState::kFailed, kStart + kHour, "", 1);
  CHECK(Page(store, "", kStart, 10).deliveries.size() == 1);
  CHECK(LetOut(store, "", kStart, 10).deliveries.size() == 1);
}

TEST_CASE("what was let out comes page by page, the latest schedule first, each once") {
  store::tests::StoreFixture store;
  for (int i = 1; i <= 5; ++i) Schedule(store, i, model::DeliveryState::kDelivered, kStart + kHour + i);
  std::string before;
  std::vector<std::string> ids;
  do {
    const AcceptedPage page = LetOut(store, before, kStart, 2);
    for (const auto& delivery : page.deliveries) ids.push_back(delivery.id);
    before = page.next;
  } while (!before.empty());
  std::ranges::sort(ids);
  CHECK(ids == std::vector{store::tests::IdOf(1), store::tests::IdOf(2), store::tests::IdOf(3), store::tests::IdOf(4),
                           store::tests::IdOf(5)});
  CHECK(LetOut(store, "", kStart + 26 * kHour, 10).deliveries.empty());
}
