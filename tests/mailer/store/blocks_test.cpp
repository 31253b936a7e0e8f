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

TEST_CASE("a block lasts until its time, is replaced by the next one, and is taken back by its mailbox") {
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
  const auto until = [&](const char* mailbox, std::int64_t now) {
    return *store.Read([=](Session& session) { return BlockedUntil(session, mailbox, At(now)); });
  };
  CHECK(until("bob@example.org", 149) == At(150));
  CHECK_FALSE(until("bob@example.org", 150).has_value());
  CHECK_FALSE(until("ann@example.org", 0).has_value());
  REQUIRE(store.Write([](Session& session) { return DeleteBlock(session, "bob@example.org"); }));
  CHECK(Blocks(store, 0).empty());
  CHECK(store.Write([](Session& session) { return DeleteBlock(session, "bob@example.org"); }));
}
