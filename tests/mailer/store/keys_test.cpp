#include "mailer/store/keys.h"

#include <doctest/doctest.h>

#include "tests/mailer/store/store_fixture.h"

using namespace sealpost;
using namespace sealpost::store;
using namespace sealpost::store::tests;
using sealpost::base::ErrorKind;

TEST_CASE("keys come back as they were made") {
  StoreFixture store;
  const model::ApiKey first{IdOf(1), "first", "aa", model::Permission::kFullAccess, true, At(5), "otp"};
  const model::ApiKey second{IdOf(2), "second", "bb", model::Permission::kSendingAccess, false, At(6), ""};
  CHECK(store.Read([](Session& s) { return AllKeys(s); })->empty());
  REQUIRE(store.Write([&](Session& s) { return InsertKey(s, second); }));
  REQUIRE(store.Write([&](Session& s) { return InsertKey(s, first); }));
  const auto keys = store.Read([](Session& s) { return AllKeys(s); });
  REQUIRE(keys->size() == 2);
  CHECK(keys->at(0).id == IdOf(1));
  CHECK(keys->at(0).name == "first");
  CHECK(keys->at(0).token_hash == "aa");
  CHECK(keys->at(0).permission == model::Permission::kFullAccess);
  CHECK(keys->at(0).may_assert_trust);
  CHECK(keys->at(0).created_at == At(5));
  CHECK(keys->at(0).category == "otp");
  CHECK(keys->at(1).category.empty());
  CHECK(keys->at(1).permission == model::Permission::kSendingAccess);
  CHECK(!keys->at(1).may_assert_trust);
}

TEST_CASE("a name is given once") {
  StoreFixture store;
  REQUIRE(store.Write([](Session& s) { return InsertKey(s, {IdOf(1), "app", "aa", {}, false, At(1), ""}); }));
  const auto taken = store.Write([](Session& s) { return InsertKey(s, {IdOf(2), "app", "bb", {}, false, At(1), ""}); });
  CHECK(taken.error().kind == ErrorKind::kConflict);
  CHECK(taken.error().field == "name");
  CHECK(store.Read([](Session& s) { return AllKeys(s); })->size() == 1);
}
