#include "mailer/store/confirmed.h"

#include <doctest/doctest.h>

#include "tests/mailer/store/store_fixture.h"

using namespace sealpost;
using namespace sealpost::store;
using namespace sealpost::store::tests;

namespace {

void Set(StoreFixture& store, std::string_view mailbox, std::int64_t at) {
  REQUIRE(store.Write([&](Session& s) { return SetConfirmed(s, mailbox, At(at)); }));
}

std::vector<Confirmation> Since(StoreFixture& store, std::int64_t since) {
  return store.Read([&](Session& s) { return ConfirmedSince(s, At(since)); }).value();
}

}  // namespace

TEST_CASE("a confirmed mailbox is kept with the latest time it was asserted, whatever the order of arrival") {
  StoreFixture store;
  Set(store, "ann@example.org", 200);
  Set(store, "ann@example.org", 100);
  REQUIRE(Since(store, 0).size() == 1);
  CHECK(Since(store, 0)[0].at == At(200));
  Set(store, "ann@example.org", 300);
  store.Reopen();
  CHECK(Since(store, 0)[0].mailbox == "ann@example.org");
  CHECK(Since(store, 0)[0].at == At(300));
}

TEST_CASE("what is older than it is kept is neither given out nor kept") {
  StoreFixture store;
  Set(store, "ann@example.org", 100);
  Set(store, "bob@example.org", 200);
  CHECK(Since(store, 200).size() == 1);
  REQUIRE(store.Write([](Session& s) { return ForgetConfirmedBefore(s, At(200)); }));
  REQUIRE(Since(store, 0).size() == 1);
  CHECK(Since(store, 0)[0].mailbox == "bob@example.org");
}
