#include "mailer/store/blocks.h"

#include "tests/mailer/store/store_fixture.h"

using namespace sealpost;
using namespace sealpost::store;
using sealpost::store::tests::At;

namespace {

std::vector<Block> Blocks(store::tests::StoreFixture& store, std::int64_t now) {
  auto blocks = store.Read([&](Session& session) { return BlocksAt(session, At(now)); });
  REQUIRE(blocks);
  return std::move(*blocks);
}

}  // namespace

TEST_CASE("a block lasts until its time, is replaced by the next one, and goes when it is put with none") {
  store::tests::StoreFixture store;
  const auto put = [&](const char* mailbox, std::int64_t until, std::int64_t now) {
    REQUIRE(store.Write([=](Session& session) { return PutBlock(session, {mailbox, At(until)}, At(now)); }));
  };
  put("ann@example.org", 100, 0);
  put("bob@example.org", 200, 0);
  CHECK(Blocks(store, 99).size() == 2);
  REQUIRE(Blocks(store, 100).size() == 1);
  CHECK(Blocks(store, 100)[0].mailbox == "bob@example.org");
  put("bob@example.org", 150, 100);
  CHECK(Blocks(store, 0).size() == 1);  // what was over is swept
  CHECK(Blocks(store, 150).empty());
  for (int i = 0; i < 2; ++i) {
    put("bob@example.org", 0, 100);
    CHECK(Blocks(store, 0).empty());
  }
}

TEST_CASE("the parts of an administrator and of the recipient are kept apart, and the later one holds") {
  store::tests::StoreFixture store;
  const auto find = [&](const char* mailbox, std::int64_t now) {
    return *store.Read([=](Session& session) { return FindBlock(session, mailbox, At(now)); });
  };
  REQUIRE(
      store.Write([](Session& session) { return PutBlock(session, {"ann@example.org", At(100), At(200)}, At(0)); }));
  REQUIRE(store.Write([](Session& session) { return PutBlock(session, {"bob@example.org", At(300), {}}, At(0)); }));
  REQUIRE(find("ann@example.org", 199));
  CHECK(find("ann@example.org", 199)->until == At(100));
  CHECK(find("ann@example.org", 199)->braked_until == At(200));
  CHECK(find("ann@example.org", 199)->Ends() == At(200));
  CHECK(find("bob@example.org", 299)->Ends() == At(300));
  CHECK_FALSE(find("ann@example.org", 200));
  CHECK_FALSE(find("cid@example.org", 0));
  CHECK(Blocks(store, 199).size() == 2);
  CHECK(Blocks(store, 200).size() == 1);
}
