#include "mailer/store/migrate.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "mailer/store/blocks.h"
#include "mailer/store/sqlite.h"
#include "tests/support/temp_folder.h"

using namespace sealpost;
using namespace sealpost::store;
using sealpost::base::ErrorKind;

namespace {

struct MigrateFixture {
  MigrateFixture() {
    const std::string path = folder.File("migrate.db");
    REQUIRE(PrepareFile(path));
    session = std::move(*Connect(path, Access::kReadWrite, log));
  }
  bool Has(const char* table) {
    const auto rows = session->Select("SELECT name FROM main.sqlite_master WHERE type = 'table' AND name = $1",
                                      {Column::kText}, {table});
    return rows && rows->Size() == 1;
  }
  sealpost::tests::TempFolder folder;
  base::Log log{base::LogLevel::kOff};
  std::unique_ptr<Session> session;
};

}  // namespace

TEST_CASE("the versions of the schema ascend from 1 without a gap") {
  std::int64_t last = 0;
  for (const Migration& migration : Migrations()) CHECK(migration.version == ++last);
  CHECK(last > 0);
}

TEST_CASE("a new store gets every table, and a second time changes nothing") {
  MigrateFixture f;
  for (int i = 0; i < 2; ++i) {
    REQUIRE(Migrate(*f.session, Migrations()));
    for (const char* table :
         {"emails", "deliveries", "events", "idempotency", "templates", "topics", "choices", "api_keys", "audit",
          "blocks", "confirmed_mailboxes", "digests", "limit_signals", "attack_notices"}) {
      CHECK(f.Has(table));
    }
  }
}

TEST_CASE("a store is taken on from the version it has") {
  MigrateFixture f;
  const std::vector<Migration> steps = {{1, "CREATE TABLE one (a BIGINT);"}, {2, "CREATE TABLE two (a BIGINT);"}};
  REQUIRE(Migrate(*f.session, std::span(steps).first(1)));
  REQUIRE(f.session->Execute("INSERT INTO one (a) VALUES ($1)", {7}));
  REQUIRE(Migrate(*f.session, steps));
  CHECK(f.Has("two"));
  CHECK(f.session->Select("SELECT a FROM one", {Column::kNumber})->Number(0, 0) == 7);
}

TEST_CASE("a step that fails leaves nothing of itself behind") {
  MigrateFixture f;
  const std::vector<Migration> steps = {{1, "CREATE TABLE one (a BIGINT);"},
                                        {2, "CREATE TABLE two (a BIGINT); CREATE TABLE one (b BIGINT);"}};
  const auto done = Migrate(*f.session, steps);
  REQUIRE(!done);
  CHECK(done.error().message.find("version 2") != std::string::npos);
  CHECK(f.Has("one"));
  CHECK(!f.Has("two"));
  const std::vector<Migration> repaired = {steps[0], {2, "CREATE TABLE two (a BIGINT);"}};
  CHECK(Migrate(*f.session, repaired));
  CHECK(f.Has("two"));
}

TEST_CASE("a store of a newer program is refused") {
  MigrateFixture f;
  const std::vector<Migration> newer = {{1, "CREATE TABLE one (a BIGINT);"}, {2, "CREATE TABLE two (a BIGINT);"}};
  REQUIRE(Migrate(*f.session, newer));
  const auto done = Migrate(*f.session, std::span(newer).first(1));
  REQUIRE(!done);
  CHECK(done.error().kind == ErrorKind::kConflict);
  CHECK(done.error().message.find("newer program") != std::string::npos);
}

TEST_CASE("a block from before recipients had a brake is an administrator's") {
  MigrateFixture f;
  const auto steps = Migrations();
  REQUIRE(Migrate(*f.session, steps.first(7)));
  REQUIRE(f.session->Execute("INSERT INTO blocks (mailbox, until) VALUES ($1, $2)", {"ann@example.org", 100}));
  REQUIRE(Migrate(*f.session, steps));
  const auto block = FindBlock(*f.session, "ann@example.org", base::FromMillis(99));
  REQUIRE(block);
  REQUIRE(*block);
  CHECK((*block)->until == base::FromMillis(100));
  CHECK((*block)->braked_until == base::Time());
}
