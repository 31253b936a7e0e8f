#include "dns/checks/mail_host.h"

#include <algorithm>

namespace sealpost::dns {

HostAddresses AddressesOf(const Context& context, const std::string& host) {
  HostAddresses found;
  context.Prefetch({{host, Type::kA}, {host, Type::kAaaa}});
  for (const Type type : {Type::kA, Type::kAaaa}) {
    const Answer answer = context.Ask(host, type);
    if (!answer.Told()) {
      found.told = false;
      found.trouble = Trouble(answer, host);
      continue;
    }
    found.exists = found.exists || answer.status != Status::kNxDomain;
    found.alias = found.alias || !answer.aliases.empty();
    for (const Record& record : answer.records)
      if (const Ip* ip = std::get_if<Ip>(&record.data)) found.ips.push_back(*ip);
  }
  return found;
}

std::vector<Mx> Exchanges(const Answer& mx) {
  std::vector<Mx> exchanges;
  for (const Record& record : mx.records)
    if (const Mx* one = std::get_if<Mx>(&record.data)) exchanges.push_back(*one);
  std::ranges::stable_sort(exchanges, {}, &Mx::preference);
  return exchanges;
}

bool IsNullMx(const Answer& mx) {
  const auto exchanges = Exchanges(mx);
  return exchanges.size() == 1 && exchanges.front().exchange.empty();
}

std::optional<Fix> MxFix(const Sender& sender, const std::string& domain) {
  if (sender.helo_names.empty()) return std::nullopt;
  return Fix{domain, "MX", "10 " + sender.helo_names.front() + "."};
}

MailHost FindMailHost(const Context& context, const std::string& domain) {
  MailHost found;
  context.Prefetch({{domain, Type::kMx}, {domain, Type::kA}, {domain, Type::kAaaa}});
  found.mx = context.Ask(domain, Type::kMx);
  if (!found.mx.Told()) {
    found.trouble = Trouble(found.mx, domain);
    return found;
  }
  if (found.mx.status == Status::kAnswer) {
    found.reception = IsNullMx(found.mx) ? Reception::kNullMx : Reception::kMx;
    return found;
  }
  const HostAddresses addresses = AddressesOf(context, domain);
  found.exists = found.mx.status != Status::kNxDomain;
  if (!addresses.ips.empty()) {
    found.reception = Reception::kAddress;
  } else if (addresses.told) {
    found.reception = Reception::kNothing;
  } else {
    found.trouble = addresses.trouble;
  }
  return found;
}

}  // namespace sealpost::dns
