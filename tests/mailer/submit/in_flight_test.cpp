#include "mailer/submit/in_flight.h"

#include <doctest/doctest.h>

#include <optional>
#include <thread>

using sealpost::submit::InFlight;
using namespace std::chrono_literals;

TEST_CASE("who waits for a message learns when it has ended") {
  InFlight in_flight;
  std::optional<InFlight::Mark> mark = in_flight.Add("a");
  std::jthread sender([&] { mark.reset(); });
  // Either it was seen on its way and ended, or it had ended before.
  in_flight.AwaitEnd("a", 1h);
  sender.join();
  CHECK_FALSE(in_flight.AwaitEnd("a", 0ms));
}

TEST_CASE("a message that is not here is not waited for, and one that stays is given up") {
  InFlight in_flight;
  CHECK_FALSE(in_flight.AwaitEnd("a", 1h));
  const InFlight::Mark mark = in_flight.Add("a");
  CHECK_FALSE(in_flight.AwaitEnd("a", 0ms));
  CHECK_FALSE(in_flight.AwaitEnd("b", 1h));
}

TEST_CASE("a mark that was handed on stands for its message once") {
  InFlight in_flight;
  std::optional<InFlight::Mark> kept;
  {
    InFlight::Mark mark = in_flight.Add("a");
    kept = std::move(mark);
  }
  CHECK_FALSE(in_flight.AwaitEnd("a", 0ms));
  std::jthread sender([&] { kept.reset(); });
  in_flight.AwaitEnd("a", 1h);
}
