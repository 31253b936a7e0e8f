// A limiter with ears over a store, in a time that the test sets.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <ranges>
#include <string>

#include "api/app/limit_signals.h"
#include "mailer/store/limit_signals.h"
#include "ratelimit/memory_limiter.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_folder.h"

namespace sealpost::app::tests {

inline std::int64_t NowOf(const void* clock) {
  return base::ToMillis(static_cast<const sealpost::tests::ManualClock*>(clock)->Now());
}

struct SignalsFixture {
  explicit SignalsFixture(const ratelimit::Policy& policy = ratelimit::Policy::Default()) {
    auto opened = store::Database::Open({.url = "sqlite://" + folder.File("store.db")}, log);
    REQUIRE(opened);
    database = std::move(*opened);
    book = std::make_unique<SignalBook>(SignalBookParts{*database, clock, log, metrics, "a secret"});
    limiter = TellSignals(ratelimit::MakeMemoryLimiter(policy, NowOf, &clock), policy, *book, sources, metrics);
  }

  ratelimit::Decision Ask(const std::string& mailbox) {
    return limiter->Admit({.id = std::to_string(++number),
                           .recipients = {{.mailbox = mailbox}},
                           .category = ratelimit::Category::kOtp,
                           .source = "192.0.2.1"});
  }
  // One message and 29 refusals.
  void Flood(const std::string& mailbox) {
    for (int i = 0; i < 30; ++i) Ask(mailbox);
  }
  std::vector<store::LimitSignal> Signals() {
    // What was posted before is on disk after a write.
    REQUIRE(database->Write([](store::Session&) { return base::Result<void>(); }));
    std::vector<store::LimitSignal> signals;
    REQUIRE(database->Read([&](store::Session& session) -> base::Result<void> {
      auto found = store::FindLimitSignals(session, {}, 10'000);
      if (!found) return std::unexpected(found.error());
      signals = std::move(*found);
      return {};
    }));
    return signals;
  }
  // The kinds that are in the store, the earliest first.
  std::string Kept() {
    std::string kinds;
    for (const store::LimitSignal& signal : Signals() | std::views::reverse) kinds += signal.kind + " ";
    return kinds;
  }

  sealpost::tests::TempFolder folder;
  sealpost::tests::ManualClock clock;
  base::Log log{base::LogLevel::kOff};
  base::Metrics metrics;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<SignalBook> book;
  ratelimit::SourceWatch sources;
  std::unique_ptr<ratelimit::Limiter> limiter;
  int number = 0;
};

}  // namespace sealpost::app::tests
