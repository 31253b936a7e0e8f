// The domain itself: whether it exists, is signed, and can be asked for under all its names.
#include <algorithm>
#include <utility>

#include "dns/checks/context.h"
#include "dns/checks/mail_host.h"
#include "dns/checks/name_servers.h"
#include "dns/name.h"

namespace sealpost::dns {
namespace {

constexpr std::uint32_t kShortTtl = 300;
constexpr std::uint32_t kLongTtl = 86'400;

// SERVFAIL that turns into an answer once nobody validates: then the signatures are at fault, not the server.
bool IsBogus(Context& context, const std::string& name, Type type, const Answer& answer) {
  if (answer.status != Status::kServfail) return false;
  return context.tools.resolver.Ask({.name = name, .type = type, .checking_disabled = true}, context.tools.deadline)
      .Told();
}

void CheckSignatures(Context& context) {
  const std::string& domain = context.sender.domain;
  std::vector<std::pair<std::string, Type>> questions = {{domain, Type::kMx}};
  for (const std::string& name : RecordNames(context.sender)) questions.emplace_back(name, Type::kTxt);
  std::string trouble;
  for (const auto& [name, type] : questions) {
    const Answer answer = context.Ask(name, type);
    // Names that cannot be asked for are LABELS's.
    if (!answer.Told() && answer.status != Status::kBadName && trouble.empty()) trouble = Trouble(answer, name);
    if (!IsBogus(context, name, type, answer)) continue;
    // Once: the chain is usually broken for the whole zone.
    return context.findings.Fail(
        "DNSSEC-BOGUS", {.name = name,
                         .detail = "The resolver refuses to answer for " + name +
                                   ", though without validation there is an answer: every validating receiver sees "
                                   "no records."});
  }
  if (trouble.empty())
    context.findings.Pass("DNSSEC-BOGUS", {.name = domain, .detail = "No answer is refused."});
  else
    context.findings.Unknown("DNSSEC-BOGUS", {.name = domain, .detail = trouble});
}

void CheckSigned(Context& context) {
  const std::string& domain = context.sender.domain;
  const Answer answer = context.Ask(domain, Type::kTxt);
  if (!answer.Told()) return;
  if (answer.authenticated)
    return context.findings.Pass("DNSSEC-NONE", {.name = domain, .detail = "The resolver has validated the answer."});
  context.findings.Info("DNSSEC-NONE",
                        {.name = domain, .detail = "The zone is not signed, or the resolver asked does not validate."});
}

void CheckExistence(Context& context) {
  const std::string& domain = context.sender.domain;
  const MailHost mail = FindMailHost(context, domain);
  const bool takes_bounces = SameName(context.ReturnPath(), domain);
  Findings::Seen seen{.name = domain, .records = Raw(mail.mx)};
  switch (mail.reception) {
    case Reception::kUnknown:
      seen.detail = mail.trouble;
      return context.findings.Unknown("FROM-EXISTS", std::move(seen));
    case Reception::kMx:
    case Reception::kAddress:
      seen.detail = domain + (mail.reception == Reception::kMx ? " has MX records." : " has no MX, but an address.");
      return context.findings.Pass("FROM-EXISTS", std::move(seen));
    case Reception::kNullMx:
      if (takes_bounces) return;  // RP-MX says so
      seen.detail = domain + " says with a null MX that it takes no mail: nobody can reply.";
      return context.findings.Warn("FROM-EXISTS", std::move(seen));
    case Reception::kNothing:
      if (takes_bounces && mail.exists) return;  // RP-MX says so
      seen.detail = domain + (mail.exists ? " has neither MX nor address." : " does not exist.");
      seen.fix = MxFix(context.sender, domain);
      return context.findings.Fail("FROM-EXISTS", std::move(seen));
  }
}

void CheckTtl(Context& context) {
  for (const std::string& name : RecordNames(context.sender)) {
    const Answer answer = context.Ask(name, Type::kTxt);
    if (!answer.Told()) continue;
    Findings::Seen seen{.name = name, .detail = "The answer holds for " + std::to_string(answer.ttl) + " seconds."};
    if (answer.Void()) {
      seen.detail = "There is no record. Once it is published resolvers may not see it for another " +
                    std::to_string(answer.ttl) + " seconds.";
      context.findings.Info("TTL", std::move(seen));
    } else if (answer.ttl > kLongTtl) {
      seen.detail += " Every correction takes that long to arrive.";
      context.findings.Info("TTL", std::move(seen));
    } else if (answer.ttl < kShortTtl) {
      seen.detail += " That is short, unless it is the rest of a longer time in the resolver's cache.";
      context.findings.Info("TTL", std::move(seen));
    } else {
      context.findings.Pass("TTL", std::move(seen));
    }
  }
}

void CheckInternational(Context& context) {
  std::vector<std::string> names = {context.sender.domain};
  if (!SameName(context.ReturnPath(), context.sender.domain)) names.push_back(context.ReturnPath());
  for (const std::string& name : names) {
    const std::string shown = ToUnicode(name);
    if (shown == name)
      context.findings.Pass("IDN", {.name = name});
    else
      context.findings.Info("IDN", {.name = name, .detail = name + " is " + shown + " to people."});
  }
}

void CheckLabels(Context& context) {
  std::vector<std::string> names = RecordNames(context.sender);
  names.insert(names.end(), context.sender.helo_names.begin(), context.sender.helo_names.end());
  bool fits = true;
  for (const std::string& name : names) {
    if (IsQueryable(name)) continue;
    fits = false;
    std::string detail = "The name has " + std::to_string(name.size()) + " bytes; 253 is the limit.";
    for (const std::string_view label : Labels(name)) {
      if (label.size() > 63)
        detail =
            "The label " + std::string(label) + " has " + std::to_string(label.size()) + " bytes; 63 is the limit.";
      else if (label.empty())
        detail = "The name has an empty label.";
    }
    context.findings.Fail("LABELS", {.name = name, .detail = std::move(detail)});
  }
  if (fits) context.findings.Pass("LABELS", {.name = context.sender.domain});
}

}  // namespace

void CheckZone(Context& context) {
  const std::string& domain = context.sender.domain;
  std::vector<Question> questions;
  for (const Type type : {Type::kMx, Type::kA, Type::kAaaa}) questions.push_back({domain, type});
  for (const std::string& name : RecordNames(context.sender)) questions.push_back({name, Type::kTxt});
  context.Prefetch(std::move(questions));
  CheckLabels(context);
  CheckSignatures(context);
  CheckSigned(context);
  CheckExistence(context);
  CheckTtl(context);
  CheckInternational(context);
}

}  // namespace sealpost::dns
