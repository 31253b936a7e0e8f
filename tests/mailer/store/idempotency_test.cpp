#include "mailer/store/idempotency.h"

#include <doctest/doctest.h>

#include "mailer/store/emails.h"
#include "tests/mailer/store/store_fixture.h"

using namespace sealpost;
using namespace sealpost::store;
using namespace sealpost::store::tests;
using sealpost::base::ErrorKind;

namespace {

const base::Time kNow = At(1'700'000'000'000);

StoredAnswer AnswerAt(base::Time time) {
  return {"fingerprint", 200, R"({"id":"x"})", time};
}

std::optional<StoredAnswer> Find(StoreFixture& store, std::string_view key, base::Time not_before) {
  const auto found = store.Read([&](Session& s) { return FindAnswer(s, key, not_before); });
  REQUIRE(found);
  return *found;
}

}  // namespace

TEST_CASE("an answer is found by its key until it is too old") {
  StoreFixture store;
  REQUIRE(store.Write([](Session& s) { return InsertAnswer(s, "key", AnswerAt(kNow)); }));
  const auto found = Find(store, "key", kNow);
  REQUIRE(found);
  CHECK(found->fingerprint == "fingerprint");
  CHECK(found->status == 200);
  CHECK(found->body == R"({"id":"x"})");
  CHECK(found->created_at == kNow);
  CHECK(!Find(store, "key", kNow + base::Millis(1)));
  CHECK(!Find(store, "Key", kNow));
}

TEST_CASE("a key that has an answer takes the message of a second one with it") {
  StoreFixture store;
  REQUIRE(store.Write([](Session& s) { return InsertAnswer(s, "key", AnswerAt(kNow)); }));
  const auto second = store.Write([](Session& s) -> base::Result<void> {
    if (auto done = InsertEmail(s, EmailOf(1), {}); !done) return done;
    return InsertAnswer(s, "key", AnswerAt(kNow + base::Millis(1)));
  });
  CHECK(second.error().kind == ErrorKind::kConflict);
  CHECK(!store.Read([](Session& s) { return FindEmail(s, IdOf(1), false); }));
}

TEST_CASE("a key whose answer has run out may be used again") {
  StoreFixture store;
  REQUIRE(store.Write([](Session& s) { return InsertAnswer(s, "key", AnswerAt(kNow)); }));
  CHECK(!store.Write([](Session& s) { return InsertAnswer(s, "key", AnswerAt(kNow + kAnswerLifetime)); }));
  const auto later = kNow + kAnswerLifetime + base::Millis(1);
  REQUIRE(store.Write([&](Session& s) { return InsertAnswer(s, "key", AnswerAt(later)); }));
  CHECK(Find(store, "key", kNow)->created_at == later);
}

TEST_CASE("old answers are forgotten, younger ones stay") {
  StoreFixture store;
  REQUIRE(store.Write([](Session& s) { return InsertAnswer(s, "old", AnswerAt(kNow)); }));
  REQUIRE(store.Write([](Session& s) { return InsertAnswer(s, "new", AnswerAt(kNow + base::Millis(1))); }));
  REQUIRE(store.Write([](Session& s) { return ForgetAnswersBefore(s, kNow + base::Millis(1)); }));
  CHECK(!Find(store, "old", At(0)));
  CHECK(Find(store, "new", At(0)));
}
