// Waiting for something that another thread or process does, for tests that cannot be told of it.
#pragma once

#include <chrono>
#include <thread>

namespace sealpost::tests {

// Asks until the answer is true; false if it still is not when the time is over. The limit only bounds a failure,
// so it is generous: a passing test never waits for it.
template <class Predicate>
bool WaitFor(Predicate predicate, std::chrono::milliseconds limit = std::chrono::seconds(20)) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!predicate()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace sealpost::tests
