#include "mailer/base/backoff.h"

#include <doctest/doctest.h>

using sealpost::base::Backoff;
using namespace std::chrono_literals;

TEST_CASE("a backoff walks its steps and repeats the last one") {
  const Backoff backoff{{1s, 10s, 60s}, 0.0};
  CHECK(backoff.After(1, 0.5) == 1s);
  CHECK(backoff.After(2, 0.5) == 10s);
  CHECK(backoff.After(3, 0.5) == 60s);
  CHECK(backoff.After(4, 0.5) == 60s);
  CHECK(backoff.After(1'000'000, 0.5) == 60s);
}

TEST_CASE("jitter spreads a delay evenly around its step") {
  const Backoff backoff{{100s}, 0.2};
  CHECK(backoff.After(1, 0.0) == 80s);
  CHECK(backoff.After(1, 0.5) == 100s);
  CHECK(backoff.After(1, 0.75) == 110s);
  CHECK(backoff.After(1, 0.999999) < 120s + 1ms);
}

TEST_CASE("an attempt before the first and an empty table are no crash") {
  CHECK(Backoff{{5s}, 0.0}.After(0, 0.5) == 5s);
  CHECK(Backoff{{5s}, 0.0}.After(-3, 0.5) == 5s);
  CHECK(Backoff{{}, 0.2}.After(1, 0.5) == 0ms);
}
