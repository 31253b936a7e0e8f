// Signals as plain calls: blocked in every thread, taken by the one that waits.
#pragma once

#include <chrono>
#include <functional>

namespace sealpost::app {

// SIGTERM, SIGINT and SIGHUP; before the first thread is started, so that all inherit it.
void BlockSignals();
// Returns at SIGTERM or SIGINT; calls `on_hangup` at each SIGHUP.
void WaitForStop(const std::function<void()>& on_hangup);
// True as soon as SIGTERM or SIGINT comes, false after `time`. Only while it waits are they taken from the program, and
// SIGHUP is passed over; no other thread of the program may have them unblocked.
bool StopWithin(std::chrono::seconds time);

}  // namespace sealpost::app
