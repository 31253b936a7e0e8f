#include "mailer/delivery/signing_slots.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

using sealpost::delivery::SigningSlots;

TEST_CASE("no more hold a slot than there are, and all get one in the end") {
  SigningSlots slots(2);
  std::atomic<int> inside = 0, most = 0, served = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int turn = 0; turn < 200; ++turn) {
          const SigningSlots::Slot slot(slots);
          const int now = ++inside;
          int seen = most;
          while (now > seen && !most.compare_exchange_weak(seen, now)) {
          }
          --inside;
          ++served;
        }
      });
    }
  }
  CHECK(most <= 2);
  CHECK(served == 1600);
}
