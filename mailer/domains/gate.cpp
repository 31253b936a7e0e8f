#include "mailer/domains/gate.h"

namespace sealpost::domains {

namespace {

std::string FailingText(const DomainState& state) {
  std::string text;
  for (const std::string& id : FailingIds(*state.known)) text += (text.empty() ? "" : ", ") + id;
  return text.empty() ? state.known->reason : text;
}

bool Fails(const DomainState& state) {
  return state.failing_since && state.known;
}

}  // namespace

Gate ParseGate(std::string_view word) {
  if (word == "off") return Gate::kOff;
  return word == "block" ? Gate::kBlock : Gate::kWarn;
}

bool Refuses(const GatePolicy& policy, const DomainState& state) {
  return policy.gate == Gate::kBlock && Fails(state) && state.known_at - *state.failing_since >= policy.grace;
}

std::string RefusalText(const std::string& domain, const DomainState& state) {
  return "Mail from " + domain + " is refused: its DNS records have failed since " +
         base::ToRfc3339(*state.failing_since) + " (" + FailingText(state) + "). `sealpost check " + domain +
         "` says what to publish; mail is taken again as soon as a look finds it there, and GET /x/domains/" + domain +
         "/dns?fresh=true looks at once.";
}

std::string TroubleText(const GatePolicy& policy, const std::string& domain, const DomainState& state) {
  if (policy.gate == Gate::kOff || !Fails(state)) return {};
  const std::string deed = Refuses(policy, state) ? " is refused: its" : " may not authenticate: its";
  return "mail from " + domain + deed + " DNS records have failed since " + base::ToRfc3339(*state.failing_since) +
         " (" + FailingText(state) + "); `sealpost check " + domain + "` says what to publish";
}

}  // namespace sealpost::domains
