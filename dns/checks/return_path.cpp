// The domain that bounces come back to.
#include <algorithm>
#include <utility>

#include "dns/checks/context.h"
#include "dns/checks/mail_host.h"
#include "dns/name.h"

namespace sealpost::dns {
namespace {

// From where receivers are: on the internet, or, where all the mail leaves from private addresses, in a network of its
// own, as in a trial.
bool Reachable(const Context& context, const std::vector<Ip>& ips) {
  const std::vector<Ip>& senders = context.sender.addresses;
  if (!senders.empty() && std::ranges::none_of(senders, IsPublic)) return !ips.empty();
  return std::ranges::any_of(ips, IsPublic);
}

// One exchange that can be reached is enough for bounces to arrive; the others are MX-NOADDR's.
bool AnyReachable(Context& context, const Answer& mx, std::string& trouble) {
  for (const Mx& exchange : Exchanges(mx)) {
    const HostAddresses addresses = AddressesOf(context, exchange.exchange);
    if (Reachable(context, addresses.ips)) return true;
    if (!addresses.told) trouble = addresses.trouble;
  }
  return false;
}

void CheckMailHost(Context& context, const std::string& path) {
  const MailHost mail = FindMailHost(context, path);
  Findings::Seen seen{.name = path, .records = Raw(mail.mx)};
  std::string trouble;
  switch (mail.reception) {
    case Reception::kUnknown:
      seen.detail = mail.trouble;
      return context.findings.Unknown("RP-MX", std::move(seen));
    case Reception::kNullMx:
      seen.detail = path + " says with a null MX that it takes no mail; receivers may refuse its mail for that.";
      seen.fix = MxFix(context.sender, path);
      return context.findings.Fail("RP-MX", std::move(seen));
    case Reception::kNothing:
      seen.detail = path + (mail.exists ? " has neither MX nor address" : " does not exist") + ": bounces are lost.";
      seen.fix = MxFix(context.sender, path);
      return context.findings.Fail("RP-MX", std::move(seen));
    case Reception::kAddress:
      // Both have been asked for, and are kept.
      if (const HostAddresses own = AddressesOf(context, path); own.told && !Reachable(context, own.ips)) {
        seen.detail = "Without MX, bounces go to the address of " + path + ", which is not public: they are lost.";
        seen.fix = MxFix(context.sender, path);
        return context.findings.Fail("RP-MX", std::move(seen));
      }
      seen.detail = "Without MX, bounces go to the address of " + path + ".";
      return context.findings.Pass("RP-MX", std::move(seen));
    case Reception::kMx:
      break;
  }
  if (AnyReachable(context, mail.mx, trouble)) {
    seen.detail = "Bounces can be delivered.";
    return context.findings.Pass("RP-MX", std::move(seen));
  }
  if (!trouble.empty()) {
    seen.detail = trouble;
    return context.findings.Unknown("RP-MX", std::move(seen));
  }
  seen.detail = "No MX host of " + path + " has a public address: bounces are lost.";
  context.findings.Fail("RP-MX", std::move(seen));
}

// A record of its own beside the alias: the answer does not come from the alias's target.
bool HasOwn(Context& context, const std::string& path, Type type) {
  const Answer answer = context.Ask(path, type);
  return answer.status == Status::kAnswer && answer.aliases.empty();
}

void CheckPathAlias(Context& context, const std::string& path) {
  const Answer alias = context.Ask(path, Type::kCname);
  Findings::Seen seen{.name = path, .records = Raw(alias)};
  if (!alias.Told()) {
    seen.detail = Trouble(alias, path);
    return context.findings.Unknown("RP-CNAME", std::move(seen));
  }
  if (alias.Void()) {
    seen.detail = path + " is no alias.";
    return context.findings.Pass("RP-CNAME", std::move(seen));
  }
  for (const Type type : {Type::kSoa, Type::kNs}) {
    if (!HasOwn(context, path, type)) continue;
    seen.detail = path + " is the apex of a zone and an alias besides, which cannot be.";
    return context.findings.Fail("RP-CNAME", std::move(seen));
  }
  for (const Type type : {Type::kMx, Type::kTxt, Type::kA, Type::kAaaa}) {
    if (!HasOwn(context, path, type)) continue;
    seen.detail =
        path + " has " + TypeName(type) + " records beside its CNAME: resolvers answer with one or the other.";
    return context.findings.Fail("RP-CNAME", std::move(seen));
  }
  seen.detail = path + " is an alias and nothing else, which is fine.";
  context.findings.Pass("RP-CNAME", std::move(seen));
}

}  // namespace

void CheckReturnPath(Context& context) {
  const std::string& path = context.ReturnPath();
  CheckPathAlias(context, path);
  // Of a From domain that does not exist nothing more need be said.
  const bool reported = SameName(path, context.sender.domain) && context.findings.Failed("FROM-EXISTS");
  if (!reported) CheckMailHost(context, path);
}

}  // namespace sealpost::dns
