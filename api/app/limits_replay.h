// Runs a trace over a filling of the limiter that is made for it and leaves nothing behind.
#pragma once

#include <string>
#include <vector>

#include "api/app/policy_file.h"
#include "mailer/base/error.h"
#include "ratelimit/replay.h"

namespace sealpost::app {

// `store` is "memory", redis://HOST:PORT/DB or redis+unix:///path. In Redis the trace runs under a prefix of its own,
// `replay:RUN:`, with a secret that nobody keeps; it is deleted at the end, also after an error and when SIGINT or
// SIGTERM ends the run. The counters of the service are not read and not touched.
base::Result<std::vector<ratelimit::Replayed>> RunReplay(const std::string& store, const PolicyFile& file,
                                                         const ratelimit::Trace& trace);

}  // namespace sealpost::app
