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

}  // namespace sealpost::app
