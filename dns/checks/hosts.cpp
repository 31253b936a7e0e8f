// The machines that mail leaves from: reverse names, and the name they greet with.
#include <algorithm>
#include <array>
#include <utility>

#include "dns/checks/context.h"
#include "dns/checks/mail_host.h"
#include "dns/name.h"
#include "dns/spf_evaluator.h"

namespace sealpost::dns {
namespace {

struct Reverse {  // of one sending address
  Ip ip;
  Answer answer;
  std::vector<std::string> names;
  bool confirmed = false;
  bool refuted = false;   // no name leads back: reported as PTR-FCRDNS
  bool misnamed = false;  // and the remedy is to let the PTR name the host that greets
};

constexpr std::size_t kSpfPtrLimit = 10;

bool HoldsName(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::any_of(names, [&](const std::string& one) { return SameName(one, name); });
}

bool HoldsIp(const std::vector<Ip>& ips, const Ip& ip) {
  return std::ranges::any_of(ips, [&](const Ip& one) { return Unmapped(one) == Unmapped(ip); });
}

Reverse Look(Context& context, const Ip& ip) {
  Reverse found{.ip = Unmapped(ip), .answer = {}, .names = {}};
  found.answer = context.Ask(ReverseName(found.ip), Type::kPtr);
  for (const Record& record : found.answer.records)
    if (const Host* host = std::get_if<Host>(&record.data)) found.names.push_back(host->name);
  return found;
}

// The PTR record for an address whose HELO name leads to it.
std::optional<Fix> PtrFix(const Context& context, const Ip& ip) {
  for (const std::string& helo : context.sender.helo_names)
    if (IsHostname(helo) && HoldsIp(AddressesOf(context, helo).ips, ip)) return Fix{ReverseName(ip), "PTR", helo + "."};
  return std::nullopt;
}

// False: there is no name to go on with.
bool CheckPresence(Context& context, const Reverse& reverse) {
  const std::string shown = ToString(reverse.ip);
  Findings::Seen seen{.name = ReverseName(reverse.ip), .records = Raw(reverse.answer)};
  if (!reverse.answer.Told()) {
    seen.detail = Trouble(reverse.answer, seen.name);
    context.findings.Unknown("PTR-NONE", std::move(seen));
    return false;
  }
  if (reverse.names.empty()) {
    seen.detail = shown + " has no reverse name.";
    if (!IsPublic(reverse.ip)) seen.detail += " It is no public address: give the one that receivers see.";
    seen.fix = PtrFix(context, reverse.ip);
    if (const auto& helos = context.sender.helo_names; !seen.fix && !helos.empty())
      seen.fix = Fix{seen.name, "PTR", helos.front() + "."};
    context.findings.Fail("PTR-NONE", std::move(seen));
    return false;
  }
  const std::size_t count = reverse.names.size();
  seen.detail = shown + " is " + Listed(reverse.names) + ".";
  context.findings.Pass("PTR-NONE", seen);
  if (count == 1) {
    context.findings.Pass("PTR-MANY", std::move(seen));
  } else {
    seen.detail = shown + " has " + std::to_string(count) + " reverse names: receivers take any of them" +
                  (count > kSpfPtrLimit ? ", and SPF none beyond the tenth." : ".");
    context.findings.Warn("PTR-MANY", std::move(seen));
  }
  return true;
}

void CheckForward(Context& context, Reverse& reverse) {
  const std::string shown = ToString(reverse.ip);
  std::string trouble;
  std::vector<std::string> instead;
  for (const std::string& name : reverse.names) {
    const HostAddresses addresses = AddressesOf(context, name);
    if (HoldsIp(addresses.ips, reverse.ip)) {
      reverse.confirmed = true;
      return context.findings.Pass("PTR-FCRDNS", {.name = name, .detail = name + " leads back to " + shown + "."});
    }
    if (!addresses.told) trouble = addresses.trouble;
    for (const Ip& ip : addresses.ips) instead.push_back(ToString(ip));
  }
  const std::string& first = reverse.names.front();
  if (!trouble.empty()) return context.findings.Unknown("PTR-FCRDNS", {.name = first, .detail = trouble});
  reverse.refuted = true;
  std::optional<Fix> fix = PtrFix(context, reverse.ip);
  reverse.misnamed = fix.has_value();
  if (!fix) fix = Fix{first, reverse.ip.v6 ? "AAAA" : "A", shown};
  context.findings.Fail("PTR-FCRDNS",
                        {.name = first,
                         .records = instead,
                         .detail = shown + " is called " + Listed(reverse.names) + ", which " +
                                   (instead.empty() ? "has no address." : "leads to " + Listed(instead) + " instead."),
                         .fix = std::move(fix)});
}

std::vector<std::string> Words(const std::string& name) {
  std::vector<std::string> words(1);
  for (const char c : Lower(name)) {
    const bool inside = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!inside && !words.back().empty()) words.emplace_back();
    if (inside) words.back() += c;
  }
  return words;
}

// A name made for whoever has the address: its four octets as words, or a word of access networks.
bool IsGeneric(const std::string& name, const std::vector<Ip>& addresses) {
  constexpr std::array kAccess = {"dyn", "dynamic", "pool", "dhcp", "ppp", "dsl", "adsl", "dialup", "dip"};
  const std::vector<std::string> words = Words(name);
  const auto has = [&](std::string_view word) { return std::ranges::find(words, word) != words.end(); };
  if (std::ranges::any_of(kAccess, has)) return true;
  return std::ranges::any_of(addresses, [&](const Ip& ip) {
    const std::vector<std::string> octets = Words(ToString(Unmapped(ip)));
    return !ip.v6 && words.size() > octets.size() && std::ranges::all_of(octets, has);
  });
}

void CheckHeloNames(Context& context) {
  for (const std::string& helo : context.sender.helo_names) {
    if (!IsHostname(helo)) {
      context.findings.Warn("PTR-HELO", {.name = helo, .detail = helo + " is no full host name."});
    } else if (IsGeneric(helo, context.sender.addresses)) {
      context.findings.Warn("PTR-HELO", {.name = helo,
                                         .detail = helo + " looks like the name of an access line: it is made of the "
                                                          "address, or says dynamic or pool."});
    }
  }
}

void CheckGreeting(Context& context, const Reverse& reverse) {
  const std::vector<std::string>& helos = context.sender.helo_names;
  if (helos.empty()) return;
  const auto same =
      std::ranges::find_if(helos, [&](const std::string& helo) { return HoldsName(reverse.names, helo); });
  const std::string shown = ToString(reverse.ip);
  if (same != helos.end()) {
    // What is wrong with the name itself has been reported.
    if (context.findings.Has("PTR-HELO", Verdict::kWarn)) return;
    return context.findings.Pass("PTR-HELO",
                                 {.name = *same, .detail = shown + " greets as " + *same + ", its reverse name."});
  }
  context.findings.Warn(
      "PTR-HELO", {.name = helos.front(),
                   .records = Raw(reverse.answer),
                   .detail = shown + " greets as " + Listed(helos) + ", but is called " + Listed(reverse.names) + "."});
}

// Where the reverse name is the HELO name and does not lead back, that has been reported.
bool IsReported(const std::vector<Reverse>& reverses, const std::string& helo) {
  return std::ranges::any_of(reverses, [&](const Reverse& r) { return r.refuted && HoldsName(r.names, helo); });
}

void CheckHeloSpf(Context& context, const std::vector<Reverse>& reverses, const std::string& helo) {
  const HostAddresses addresses = AddressesOf(context, helo);
  Findings::Seen seen{.name = helo};
  for (const Ip& ip : addresses.ips) seen.records.push_back(ToString(ip));
  bool held = false;
  for (const Reverse& reverse : reverses) {
    if (!HoldsIp(addresses.ips, reverse.ip)) continue;
    held = true;
    const SpfOutcome outcome =
        CheckHost(context.tools.resolver, {reverse.ip, "", helo, ""}, SpfLimits{}, context.tools.deadline);
    const std::string result(SpfResultName(outcome.result));
    seen.detail = "As a HELO name with " + ToString(reverse.ip) + " it gets " + result + " from SPF.";
    if (outcome.result == SpfResult::kTemperror) {
      seen.detail += " " + outcome.problem;
      return context.findings.Unknown("SPF-HELO", std::move(seen));
    }
    if (outcome.result != SpfResult::kFail && outcome.result != SpfResult::kPermerror) continue;
    if (!outcome.problem.empty()) seen.detail += " " + outcome.problem;
    // The return path's own record is SPF-IP-PASS's to mend.
    if (!SameName(helo, context.ReturnPath())) seen.fix = TxtFix(helo, "v=spf1 a -all");
    return context.findings.Warn("SPF-HELO", std::move(seen));
  }
  if (held) return context.findings.Pass("SPF-HELO", std::move(seen));
  if (!addresses.told) {
    seen.detail = addresses.trouble;
    return context.findings.Unknown("SPF-HELO", std::move(seen));
  }
  if (IsReported(reverses, helo)) return;
  seen.detail = addresses.ips.empty() ? helo + " has no address." : helo + " leads to none of the sending addresses.";
  if (!reverses.empty()) {
    const auto type = [](const Ip& ip) { return ip.v6 ? "AAAA" : "A"; };
    const Ip& ip = reverses.front().ip;
    seen.fix = Fix{helo, type(ip), ToString(ip)};
    std::vector<std::string> others;
    for (std::size_t i = 1; i < reverses.size(); ++i)
      others.push_back(std::string(type(reverses[i].ip)) + " " + ToString(reverses[i].ip));
    if (!others.empty()) seen.remedy = "Publish the other addresses that greet so as well: " + Listed(others) + ".";
  }
  context.findings.Warn("SPF-HELO", std::move(seen));
}

}  // namespace

void CheckHosts(Context& context) {
  const Sender& sender = context.sender;
  CheckHeloNames(context);
  if (sender.helo_names.empty()) {
    context.findings.Unknown("PTR-HELO", {.name = sender.domain,
                                          .detail = "The name that the server greets with is not known.",
                                          .remedy = "Give it with --helo."});
  }
  if (sender.addresses.empty()) {
    return context.findings.Unknown("PTR-NONE", {.name = sender.domain,
                                                 .detail = "The addresses that mail leaves from are not known.",
                                                 .remedy = "Give them with --ip."});
  }
  std::vector<Question> questions;
  for (const Ip& ip : sender.addresses) questions.push_back({ReverseName(Unmapped(ip)), Type::kPtr});
  for (const std::string& helo : sender.helo_names)
    for (const Type type : {Type::kA, Type::kAaaa, Type::kTxt}) questions.push_back({helo, type});
  context.Prefetch(std::move(questions));
  std::vector<Reverse> reverses;
  for (const Ip& ip : sender.addresses) {
    Reverse reverse = Look(context, ip);
    if (CheckPresence(context, reverse)) {
      CheckForward(context, reverse);
      if (!reverse.misnamed) CheckGreeting(context, reverse);
    }
    reverses.push_back(std::move(reverse));
  }
  for (const std::string& helo : sender.helo_names)
    if (IsHostname(helo)) CheckHeloSpf(context, reverses, helo);
}

}  // namespace sealpost::dns
