#include "mailer/store/accepted.h"

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
                   const model::Address& recipient = {"ann", "example.org"}) {
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
  CHECK(newest.deliveries[0].email_id == second);
  CHECK(newest.deliveries[0].trusted);
  CHECK(newest.deliveries[0].category == "otp");
  CHECK(newest.next == second);
  const AcceptedPage rest = Page(store, newest.next, kStart, 5);
  REQUIRE(rest.deliveries.size() == 1);
  CHECK(rest.deliveries[0].email_id == first);
  CHECK(rest.deliveries[0].at == At(kStart));
  CHECK_FALSE(rest.deliveries[0].trusted);
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
