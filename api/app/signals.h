// Signals as plain calls: blocked in every thread, taken by the one that waits.
#pragma once

#include <functional>

namespace sealpost::app {

// SIGTERM, SIGINT and SIGHUP; before the first thread is started, so that all inherit it.
void BlockSignals();
// Returns at SIGTERM or SIGINT; calls `on_hangup` at each SIGHUP.
void WaitForStop(const std::function<void()>& on_hangup);

}  // namespace sealpost::app
