#include "mailer/store/attack_notices.h"

#include "tests/mailer/store/store_fixture.h"

using namespace sealpost;
using namespace sealpost::store;
using sealpost::store::tests::At;

namespace {

bool Claim(store::tests::StoreFixture& store, const char* subject, std::int64_t now, std::int64_t since) {
  bool claimed = false;
  REQUIRE(store.Write([&](Session& session) -> base::Result<void> {
    const auto done = ClaimAttackNotice(session, subject, At(now), At(since));
    if (!done) return std::unexpected(done.error());
    claimed = *done;
    return {};
  }));
  return claimed;
}

}  // namespace

TEST_CASE("a victim is told once in a time, and each on its own") {
  store::tests::StoreFixture store;
  CHECK(Claim(store, "a", 1000, 0));
  CHECK_FALSE(Claim(store, "a", 1001, 1));
  CHECK_FALSE(Claim(store, "a", 1999, 999));
  CHECK(Claim(store, "b", 1999, 999));
  CHECK(Claim(store, "a", 2000, 1000));
}

TEST_CASE("a notice that was not sent may be tried again") {
  store::tests::StoreFixture store;
  CHECK(Claim(store, "a", 1000, 0));
  REQUIRE(store.Write([](Session& session) { return ReturnAttackNotice(session, "a"); }));
  CHECK(Claim(store, "a", 1001, 1));
}
