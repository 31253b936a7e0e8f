#include "api/app/signals.h"

#include <pthread.h>

#include <csignal>

namespace sealpost::app {

namespace {

sigset_t Handled() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  return set;
}

}  // namespace

void BlockSignals() {
  const sigset_t set = Handled();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

void WaitForStop(const std::function<void()>& on_hangup) {
  const sigset_t set = Handled();
  for (;;) {
    int signal = 0;
    if (sigwait(&set, &signal) != 0) continue;
    if (signal != SIGHUP) return;
    on_hangup();
  }
}

bool StopWithin(std::chrono::seconds time) {
  const sigset_t set = Handled();
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &set, &before);
  const auto end = std::chrono::steady_clock::now() + time;
  bool stop = false;
  while (!stop) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
    if (left <= 0) break;
    const timespec wait{left / 1000, left % 1000 * 1'000'000};
    const int signal = sigtimedwait(&set, nullptr, &wait);
    stop = signal == SIGTERM || signal == SIGINT;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return stop;
}

}  // namespace sealpost::app
