#include "mailer/store/session.h"

#include <doctest/doctest.h>

#include <string>

#include "mailer/store/sqlite.h"
#include "tests/support/temp_folder.h"

using namespace sealpost;
using namespace sealpost::store;
using sealpost::base::ErrorKind;

namespace {

struct SessionFixture {
  SessionFixture() {
    const std::string path = folder.File("session.db");
    REQUIRE(PrepareFile(path));
    auto connected = Connect(path, Access::kReadWrite, log);
    REQUIRE(connected);
    session = std::move(*connected);
    REQUIRE(
        session->RunScript("CREATE TABLE t (id BIGINT PRIMARY KEY, n BIGINT, s TEXT, b BLOB);"
                           "CREATE TABLE u (t_id BIGINT REFERENCES t (id), s TEXT NOT NULL);"));
  }
  base::Result<std::size_t> Insert(std::int64_t id, std::optional<std::int64_t> n, std::string_view s,
                                   std::string_view b) {
    return session->Execute("INSERT INTO t (id, n, s, b) VALUES ($1, $2, $3, $4)", {id, n, s, Blob{b}});
  }
  std::size_t Count() { return session->Select("SELECT id FROM t", {Column::kNumber})->Size(); }

  sealpost::tests::TempFolder folder;
  base::Log log{base::LogLevel::kOff};
  std::unique_ptr<Session> session;
};

}  // namespace

TEST_CASE("values come back as they were given, through the same prepared statement") {
  SessionFixture f;
  std::string bytes;
  for (int i = 0; i < 300; ++i) bytes.push_back(static_cast<char>(i));
  REQUIRE(f.Insert(1, 42, "größe 'quoted'", bytes) == 1u);
  REQUIRE(f.Insert(2, std::nullopt, "", "") == 1u);
  REQUIRE(f.Insert(3, INT64_MIN, std::string(100'000, 'x'), std::string(100'000, 'y')) == 1u);
  const auto rows = f.session->Select("SELECT id, n, s, b FROM t ORDER BY id",
                                      {Column::kNumber, Column::kNumber, Column::kText, Column::kBlob});
  REQUIRE(rows);
  REQUIRE(rows->Size() == 3);
  CHECK(rows->Number(0, 1) == 42);
  CHECK(rows->Text(0, 2) == "größe 'quoted'");
  CHECK(rows->Bytes(0, 3) == bytes);
  CHECK(!rows->MaybeNumber(1, 1));
  CHECK(rows->Number(1, 1) == 0);
  CHECK(rows->Text(1, 2).empty());
  CHECK(rows->Bytes(1, 3).empty());
  CHECK(rows->Number(2, 1) == INT64_MIN);
  CHECK(rows->Bytes(2, 3).size() == 100'000);
}

TEST_CASE("a prepared query answers each time for the values of that time") {
  SessionFixture f;
  for (int i = 1; i <= 5; ++i) REQUIRE(f.Insert(i, i * 10, "row", "x"));
  for (const int wanted : {3, 9, 1, 5, 9, 3}) {
    const auto rows = f.session->Select("SELECT n FROM t WHERE id = $1", {Column::kNumber}, {wanted});
    REQUIRE(rows);
    CHECK(rows->Size() == (wanted <= 5 ? 1u : 0u));
    if (rows->Size() == 1) CHECK(rows->Number(0, 0) == wanted * 10);
  }
}

TEST_CASE("an answer outlives the next run of its statement") {
  SessionFixture f;
  REQUIRE(f.Insert(1, 1, "one", "x"));
  REQUIRE(f.Insert(2, 2, "two", "x"));
  const auto first = f.session->Select("SELECT s FROM t WHERE id = $1", {Column::kText}, {1});
  const auto second = f.session->Select("SELECT s FROM t WHERE id = $1", {Column::kText}, {2});
  CHECK(first->Text(0, 0) == "one");
  CHECK(second->Text(0, 0) == "two");
}

TEST_CASE("the count of changed rows is that of the latest run") {
  SessionFixture f;
  for (int i = 1; i <= 5; ++i) REQUIRE(f.Insert(i, 1, "", "") == 1u);
  CHECK(f.session->Execute("UPDATE t SET n = $1 WHERE id > $2", {2, 2}) == 3u);
  CHECK(f.session->Execute("UPDATE t SET n = $1 WHERE id > $2", {2, 9}) == 0u);
  CHECK(f.session->Execute("UPDATE t SET n = $1 WHERE id > $2", {2, 4}) == 1u);
}

TEST_CASE("only a value that is taken is a conflict") {
  SessionFixture f;
  REQUIRE(f.Insert(1, 1, "", ""));
  CHECK(f.Insert(1, 1, "", "").error().kind == ErrorKind::kConflict);
  CHECK(f.session->Execute("INSERT INTO u (t_id, s) VALUES ($1, $2)", {99, "x"}).error().kind == ErrorKind::kInternal);
  CHECK(f.session->Execute("INSERT INTO u (t_id, s) VALUES ($1, NULL)", {1}).error().kind == ErrorKind::kInternal);
  CHECK(f.session->Execute("no such words").error().kind == ErrorKind::kInternal);
  CHECK(f.session->Execute("UPDATE t SET n = $1", {}).error().kind == ErrorKind::kInternal);
  CHECK(f.Insert(2, 1, "", "") == 1u);
}

TEST_CASE("an error text carries no value") {
  SessionFixture f;
  REQUIRE(f.Insert(1, 1, "", ""));
  CHECK(f.Insert(1, 1, "secret-value", "").error().message.find("secret-value") == std::string::npos);
}

TEST_CASE("inside a transaction nothing succeeds after a failure until it is rolled back") {
  SessionFixture f;
  REQUIRE(f.Insert(1, 1, "", ""));
  REQUIRE(f.session->Begin());
  REQUIRE(f.Insert(2, 1, "", ""));
  CHECK(!f.Insert(1, 1, "", ""));
  CHECK(!f.Insert(3, 1, "", ""));
  CHECK(!f.session->Select("SELECT id FROM t", {Column::kNumber}));
  CHECK(!f.session->Commit());
  f.session->Rollback();
  CHECK(f.Count() == 1);
  CHECK(f.Insert(3, 1, "", ""));
}

TEST_CASE("a savepoint undoes what came after it and keeps what came before") {
  SessionFixture f;
  REQUIRE(f.session->Begin());
  REQUIRE(f.session->SetSavepoint());
  REQUIRE(f.Insert(1, 1, "", ""));
  REQUIRE(f.session->KeepSavepoint());
  REQUIRE(f.session->SetSavepoint());
  REQUIRE(f.Insert(2, 1, "", ""));
  CHECK(!f.Insert(1, 1, "", ""));
  REQUIRE(f.session->UndoSavepoint());
  REQUIRE(f.session->Commit());
  CHECK(f.Count() == 1);
}

TEST_CASE("rolling back without a transaction harms nothing") {
  SessionFixture f;
  f.session->Rollback();
  CHECK(f.Insert(1, 1, "", ""));
}
