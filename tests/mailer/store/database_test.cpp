#include "mailer/store/database.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <atomic>
#include <latch>
#include <thread>
#include <vector>

#include "mailer/store/emails.h"
#include "mailer/store/session.h"
#include "tests/mailer/store/store_fixture.h"

using namespace sealpost;
using namespace sealpost::store;
using namespace sealpost::store::tests;
using sealpost::base::ErrorKind;
using sealpost::tests::TempFolder;

namespace {

base::Error OpenError(const std::string& url) {
  base::Log log(base::LogLevel::kOff);
  Options options;
  options.url = url;
  const auto opened = Database::Open(options, log);
  REQUIRE(!opened.has_value());
  return opened.error();
}

unsigned ModeOf(const std::string& path) {
  struct stat facts{};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  return facts.st_mode & 07777u;
}

}  // namespace

TEST_CASE("what was written is there after the store was closed and opened again") {
  StoreFixture store;
  REQUIRE(store.Write([](Session& s) { return InsertEmail(s, EmailOf(1), {DeliveryOf(2, 1)}); }));
  store.Reopen();
  CHECK(store.Read([](Session& s) { return FindEmail(s, IdOf(1), true); })->raw.bytes == EmailOf(1).raw.bytes);
}

TEST_CASE("the store's files are readable for their owner only") {
  StoreFixture store;
  REQUIRE(store.Write([](Session& s) { return InsertEmail(s, EmailOf(1), {}); }));
  CHECK(ModeOf(store.path()) == 0600);
  CHECK(ModeOf(store.path() + "-wal") == 0600);
  CHECK(ModeOf(store.path() + ".lock") == 0600);
}

TEST_CASE("closing leaves the whole store in the one file") {
  StoreFixture store;
  REQUIRE(store.Write([](Session& s) { return InsertEmail(s, EmailOf(1), {}); }));
  store.Close();
  struct stat facts{};
  CHECK(::stat((store.path() + "-wal").c_str(), &facts) != 0);
  store.Reopen();
  CHECK(store.Read([](Session& s) { return FindEmail(s, IdOf(1), false); }).has_value());
}

TEST_CASE("a second opening is refused and names the file") {
  StoreFixture store;
  const auto error = OpenError("sqlite://" + store.path());
  CHECK(error.kind == ErrorKind::kConflict);
  CHECK(error.field == "store.url");
  CHECK(error.message.find(store.path()) != std::string::npos);
  // The refused opening has not taken anything from the first one.
  CHECK(store.Write([](Session& s) { return InsertEmail(s, EmailOf(1), {}); }));
}

TEST_CASE("postgresql:// is refused with the sentence of the manual") {
  for (const char* url : {"postgresql://localhost/sealpost", "postgres://localhost/sealpost"}) {
    const auto error = OpenError(url);
    CHECK(error.kind == ErrorKind::kInvalid);
    CHECK(error.message == "postgresql:// is not served yet: use sqlite:///path");
  }
}

TEST_CASE("an address that names no absolute file is refused") {
  for (const char* url : {"", "sqlite://", "sqlite:///", "sqlite:///tmp/", "sqlite://relative.db", "/tmp/x.db",
                          "sqlite:/tmp/x.db", "mysql:///x"}) {
    CAPTURE(url);
    const auto error = OpenError(url);
    CHECK(error.kind == ErrorKind::kInvalid);
    CHECK(error.field == "store.url");
    CHECK(error.message.find("sqlite:///absolute/path") != std::string::npos);
  }
}

TEST_CASE(
    "a folder that is not there, a folder in place of the file and a file that is no database are errors that "
    "name the path") {
  const TempFolder folder;
  const std::string missing = folder.File("missing") + "/store.db";
  CHECK(OpenError("sqlite://" + missing).message.find(missing) != std::string::npos);

  const std::string in_place = folder.File("folder.db");
  REQUIRE(::mkdir(in_place.c_str(), 0700) == 0);
  CHECK(OpenError("sqlite://" + in_place).message.find(in_place) != std::string::npos);

  const std::string text = folder.Write("text.db", std::string(8192, 'x'));
  const auto error = OpenError("sqlite://" + text);
  CHECK(error.kind == ErrorKind::kUnavailable);
  CHECK(error.message.find(text) != std::string::npos);
  CHECK(error.message.find("damaged") != std::string::npos);
  CHECK(folder.Read("text.db") == std::string(8192, 'x'));
}

TEST_CASE("after a refused opening the lock is free again") {
  const TempFolder folder;
  const std::string path = folder.Write("store.db", std::string(8192, 'x'));
  OpenError("sqlite://" + path);
  REQUIRE(::unlink(path.c_str()) == 0);
  base::Log log(base::LogLevel::kOff);
  Options options;
  options.url = "sqlite://" + path;
  CHECK(Database::Open(options, log).has_value());
}

TEST_CASE("a reader sees what was committed before, and one moment only") {
  StoreFixture store;
  REQUIRE(store.Write([](Session& s) { return InsertEmail(s, EmailOf(1), {}); }));
  const auto read = store.database().Read([&](Session& s) -> base::Result<void> {
    CHECK(FindEmail(s, IdOf(1), false).has_value());
    REQUIRE(store.Write([](Session& w) { return InsertEmail(w, EmailOf(2), {}); }));
    CHECK(FindEmail(s, IdOf(2), false).error().kind == ErrorKind::kNotFound);
    return {};
  });
  CHECK(read.has_value());
  CHECK(store.Read([](Session& s) { return FindEmail(s, IdOf(2), false); }).has_value());
}

TEST_CASE("a reader cannot write") {
  StoreFixture store;
  const auto read = store.database().Read([](Session& s) { return InsertEmail(s, EmailOf(1), {}); });
  REQUIRE(!read);
  CHECK(store.Read([](Session& s) { return FindEmail(s, IdOf(1), false); }).error().kind == ErrorKind::kNotFound);
}

TEST_CASE("what work throws while reading is an error, and the session serves the next one") {
  StoreFixture store;
  for (int i = 0; i < 10; ++i) {
    const auto read =
        store.database().Read([](Session&) -> base::Result<void> { throw std::runtime_error("planned"); });
    REQUIRE(!read);
    CHECK(read.error().kind == ErrorKind::kInternal);
  }
  CHECK(store.Read([](Session& s) { return DeliveriesOf(s, IdOf(1)); }).has_value());
}

TEST_CASE("more readers than sessions take turns") {
  StoreFixture store;
  REQUIRE(store.Write([](Session& s) { return InsertEmail(s, EmailOf(1), {}); }));
  std::atomic<int> found = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 16; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 20; ++i) {
          if (store.Read([](Session& s) { return FindEmail(s, IdOf(1), true); })) ++found;
        }
      });
    }
  }
  CHECK(found == 16 * 20);
}

TEST_CASE("reading and writing go on beside each other") {
  StoreFixture store;
  std::atomic<bool> failed = false;
  {
    const std::jthread writer([&] {
      for (int i = 1; i <= 100; ++i) {
        if (!store.Write([i](Session& s) { return InsertEmail(s, EmailOf(i), {DeliveryOf(1000 + i, i)}); })) {
          failed = true;
        }
      }
    });
    std::vector<std::jthread> readers;
    for (int t = 0; t < 3; ++t) {
      readers.emplace_back([&] {
        for (int i = 0; i < 200; ++i) {
          const auto jobs = store.Read([](Session& s) { return PendingJobs(s, INT64_MIN, "", 1000); });
          if (!jobs) failed = true;
        }
      });
    }
  }
  CHECK(!failed);
  CHECK(store.Read([](Session& s) { return PendingJobs(s, INT64_MIN, "", 1000); })->size() == 100);
}
