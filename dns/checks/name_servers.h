// Asking the authoritative servers of a zone one by one. Only for dns/checks.
#pragma once

#include <string>
#include <vector>

#include "dns/checks/context.h"

namespace sealpost::dns {

// The TXT questions whose answers make or break the sender's mail: the domain, its policy, its selectors, the return
// path.
std::vector<std::string> RecordNames(const Sender& sender);

}  // namespace sealpost::dns
