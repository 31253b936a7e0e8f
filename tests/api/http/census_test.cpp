#include "api/http/census.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>
#include <vector>

using namespace sealpost::http;

namespace {

constexpr auto kPatience = std::chrono::seconds(20);

struct Pair {
  std::array<int, 2> ends{};
  Pair() { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0); }
  ~Pair() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  bool Ended() const {
    char c = 0;
    return ::recv(ends[0], &c, 1, MSG_DONTWAIT) == 0;
  }
};

}  // namespace

TEST_CASE("A client has so many connections and no more, until one leaves") {
  Census census;
  auto first = census.Enter(-1, "a", 2);
  const auto second = census.Enter(-1, "a", 2);
  CHECK(first);
  CHECK(second);
  CHECK_FALSE(census.Enter(-1, "a", 2));
  CHECK(census.Enter(-1, "b", 2));
  first.reset();
  CHECK(census.Enter(-1, "a", 2));
}

TEST_CASE("Who has no key is not counted") {
  Census census;
  std::vector<std::unique_ptr<Census::Entry>> entries;
  for (int i = 0; i < 100; ++i) {
    entries.push_back(census.Enter(-1, "", 1));
    CHECK(entries.back());
  }
}

TEST_CASE("Stopping ends the idle first and the busy when asked") {
  Census census;
  const Pair idle, busy;
  const auto one = census.Enter(idle.ends[0], "", 1);
  const auto two = census.Enter(busy.ends[0], "", 1);
  one->SetIdle(true);
  census.Shutdown(true);
  CHECK(idle.Ended());
  CHECK_FALSE(busy.Ended());
  census.Shutdown(false);
  CHECK(busy.Ended());
}

TEST_CASE("Waiting ends when the last has left, or at the deadline") {
  Census census;
  auto entry = census.Enter(-1, "a", 1);
  CHECK_FALSE(census.WaitEmpty(std::chrono::steady_clock::now()));
  std::jthread leaver([&] { entry.reset(); });
  CHECK(census.WaitEmpty(std::chrono::steady_clock::now() + kPatience));
}

TEST_CASE("Bodies share one budget and give it back") {
  BodyBudget budget(100);
  {
    BodyBudget::Lease first(budget), second(budget);
    CHECK(first.GrowTo(60));
    CHECK(first.GrowTo(50));
    CHECK_FALSE(second.GrowTo(41));
    CHECK(second.GrowTo(40));
    CHECK_FALSE(first.GrowTo(61));
  }
  BodyBudget::Lease all(budget);
  CHECK(all.GrowTo(100));
  CHECK_FALSE(all.GrowTo(101));
}
