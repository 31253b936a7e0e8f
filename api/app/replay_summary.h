// A replay told to people.
#pragma once

#include <span>
#include <string>

#include "api/app/policy_file.h"
#include "ratelimit/replay.h"

namespace sealpost::app {

// What was asked and answered by category, the most that reached anybody, and the fullest mailbox hour by hour. Names
// the addresses of the trace; nothing in it drives a terminal.
std::string SummarizeReplay(const PolicyFile& file, std::span<const ratelimit::TraceEntry> trace,
                            std::span<const ratelimit::Replayed> answers);

}  // namespace sealpost::app
