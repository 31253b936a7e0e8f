// Where mail for a domain goes (RFC 5321 5.1). Only for dns/checks.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dns/checks/context.h"

namespace sealpost::dns {

struct HostAddresses {
  std::vector<Ip> ips;  // A, then AAAA
  bool told = true;     // false: one of the two could not be asked, and `ips` may lack some
  bool exists = false;  // not NXDOMAIN
  bool alias = false;   // the name is a CNAME
  std::string trouble;  // if not told
};
HostAddresses AddressesOf(const Context& context, const std::string& host);

enum class Reception {
  kMx,       // MX records
  kAddress,  // none, but an address: the implicit MX
  kNullMx,   // says that it takes no mail (RFC 7505)
  kNothing,  // neither MX nor address
  kUnknown,
};
struct MailHost {
  Reception reception = Reception::kUnknown;
  Answer mx;
  bool exists = true;   // false: NXDOMAIN
  std::string trouble;  // of kUnknown
};
MailHost FindMailHost(const Context& context, const std::string& domain);
// In the order of their preference.
std::vector<Mx> Exchanges(const Answer& mx);
bool IsNullMx(const Answer& mx);
// An MX record that leads to the sender's own server, if its name is known.
std::optional<Fix> MxFix(const Sender& sender, const std::string& domain);

}  // namespace sealpost::dns
