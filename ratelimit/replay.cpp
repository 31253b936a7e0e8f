#include "ratelimit/replay.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace sealpost::ratelimit {
namespace {

Answer AnswerOf(const Decision& decision) {
  switch (decision.outcome) {
    case Outcome::kAdmitted:
      return Answer::kAccepted;
    case Outcome::kCoalesced:
      return Answer::kCoalesced;
    case Outcome::kHeld:
      return Answer::kHeld;
    case Outcome::kDenied:
      break;
  }
  const bool waits = decision.on_limit == OnLimit::kDigest || decision.on_limit == OnLimit::kHold;
  return waits ? Answer::kHeld : Answer::kDenied;
}

Replayed Told(Decision decision) {
  Replayed told{.answer = AnswerOf(decision), .under_attack = decision.under_attack};
  if (told.answer == Answer::kAccepted) return told;
  told.rule = std::move(decision.rule);
  told.retry_after = std::max(decision.retry_after, decision.hold);
  return told;
}

std::vector<std::size_t> InOrderOfTime(std::span<const TraceEntry> trace) {
  std::vector<std::size_t> order(trace.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&trace](std::size_t i) { return trace[i].at; });
  return order;
}

}  // namespace

std::string_view AnswerName(Answer answer) {
  switch (answer) {
    case Answer::kAccepted:
      return "accepted";
    case Answer::kHeld:
      return "held";
    case Answer::kCoalesced:
      return "coalesced";
    case Answer::kDenied:
      break;
  }
  return "denied";
}

std::expected<std::vector<Replayed>, std::string> Replay(std::span<const TraceEntry> trace, ReplayClock& clock,
                                                         const AdmitFunction& admit, const IdentityRules& identity) {
  std::vector<Replayed> answers(trace.size());
  for (const std::size_t i : InOrderOfTime(trace)) {
    clock.ms = ReplayClock::kZero + trace[i].at;
    auto decision = admit(RequestOf(trace[i], identity));
    if (!decision) return std::unexpected(std::move(decision.error()));
    answers[i] = Told(*std::move(decision));
  }
  return answers;
}

}  // namespace sealpost::ratelimit
