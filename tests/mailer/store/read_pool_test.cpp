#include "mailer/store/read_pool.h"

#include <doctest/doctest.h>

#include <future>
#include <latch>
#include <memory>
#include <utility>
#include <vector>

#include "mailer/store/sqlite.h"
#include "tests/support/temp_folder.h"

using namespace sealpost;
using namespace sealpost::store;

namespace {

struct PoolFixture {
  PoolFixture() {
    REQUIRE(PrepareFile(path));
    writer = std::move(*Connect(path, Access::kReadWrite, log));
    REQUIRE(writer->RunScript("CREATE TABLE t (n BIGINT)"));
    std::vector<std::unique_ptr<Session>> sessions;
    sessions.push_back(std::move(*Connect(path, Access::kReadOnly, log)));
    pool = std::make_unique<ReadPool>(std::move(sessions), log);
  }
  base::Result<void> Count(std::size_t& count) {
    return pool->Read([&](Session& session) -> base::Result<void> {
      auto rows = session.Select("SELECT n FROM t", {Column::kNumber});
      if (!rows) return std::unexpected(rows.error());
      count = rows->Size();
      return {};
    });
  }

  sealpost::tests::TempFolder folder;
  std::string path = folder.File("pool.db");
  base::Log log{base::LogLevel::kOff};
  std::unique_ptr<Session> writer;
  std::unique_ptr<ReadPool> pool;
};

}  // namespace

TEST_CASE("with the only session lent, the next reader waits until it is back") {
  PoolFixture f;
  std::latch lent(1);
  std::promise<void> give_back;
  auto first = std::async(std::launch::async, [&] {
    return f.pool->Read([&](Session&) -> base::Result<void> {
      lent.count_down();
      give_back.get_future().wait();
      return {};
    });
  });
  lent.wait();
  std::size_t count = 99;
  auto second = std::async(std::launch::async, [&] { return f.Count(count); });
  give_back.set_value();
  CHECK(first.get());
  CHECK(second.get());
  CHECK(count == 0);
}

TEST_CASE("after a read that failed the next one sees the newest rows") {
  PoolFixture f;
  const auto failed = f.pool->Read([](Session& session) -> base::Result<void> {
    auto rows = session.Select("SELECT no_such_column FROM t", {Column::kNumber});
    if (!rows) return std::unexpected(rows.error());
    return {};
  });
  CHECK(!failed);
  REQUIRE(f.writer->Execute("INSERT INTO t (n) VALUES ($1)", {1}));
  std::size_t count = 0;
  CHECK(f.Count(count));
  CHECK(count == 1);
}
