// When to try again: a table of steps, the last one repeating, with jitter so that retries spread out.
#pragma once

#include <chrono>
#include <vector>

namespace sealpost::base {

struct Backoff {
  std::vector<std::chrono::milliseconds> steps;  // after attempt 1, 2, ...; at least one
  double jitter = 0.2;                           // each delay is scaled by 1 - jitter ... 1 + jitter

  // The delay after attempt number `attempt` (1 is the first). `random` is uniform in [0, 1).
  std::chrono::milliseconds After(int attempt, double random) const;
};

}  // namespace sealpost::base
