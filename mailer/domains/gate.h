// What follows for a domain's mail from records that fail. Pure.
//
// Mail is refused only after a look, made when the grace period was over, has said no: one that could not tell never
// begins a block, and neither does a domain that was not looked at.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "mailer/domains/domain_state.h"

namespace sealpost::domains {

enum class Gate {
  kOff,    // nothing
  kWarn,   // it is told; mail goes on
  kBlock,  // it is told, and after the grace period new mail is refused
};
Gate ParseGate(std::string_view word);  // "off", "warn", "block"; warn for anything else

struct GatePolicy {
  Gate gate = Gate::kWarn;
  std::chrono::seconds grace{86'400};
};

bool Refuses(const GatePolicy& policy, const DomainState& state);
// For the caller whose mail is refused: why, since when, and what mends it.
std::string RefusalText(const std::string& domain, const DomainState& state);
// For the operator, one sentence; empty if there is nothing to say.
std::string TroubleText(const GatePolicy& policy, const std::string& domain, const DomainState& state);

}  // namespace sealpost::domains
