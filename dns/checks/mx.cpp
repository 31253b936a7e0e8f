// The hosts that take the From domain's own mail: replies, reports, complaints.
#include <utility>

#include "dns/checks/context.h"
#include "dns/checks/mail_host.h"
#include "dns/dane.h"
#include "dns/name.h"

namespace sealpost::dns {
namespace {

void CheckHostAddresses(Context& context, const std::string& host, const HostAddresses& addresses) {
  Findings::Seen seen{.name = host};
  for (const Ip& ip : addresses.ips) seen.records.push_back(ToString(ip));
  auto local = seen;
  if (addresses.ips.empty()) {
    seen.detail =
        addresses.told ? host + (addresses.exists ? " has no address." : " does not exist.") : addresses.trouble;
    if (!addresses.told) return context.findings.Unknown("MX-NOADDR", std::move(seen));
    // If it is the only one, and bounces go there too, that has been reported.
    if (!context.findings.Failed("RP-MX")) context.findings.Warn("MX-NOADDR", std::move(seen));
    return;
  }
  context.findings.Pass("MX-NOADDR", std::move(seen));
  std::string inside;
  for (const Ip& ip : addresses.ips)
    if (!IsPublic(ip)) inside += (inside.empty() ? "" : ", ") + ToString(ip);
  if (inside.empty()) return context.findings.Pass("MX-LOCAL", std::move(local));
  // If no host is reachable, and bounces go there too, that has been reported.
  if (context.findings.Failed("RP-MX")) return;
  local.detail = "Not reachable over the internet: " + inside + ".";
  context.findings.Warn("MX-LOCAL", std::move(local));
}

void CheckHost(Context& context, const std::string& domain, const Answer& mx, const std::string& host) {
  if (host.empty()) {
    return context.findings.Warn("MX-NOADDR", {.name = domain,
                                               .records = Raw(mx),
                                               .detail = "A null MX stands beside others, where it must be alone.",
                                               .remedy = "Delete the record with the dot."});
  }
  if (const auto ip = ParseIp(host)) {
    return context.findings.Warn(
        "MX-IP", {.name = domain, .records = Raw(mx), .detail = host + " is an address, where a host name belongs."});
  }
  context.findings.Pass("MX-IP", {.name = host});
  const HostAddresses addresses = AddressesOf(context, host);
  if (addresses.alias)
    context.findings.Warn("MX-CNAME", {.name = host, .records = Raw(mx), .detail = host + " is an alias."});
  else if (addresses.told)
    context.findings.Pass("MX-CNAME", {.name = host});
  CheckHostAddresses(context, host, addresses);
}

// Usable records, and why the others are not.
std::pair<int, std::string> Usable(const Answer& tlsa) {
  int usable = 0;
  std::string problems;
  for (const Record& record : tlsa.records) {
    const Tlsa* one = std::get_if<Tlsa>(&record.data);
    if (one == nullptr) continue;
    const std::string problem = TlsaProblem(*one);
    if (problem.empty()) ++usable;
    if (!problem.empty()) problems += (problems.empty() ? "" : " ") + problem;
  }
  return {usable, problems};
}

// True if the host has TLSA records, or it could not be told.
bool CheckTlsa(Context& context, const Answer& mx, const std::string& host) {
  const std::string name = TlsaName(host);
  const Answer tlsa = context.Ask(name, Type::kTlsa);
  if (tlsa.Void()) return false;
  Findings::Seen seen{.name = name, .records = Raw(tlsa)};
  const auto [usable, problems] = Usable(tlsa);
  if (!tlsa.Told()) {
    seen.detail = Trouble(tlsa, name) + ". Senders that know DANE put off mail over this.";
    context.findings.Unknown("DANE", std::move(seen));
  } else if (!tlsa.authenticated || !mx.authenticated) {
    seen.detail = std::string("The ") + (tlsa.authenticated ? "MX" : "TLSA") +
                  " answer is not validated by DNSSEC (or the resolver asked does not validate): senders ignore the "
                  "TLSA records.";
    context.findings.Warn("DANE", std::move(seen));
  } else if (usable == 0) {
    seen.detail = "No TLSA record is usable for mail. " + problems;
    context.findings.Warn("DANE", std::move(seen));
  } else {
    seen.detail = std::to_string(usable) + (usable == 1 ? " usable record." : " usable records.");
    if (!problems.empty()) seen.detail += " Others are ignored: " + problems;
    context.findings.Pass("DANE", std::move(seen));
  }
  return true;
}

void CheckDane(Context& context, const std::string& domain, const Answer& mx) {
  std::vector<Question> questions;
  for (const Mx& exchange : Exchanges(mx)) questions.push_back({TlsaName(exchange.exchange), Type::kTlsa});
  context.Prefetch(std::move(questions));
  bool any = false;
  for (const Mx& exchange : Exchanges(mx))
    if (IsHostname(exchange.exchange)) any = CheckTlsa(context, mx, exchange.exchange) || any;
  if (!any) context.findings.Info("DANE", {.name = domain, .detail = "No MX host has TLSA records."});
}

}  // namespace

void CheckMx(Context& context) {
  const std::string& domain = context.sender.domain;
  const Answer mx = context.Ask(domain, Type::kMx);
  if (!mx.Told()) return context.findings.Unknown("MX-NOADDR", {.name = domain, .detail = Trouble(mx, domain)});
  // Whether a domain may do without is judged by FROM-EXISTS and RP-MX.
  if (mx.Void() || IsNullMx(mx)) {
    return context.findings.Info("MX-NOADDR", {.name = domain, .records = Raw(mx), .detail = "There is no MX host."});
  }
  std::vector<Question> questions;
  for (const Mx& exchange : Exchanges(mx))
    for (const Type type : {Type::kA, Type::kAaaa}) questions.push_back({exchange.exchange, type});
  context.Prefetch(std::move(questions));
  for (const Mx& exchange : Exchanges(mx)) CheckHost(context, domain, mx, exchange.exchange);
  CheckDane(context, domain, mx);
}

}  // namespace sealpost::dns
