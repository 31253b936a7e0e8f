#include "mailer/base/guarded.h"

#include <doctest/doctest.h>

#include <condition_variable>
#include <string>
#include <thread>
#include <vector>

using sealpost::base::Guarded;

TEST_CASE("a guarded value is changed by one thread at a time") {
  Guarded<int> counter(0);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 10'000; ++n) ++*counter.Lock();
      });
    }
  }
  CHECK(*counter.Lock() == 40'000);
}

TEST_CASE("a guarded value can be waited for") {
  Guarded<std::string> text;
  std::condition_variable changed;
  std::jthread writer([&] {
    text.Lock()->assign("done");
    changed.notify_one();
  });
  auto holder = text.Lock();
  changed.wait(holder.lock(), [&] { return !holder->empty(); });
  CHECK(*holder == "done");
}
