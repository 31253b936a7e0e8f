// What was acknowledged survives a kill -9 at any moment: the contract of group commit, held by a process that dies.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>
#include <vector>

#include "mailer/store/emails.h"
#include "tests/mailer/store/store_fixture.h"

using namespace sealpost;
using namespace sealpost::store;
using namespace sealpost::store::tests;

namespace {

// Writes from four threads and sends each number down the pipe when it has been acknowledged. Never returns.
[[noreturn]] void WriteUntilKilled(const std::string& url, int pipe_end, int first) {
  base::Log log(base::LogLevel::kOff);
  Options options;
  options.url = url;
  auto database = Database::Open(options, log);
  if (!database) ::_exit(3);
  const auto write = [&](int offset) {
    for (int number = first + offset;; number += 4) {
      const auto done = (*database)->Write(
          [&](Session& s) { return InsertEmail(s, EmailOf(number), {DeliveryOf(500'000 + number, number)}); });
      if (!done || ::write(pipe_end, &number, sizeof number) != sizeof number) ::_exit(4);
    }
  };
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) threads.emplace_back(write, t);
  threads.clear();
  ::_exit(5);
}

std::vector<int> KillAfter(std::size_t acknowledged, const std::string& url, int first) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::close(ends[0]);
    WriteUntilKilled(url, ends[1], first);
  }
  ::close(ends[1]);
  std::vector<int> numbers;
  int number = 0;
  while (::read(ends[0], &number, sizeof number) == sizeof number) {
    numbers.push_back(number);
    if (numbers.size() == acknowledged) ::kill(child, SIGKILL);
  }
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  return numbers;
}

}  // namespace

TEST_CASE("every acknowledged email is there after kill -9") {
  StoreFixture store;
  store.Close();
  std::vector<int> acknowledged;
  for (int round = 0; round < 5; ++round) {
    const auto numbers =
        KillAfter(20 + 37 * static_cast<std::size_t>(round), "sqlite://" + store.path(), 1 + round * 100'000);
    acknowledged.insert(acknowledged.end(), numbers.begin(), numbers.end());
  }
  store.Reopen();
  CHECK(acknowledged.size() >= 20 + 57 + 94 + 131 + 168);
  std::size_t missing = 0;
  for (const int number : acknowledged) {
    const auto deliveries = store.Read([&](Session& s) { return DeliveriesOf(s, IdOf(number)); });
    const auto email = store.Read([&](Session& s) { return FindEmail(s, IdOf(number), true); });
    if (!email || email->raw.bytes != EmailOf(number).raw.bytes || !deliveries || deliveries->size() != 1) ++missing;
  }
  CHECK(missing == 0);
}
