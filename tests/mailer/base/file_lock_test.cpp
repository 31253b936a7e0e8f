#include "mailer/base/file_lock.h"

#include <doctest/doctest.h>

#include <optional>
#include <utility>

#include "tests/support/process.h"
#include "tests/support/temp_folder.h"
#include "tests/support/wait.h"

using namespace sealpost::base;
using namespace sealpost::tests;

TEST_CASE("a lock is held by one at a time and free again when its object goes") {
  const TempFolder folder;
  const std::string path = folder.File("lock");
  std::optional<FileLock> first(std::move(*FileLock::Take(path)));
  const auto second = FileLock::Take(path);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().kind == ErrorKind::kConflict);
  CHECK(second.error().message.find(path) != std::string::npos);
  FileLock moved = std::move(*first);
  first.reset();
  CHECK_FALSE(FileLock::Take(path).has_value());
  {
    const FileLock last = std::move(moved);
  }
  CHECK(FileLock::Take(path).has_value());
}

TEST_CASE("a lock excludes other processes and does not reach the programs started under it") {
  const TempFolder folder;
  const std::string path = folder.File("lock");
  std::optional<FileLock> lock(std::move(*FileLock::Take(path)));
  CHECK(Run({"flock", "--nonblock", path, "true"}).exit_code == 1);
  Process sleeper({"sleep", "1000"});
  lock.reset();
  CHECK(Run({"flock", "--nonblock", path, "true"}).exit_code == 0);

  Process holder({"flock", path, "sh", "-c", "echo held; exec sleep 1000"});
  REQUIRE(holder.ReadLine() == "held");
  CHECK(FileLock::Take(path).error().kind == ErrorKind::kConflict);
  holder.Kill();
  // What the holder had started inherited the lock and dies on its own time.
  CHECK(WaitFor([&] { return FileLock::Take(path).has_value(); }));
}

TEST_CASE("a lock that cannot be made is an error, not a conflict") {
  const TempFolder folder;
  CHECK(FileLock::Take(folder.File("no/folder/lock")).error().kind == ErrorKind::kNotFound);
}
