#include "mailer/store/digests.h"

#include "tests/mailer/store/store_fixture.h"

using namespace sealpost;
using namespace sealpost::store;
using sealpost::store::tests::At;

namespace {

std::optional<base::Time> Last(store::tests::StoreFixture& store, const DigestGroup& group) {
  const auto last = store.Read([&](Session& session) { return LastDigest(session, group); });
  REQUIRE(last);
  return *last;
}

}  // namespace

TEST_CASE("the last digest of a group is known, also after reopening, and that of no other group") {
  store::tests::StoreFixture store;
  const DigestGroup group{"ann@example.org", "shop@example.com", "topic", "notification"};
  CHECK_FALSE(Last(store, group));
  for (const std::int64_t at : {100, 200}) {
    REQUIRE(store.Write([&](Session& session) { return PutDigest(session, group, At(at), At(0)); }));
    CHECK(Last(store, group) == At(at));
  }
  store.Reopen();
  CHECK(Last(store, group) == At(200));
  for (std::string DigestGroup::* part :
       {&DigestGroup::mailbox, &DigestGroup::sender, &DigestGroup::topic_id, &DigestGroup::category}) {
    DigestGroup other = group;
    other.*part = "";
    CHECK_FALSE(Last(store, other));
  }
}

TEST_CASE("a digest that is too old to matter is forgotten with the next one of anybody") {
  store::tests::StoreFixture store;
  const DigestGroup ann{"ann@example.org", "shop@example.com", "", "notification"};
  const DigestGroup bob{"bob@example.org", "shop@example.com", "", "notification"};
  const auto put = [&](const DigestGroup& group, std::int64_t at, std::int64_t keep_since) {
    REQUIRE(store.Write([&](Session& session) { return PutDigest(session, group, At(at), At(keep_since)); }));
  };
  put(ann, 100, 0);
  put(bob, 200, 100);
  CHECK(Last(store, ann) == At(100));
  put(bob, 300, 101);
  CHECK_FALSE(Last(store, ann));
  CHECK(Last(store, bob) == At(300));
}
