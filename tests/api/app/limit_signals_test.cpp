#include "api/app/limit_signals.h"

#include <doctest/doctest.h>

#include "ratelimit/memory_limiter.h"
#include "tests/support/manual_clock.h"

using namespace sealpost;

namespace {

std::int64_t NowOf(const void* clock) {
  return base::ToMillis(static_cast<const tests::ManualClock*>(clock)->Now());
}

}  // namespace

TEST_CASE("an attack and a rule in shadow mode are counted by name, without whom they are about") {
  const tests::ManualClock clock;
  base::Log log{base::LogLevel::kOff};
  base::Metrics metrics;
  ratelimit::Policy policy = ratelimit::Policy::Default();
  policy.source = {{std::chrono::minutes(10), 1, ratelimit::Mode::kShadow}};
  const auto limiter = app::TellSignals(ratelimit::MakeMemoryLimiter(policy, NowOf, &clock), "a secret", log, metrics);
  for (int i = 0; i < 30; ++i) {
    limiter->Admit({.id = std::to_string(i),
                    .recipients = {{.mailbox = "ann@example.org"}},
                    .category = ratelimit::Category::kOtp,
                    .source = "192.0.2.1"});
  }
  const std::string told = metrics.Expose();
  CHECK(told.find("sealpost_limit_signals_total{kind=\"recipient.under_attack\"} 1") != std::string::npos);
  CHECK(told.find("sealpost_limit_shadow_total{rule=\"umbrella-source-10m\"}") != std::string::npos);
  CHECK(told.find("ann@") == std::string::npos);
  CHECK(told.find("192.0.2.1") == std::string::npos);
}
