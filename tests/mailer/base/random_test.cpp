#include "mailer/base/random.h"

#include <doctest/doctest.h>

#include <array>
#include <thread>

using sealpost::base::RandomUnit;

TEST_CASE("random numbers lie in the unit interval and reach all of it") {
  std::array<int, 10> tenths{};
  for (int i = 0; i < 10'000; ++i) {
    const double value = RandomUnit();
    REQUIRE(value >= 0.0);
    REQUIRE(value < 1.0);
    ++tenths[static_cast<std::size_t>(value * 10)];
  }
  for (const int count : tenths) CHECK(count > 500);
}

TEST_CASE("each thread has numbers of its own") {
  double other = 0;
  std::jthread([&] { other = RandomUnit(); }).join();
  CHECK(other != RandomUnit());
}
