// Tells a limiter that lost its counters what was accepted in the last day, and which mailboxes are blocked, from the
// store: the loss of Redis, or of a process whose counters were in memory, is not a fresh budget.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "mailer/base/clock.h"
#include "mailer/base/log.h"
#include "mailer/recipients/blocks.h"
#include "mailer/store/accepted.h"
#include "mailer/store/database.h"
#include "ratelimit/limiter.h"

namespace sealpost::app {

struct HydratorParts {
  store::Database& database;
  ratelimit::Limiter& limiter;
  recipients::Blocks& blocks;
  const ratelimit::Policy& policy;
  const base::Clock& clock;
  base::Log& log;
  std::string subject_key;  // of the audit: what was forgotten on purpose is not brought back
};

// Step is for one thread at a time; Reset for any.
class Hydrator {
 public:
  explicit Hydrator(HydratorParts parts) : parts_(std::move(parts)) {}
  // Finds out whether counters were lost, and brings back one batch of what is due, the newest first. False: nothing
  // is left to do for now.
  bool Step();
  // Limiter::Reset, after the audit has it: never between the reading of a batch and its counting, which would bring
  // back what was read before. Waits for a batch.
  bool Reset(const std::string& mailbox);

 private:
  bool IsDue();
  void Begin();
  base::Result<void> ReadResets(store::Session& session);
  base::Result<void> SeedBatch();
  void Seed(const store::AcceptedPage& page);
  bool WasForgotten(const store::AcceptedDelivery& delivery) const;

  HydratorParts parts_;
  std::mutex batch_;  // held from the reading of a batch until it is counted
  std::optional<std::uint64_t> generation_;
  bool was_degraded_ = false;
  bool running_ = false;
  base::Time since_ = {};
  bool of_let_out_ = false;  // first what was accepted, then what was let out later
  std::string before_;
  std::size_t seeded_ = 0;
  std::map<std::string, base::Time, std::less<>> forgotten_;  // by subject, the latest reset
};

}  // namespace sealpost::app
