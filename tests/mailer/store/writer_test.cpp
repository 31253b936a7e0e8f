#include "mailer/store/writer.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <atomic>
#include <csignal>
#include <future>
#include <latch>
#include <thread>
#include <vector>

#include "mailer/store/emails.h"
#include "mailer/store/keys.h"
#include "tests/mailer/store/store_fixture.h"
#include "tests/support/wait.h"

using namespace sealpost;
using namespace sealpost::store;
using namespace sealpost::store::tests;
using sealpost::base::ErrorKind;
using sealpost::tests::WaitFor;

namespace {

// While it lives, no file of this process grows beyond `bytes`, as on a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : former_handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &former_);
    rlimit limited = former_;
    limited.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limited);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &former_);
    std::signal(SIGXFSZ, former_handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit former_{};
  void (*former_handler_)(int);
};

base::Result<void> InsertLarge(Session& session, int number) {
  auto email = EmailOf(number);
  email.raw.bytes.assign(64 * 1024, 'x');
  return InsertEmail(session, email, {});
}

std::size_t CountEmails(StoreFixture& store, int last) {
  std::size_t count = 0;
  for (int i = 1; i <= last; ++i) {
    if (store.Read([&](Session& s) { return FindEmail(s, IdOf(i), false); })) ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("work that waits at the same time shares a commit") {
  StoreFixture store;
  const Stats before = store.database().Statistics();
  // The first piece holds the writer until all others wait behind it.
  std::latch started(1);
  std::latch go(1);
  store.database().Post(
      [&](Session&) -> base::Result<void> {
        started.count_down();
        go.wait();
        return {};
      },
      [](base::Result<void>) {});
  started.wait();
  std::latch answered(50);
  for (int i = 1; i <= 50; ++i) {
    store.database().Post([i](Session& s) { return InsertEmail(s, EmailOf(i), {}); },
                          [&](base::Result<void> result) {
                            CHECK(result.has_value());
                            answered.count_down();
                          });
  }
  go.count_down();
  answered.wait();
  const Stats after = store.database().Statistics();
  CHECK(after.committed - before.committed == 51);
  CHECK(after.commits - before.commits == 2);
  CHECK(CountEmails(store, 50) == 50);
}

TEST_CASE("threads that write at once all get their own answer") {
  StoreFixture store;
  std::atomic<int> accepted = 0;
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&] {
        // Every thread inserts the same 25 ids: exactly one of them wins each.
        for (int i = 1; i <= 25; ++i) {
          const auto done = store.Write([i](Session& s) { return InsertEmail(s, EmailOf(i), {}); });
          if (done) ++accepted;
          if (!done && done.error().kind == ErrorKind::kConflict) ++refused;
        }
      });
    }
  }
  CHECK(accepted == 25);
  CHECK(refused == 7 * 25);
  CHECK(store.database().Statistics().committed == 8 * 25);
}

TEST_CASE("a piece that fails undoes only itself") {
  StoreFixture store;
  std::latch started(1);
  std::latch go(1);
  store.database().Post(
      [&](Session& s) {
        started.count_down();
        go.wait();
        return InsertEmail(s, EmailOf(1), {});
      },
      [](base::Result<void>) {});
  started.wait();
  std::promise<base::Result<void>> failing, throwing, fine;
  store.database().Post(
      [](Session& s) -> base::Result<void> {
        CHECK(InsertEmail(s, EmailOf(2), {}).has_value());
        return base::Fail(ErrorKind::kInvalid, "changed my mind");
      },
      [&](base::Result<void> result) { failing.set_value(result); });
  store.database().Post(
      [](Session& s) -> base::Result<void> {
        CHECK(InsertEmail(s, EmailOf(3), {}).has_value());
        throw std::runtime_error("planned");
      },
      [&](base::Result<void> result) { throwing.set_value(result); });
  store.database().Post([](Session& s) { return InsertEmail(s, EmailOf(4), {}); },
                        [&](base::Result<void> result) { fine.set_value(result); });
  go.count_down();
  CHECK(failing.get_future().get().error().message == "changed my mind");
  CHECK(throwing.get_future().get().error().kind == ErrorKind::kInternal);
  CHECK(fine.get_future().get().has_value());
  CHECK(CountEmails(store, 4) == 2);
  CHECK(store.Read([](Session& s) { return FindEmail(s, IdOf(4), false); }).has_value());
  CHECK(store.database().Writable());
}

TEST_CASE("work that overlooks a failed statement leaves nothing behind") {
  StoreFixture store;
  REQUIRE(store.Write([](Session& s) { return InsertEmail(s, EmailOf(1), {}); }));
  const auto done = store.Write([](Session& s) -> base::Result<void> {
    CHECK(InsertEmail(s, EmailOf(2), {}).has_value());
    CHECK(InsertEmail(s, EmailOf(1), {}).error().kind == ErrorKind::kConflict);
    CHECK(!InsertEmail(s, EmailOf(3), {}).has_value());
    return base::Fail(ErrorKind::kConflict, "taken");
  });
  CHECK(!done);
  CHECK(CountEmails(store, 3) == 1);
}

TEST_CASE("a call of Write from the writer's own thread is refused instead of waiting for itself") {
  StoreFixture store;
  std::promise<base::Result<void>> inner;
  store.database().Post(
      [](Session&) -> base::Result<void> { return {}; },
      [&](base::Result<void>) { inner.set_value(store.Write([](Session&) -> base::Result<void> { return {}; })); });
  CHECK(inner.get_future().get().error().kind == ErrorKind::kInternal);
}

TEST_CASE("closing finishes the work that waits") {
  StoreFixture store;
  std::atomic<int> answered = 0;
  for (int i = 1; i <= 100; ++i) {
    store.database().Post([i](Session& s) { return InsertEmail(s, EmailOf(i), {}); },
                          [&](base::Result<void> result) { answered += result ? 1 : 0; });
  }
  store.Close();
  CHECK(answered == 100);
  store.Reopen();
  CHECK(CountEmails(store, 100) == 100);
}

TEST_CASE("a full disk refuses everything that was in the commit, and the store recovers by itself") {
  StoreFixture store;
  int accepted = 0;
  {
    const FileSizeLimit limit(1024 * 1024);
    base::Result<void> done;
    while ((done = store.Write([&](Session& s) { return InsertLarge(s, accepted + 1); }))) {
      ++accepted;
      REQUIRE(accepted < 100);
    }
    CHECK(accepted > 0);
    CHECK(done.error().kind == ErrorKind::kUnavailable);
    CHECK(!store.database().Writable());
    // Work that writes nothing does not make the store writable.
    CHECK(!store.Write([](Session&) -> base::Result<void> { return {}; }));
    CHECK(!store.database().Writable());
    CHECK(CountEmails(store, accepted) == static_cast<std::size_t>(accepted));
  }
  CHECK(WaitFor([&] { return store.database().Writable(); }));
  CHECK(store.Write([&](Session& s) { return InsertLarge(s, accepted + 1); }));
  store.Reopen();
  CHECK(CountEmails(store, accepted + 1) == static_cast<std::size_t>(accepted) + 1);
}

TEST_CASE("a piece too large for the disk does not harm the store") {
  StoreFixture store;
  REQUIRE(store.Write([](Session& s) { return InsertEmail(s, EmailOf(1), {}); }));
  {
    const FileSizeLimit limit(1024 * 1024);
    // Larger than SQLite's cache, so the log is written before the commit.
    const auto done = store.Write([](Session& s) -> base::Result<void> {
      for (int i = 2; i < 1000; ++i) {
        if (auto inserted = InsertLarge(s, i); !inserted) return inserted;
      }
      return {};
    });
    REQUIRE(!done);
    CHECK(done.error().kind == ErrorKind::kUnavailable);
  }
  CHECK(WaitFor([&] { return store.database().Writable(); }));
  CHECK(store.Write([](Session& s) { return InsertEmail(s, EmailOf(1000), {}); }));
  CHECK(CountEmails(store, 1000) == 2);
}

TEST_CASE("the write-ahead log stays bounded while much is written") {
  StoreFixture store;
  for (int i = 0; i < 40; ++i) {
    REQUIRE(store.Write([i](Session& s) -> base::Result<void> {
      for (int j = 1; j <= 16; ++j) {
        if (auto done = InsertLarge(s, i * 16 + j); !done) return done;
      }
      return {};
    }));
  }
  struct stat facts{};
  REQUIRE(::stat((store.path() + "-wal").c_str(), &facts) == 0);
  CHECK(facts.st_size < 24 * 1024 * 1024);
  CHECK(CountEmails(store, 640) == 640);
}
