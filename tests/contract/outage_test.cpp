// A real Redis, killed and hung in the middle of requests.
#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/contract/fillings.h"

using namespace sealpost::ratelimit;
using namespace sealpost::tests;

namespace {

// A limiter of production, save for the time of its back-off, which the test sets.
struct Production {
  RedisServer server;
  SetTime backoff;
  std::unique_ptr<Limiter> limiter;
  std::atomic<int> number = 0;

  explicit Production(std::chrono::milliseconds timeout = std::chrono::seconds(20)) {
    RedisLimiterOptions options = PatientOptions(server);
    options.timeout = timeout;
    limiter = MakeFallbackLimiter(MakeRedisLimiter(Policy::Default(), options),
                                  MakeMemoryLimiter(Policy::Default(), SystemNow),
                                  {.now = SetTime::Now, .context = &backoff, .on_change = {}});
  }

  Request To(const std::string& mailbox) {
    return {.id = std::to_string(++number), .recipients = Mailboxes({mailbox})};
  }

  int Admitted(int tries, const std::string& mailbox = "john@example.com") {
    int admitted = 0;
    for (int i = 0; i < tries; ++i) admitted += limiter->Admit(To(mailbox)).admitted() ? 1 : 0;
    return admitted;
  }
};

}  // namespace

TEST_CASE("killed in the middle, Redis is replaced by memory; back and empty, it decides again, within one budget") {
  Production p;
  CHECK(p.Admitted(5) == 5);
  CHECK_FALSE(p.limiter->Degraded());
  p.server.Kill();
  CHECK(p.Admitted(3) == 3);
  CHECK(p.limiter->Degraded());
  p.server.Start();
  CHECK(p.limiter->Admit(p.To("jane@example.com")).degraded);
  p.backoff.ms += 1000;
  const Decision back = p.limiter->Admit(p.To("john@example.com"));
  CHECK(back.admitted());
  CHECK_FALSE(back.degraded);
  CHECK_FALSE(p.limiter->Degraded());
  CHECK(p.Admitted(20) == 3);
}

TEST_CASE("killed under a crowd, nobody is left waiting and nobody gets more than the budget") {
  Production p;
  std::atomic<int> admitted = 0;
  std::atomic<int> decided = 0;
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 20; ++i) {
      callers.emplace_back([&] {
        for (int k = 0; k < 100; ++k) {
          admitted += p.Admitted(1);
          ++decided;
          decided.notify_all();
        }
      });
    }
    for (int seen = decided; seen < 200; seen = decided) decided.wait(seen);
    p.server.Kill();
  }
  CHECK(decided == 2000);
  CHECK(p.limiter->Degraded());
  CHECK(admitted == 12);
}

TEST_CASE("a Redis that hangs is given up after the timeout, and found again") {
  Production p(std::chrono::milliseconds(20));
  p.server.Freeze();
  CHECK(p.Admitted(20) == 12);
  CHECK(p.limiter->Degraded());
  p.server.Thaw();
  // A busy machine may make it miss the 20 ms again.
  do {
    p.backoff.ms += 1000;
    p.Admitted(1, "jane@example.com");
  } while (p.limiter->Degraded());
  CHECK(p.Admitted(20) == 0);
}
