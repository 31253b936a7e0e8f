#include <algorithm>

#include "dns/checks/spf_parts.h"
#include "dns/name.h"
#include "dns/spf_evaluator.h"

namespace sealpost::dns {
namespace {

struct Evaluated {
  Ip ip;
  std::string helo;
  SpfOutcome outcome;
};

// The least good of what its HELO names give: they differ only where the record has macros for them.
Evaluated EvaluateWorst(const Context& context, const Ip& ip) {
  std::vector<std::string> helos = context.sender.helo_names;
  if (helos.empty()) helos.push_back(context.ReturnPath());
  Evaluated worst;
  for (const std::string& helo : helos) {
    const SpfQuery query{ip, "postmaster@" + context.ReturnPath(), helo, ""};
    SpfOutcome outcome = CheckHost(context.tools.resolver, query, {}, context.tools.deadline);
    const bool passes = outcome.result == SpfResult::kPass;
    worst = {ip, helo, std::move(outcome)};
    if (!passes) break;
  }
  return worst;
}

// What the walk has already said by name.
bool Explained(const Findings& findings) {
  static constexpr std::string_view kFaults[] = {"SPF-LOOKUPS", "SPF-VOID", "SPF-MX10", "SPF-INCLUDE-NONE", "SPF-LOOP"};
  return std::ranges::any_of(kFaults, [&](std::string_view id) { return findings.Failed(id); });
}

std::string Told(const Evaluated& one) {
  const SpfOutcome& outcome = one.outcome;
  std::string text = ToString(one.ip) + " gets " + std::string(SpfResultName(outcome.result));
  if (outcome.mechanism == "default") {
    text += ", since no term matches";
  } else if (!outcome.mechanism.empty()) {
    text += " by " + outcome.mechanism;
  }
  if (!outcome.problem.empty()) text += ": " + outcome.problem;
  return text + ".";
}

void CheckSendingAddresses(const WalkedSpf& spf) {
  const Context& context = spf.context;
  Findings& findings = context.findings;
  if (context.sender.addresses.empty()) {
    return findings.Unknown("SPF-IP-PASS",
                            {.name = spf.domain, .detail = "No sending address is known: give each with --ip."});
  }
  std::vector<Evaluated> missing;
  for (const Ip& ip : context.sender.addresses) {
    Evaluated one = EvaluateWorst(context, ip);
    switch (one.outcome.result) {
      case SpfResult::kPass:
        findings.Pass("SPF-IP-PASS", spf.See(Told(one)));
        break;
      case SpfResult::kTemperror:
        findings.Unknown("SPF-IP-PASS", spf.See(Told(one)));
        break;
      case SpfResult::kPermerror:
        if (!Explained(findings)) missing.push_back(std::move(one));
        break;
      default:
        missing.push_back(std::move(one));
    }
  }
  for (const Evaluated& one : missing) {
    Findings::Seen fault = spf.See(Told(one));
    fault.fix = spf.Sound();
    findings.Fail("SPF-IP-PASS", std::move(fault));
  }
}

void CheckReturnPathSpf(Context& context) {
  const std::string& domain = context.ReturnPath();
  const Answer answer = context.Ask(domain, Type::kTxt);
  if (!answer.Told()) {
    return context.findings.Unknown("SPF-TEMP", {.name = domain, .detail = Trouble(answer, domain) + "."});
  }
  const std::string text = CheckSpfText(context, domain, answer, SpfRole::kReturnPath);
  if (text.empty()) return;
  CheckSpfPlace(context, domain, answer, text);
  const SpfWalk walk = WalkSpf(context.tools.resolver, domain, context.tools.deadline);
  // A zone that changed, or failed, between two questions: what has been told stands, the rest is open.
  if (walk.nodes.empty() || !walk.nodes.front().record) {
    return context.findings.Unknown("SPF-TEMP", {.name = domain, .detail = "The record could not be asked for again."});
  }
  const WalkedSpf spf{context, walk, domain, text};
  CheckSpfLimits(spf);
  CheckSpfTerms(spf);
  CheckSendingAddresses(spf);
}

void CheckFromSpf(Context& context) {
  const std::string& domain = context.sender.domain;
  if (SameName(domain, context.ReturnPath())) return;
  const Answer answer = context.Ask(domain, Type::kTxt);
  // A From domain that is not there is FROM-EXISTS; one that cannot be asked for changes nothing here, because no
  // receiver evaluates its SPF.
  if (answer.Told() && answer.status != Status::kNxDomain) CheckSpfText(context, domain, answer, SpfRole::kFrom);
}

}  // namespace

void CheckSpf(Context& context) {
  CheckReturnPathSpf(context);
  CheckFromSpf(context);
}

}  // namespace sealpost::dns
