#include "mailer/store/sqlite.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <string>

#include "tests/support/temp_folder.h"

using namespace sealpost;
using namespace sealpost::store;

namespace {

std::string Pragma(Session& session, const std::string& name) {
  const auto rows = session.Select("PRAGMA " + name, {Column::kText});
  REQUIRE(rows);
  return rows->Size() == 1 ? rows->Text(0, 0) : "";
}

off_t SizeOf(const std::string& path) {
  struct stat facts{};
  return ::stat(path.c_str(), &facts) == 0 ? facts.st_size : -1;
}

struct SqliteFixture {
  SqliteFixture() {
    REQUIRE(PrepareFile(path));
    writer = std::move(*Connect(path, Access::kReadWrite, log));
  }
  void Fill(std::size_t bytes) {
    const std::string block(64 * 1024, 'x');
    for (std::size_t i = 0; i < bytes / block.size(); ++i) {
      REQUIRE(writer->Execute("INSERT INTO t (b) VALUES ($1)", {Blob{block}}));
    }
  }
  sealpost::tests::TempFolder folder;
  std::string path = folder.File("sqlite.db");
  base::Log log{base::LogLevel::kOff};
  std::unique_ptr<Session> writer;
};

}  // namespace

TEST_CASE("both kinds of connection sync in full and never checkpoint by themselves") {
  SqliteFixture f;
  const auto reader = Connect(f.path, Access::kReadOnly, f.log);
  REQUIRE(reader);
  for (Session* session : {f.writer.get(), reader->get()}) {
    CHECK(Pragma(*session, "main.journal_mode") == "wal");
    CHECK(Pragma(*session, "main.synchronous") == "2");
    CHECK(Pragma(*session, "wal_autocheckpoint") == "0");
    CHECK(Pragma(*session, "main.mmap_size") == "0");
    CHECK(Pragma(*session, "foreign_keys") == "1");
    CHECK(Pragma(*session, "temp_store") == "2");
  }
  CHECK(Pragma(*f.writer, "query_only") == "0");
  CHECK(Pragma(**reader, "query_only") == "1");
}

TEST_CASE("the log grows until the checkpointer moves it, and only when it is due") {
  SqliteFixture f;
  Checkpointer checkpointer(*f.writer);
  REQUIRE(f.writer->RunScript("CREATE TABLE t (b BLOB)"));
  const off_t before = SizeOf(f.path);
  f.Fill(4 << 20);
  checkpointer.RunIfDue();
  CHECK(SizeOf(f.path) == before);
  f.Fill(16 << 20);
  checkpointer.RunIfDue();
  CHECK(SizeOf(f.path) > (16 << 20));
  checkpointer.Finish();
  CHECK(SizeOf(f.path + "-wal") == 0);
}

TEST_CASE("a reader with an old snapshot does not block commits or checkpoints") {
  SqliteFixture f;
  Checkpointer checkpointer(*f.writer);
  REQUIRE(f.writer->RunScript("CREATE TABLE t (b BLOB)"));
  const auto reader = Connect(f.path, Access::kReadOnly, f.log);
  REQUIRE(reader);
  REQUIRE((*reader)->Begin());
  REQUIRE((*reader)->Select("SELECT b FROM t", {Column::kBlob}));
  for (int i = 0; i < 3; ++i) {
    f.Fill(17 << 20);
    checkpointer.RunIfDue();
  }
  CHECK((*reader)->Select("SELECT b FROM t", {Column::kBlob})->Size() == 0);
  (*reader)->Rollback();
  checkpointer.Finish();
  CHECK(SizeOf(f.path + "-wal") == 0);
}

TEST_CASE("a damaged page is unavailable, not a crash") {
  SqliteFixture f;
  REQUIRE(f.writer->RunScript("CREATE TABLE t (b BLOB)"));
  f.Fill(1 << 20);
  Checkpointer(*f.writer).Finish();
  f.writer.reset();
  std::string bytes = f.folder.Read("sqlite.db");
  bytes.replace(4096, bytes.size() - 4096, bytes.size() - 4096, '\xee');
  f.folder.Write("sqlite.db", bytes);
  const auto session = Connect(f.path, Access::kReadWrite, f.log);
  REQUIRE(session);
  const auto rows = (*session)->Select("SELECT b FROM t", {Column::kBlob});
  REQUIRE(!rows);
  CHECK(rows.error().kind == base::ErrorKind::kUnavailable);
}
