// Runs a trace against a limiter in virtual time, and keeps what was answered.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ratelimit/trace.h"

namespace sealpost::ratelimit {

// The time of a replay: handed to the limiter as its clock, set by Replay. Belongs to one thread.
struct ReplayClock {
  // Somewhere after 1970, so that no time of a trace looks like "never".
  static constexpr std::int64_t kZero = 1'767'225'600'000;
  std::int64_t ms = kZero;

  static std::int64_t Now(const void* clock) { return static_cast<const ReplayClock*>(clock)->ms; }
};

enum class Answer : std::uint8_t { kAccepted, kHeld, kCoalesced, kDenied };
std::string_view AnswerName(Answer answer);  // "accepted", "held", "coalesced", "denied"

struct Replayed {
  Answer answer = Answer::kDenied;
  std::string rule = {};                // that stood against it; empty if accepted
  std::chrono::seconds retry_after{0};  // 0 if accepted
  bool under_attack = false;
};

// What a filling answers; an error ends the replay.
using AdmitFunction = std::function<std::expected<Decision, std::string>(const Request&)>;

// Asks in the order of time (lines of one instant in their order) and answers in the order of the trace. What a
// category wants in a digest, or sent when there is room, counts as held and is not tried again; what it suppresses
// counts as denied, because nobody gets it. `identity`: what the operator says of domains.
std::expected<std::vector<Replayed>, std::string> Replay(std::span<const TraceEntry> trace, ReplayClock& clock,
                                                         const AdmitFunction& admit,
                                                         const IdentityRules& identity = {});

}  // namespace sealpost::ratelimit
