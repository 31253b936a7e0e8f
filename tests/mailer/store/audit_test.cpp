#include "mailer/store/audit.h"

#include "tests/mailer/store/store_fixture.h"

using namespace sealpost;
using namespace sealpost::store;
using sealpost::store::tests::At;

TEST_CASE("what was done is found by its subject and by its action, the latest first") {
  store::tests::StoreFixture store;
  const AuditEntry entries[] = {{At(1), "key", "limits.reset", "a", "a slip"},
                                {At(2), "key", "limits.block", "b", "asked by phone"},
                                {At(3), "other", "limits.reset", "b", "line\nbreak"}};
  for (const AuditEntry& entry : entries)
    REQUIRE(store.Write([&](Session& session) { return InsertAudit(session, entry); }));
  const auto of_b = store.Read([](Session& session) { return AuditOf(session, "b", 10); });
  REQUIRE(of_b);
  REQUIRE(of_b->size() == 2);
  CHECK(of_b->at(0).actor == "other");
  CHECK(of_b->at(0).reason == "line\nbreak");
  CHECK(of_b->at(1).action == "limits.block");
  CHECK(store.Read([](Session& session) { return AuditOf(session, "b", 1); })->size() == 1);
  const auto resets = store.Read([](Session& session) { return AuditSince(session, "limits.reset", At(2)); });
  REQUIRE(resets);
  REQUIRE(resets->size() == 1);
  CHECK(resets->at(0).subject == "b");
  CHECK(resets->at(0).at == At(3));
}
