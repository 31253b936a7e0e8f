// Until when a test waits for something that a descriptor tells it.
#pragma once

#include <algorithm>
#include <chrono>

namespace sealpost::tests {

using Deadline = std::chrono::steady_clock::time_point;

inline Deadline In(std::chrono::milliseconds limit) {
  return std::chrono::steady_clock::now() + limit;
}

// Rounded up, as poll takes it; never negative.
inline std::chrono::milliseconds Left(Deadline deadline) {
  using std::chrono::milliseconds;
  return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now()));
}

}  // namespace sealpost::tests
