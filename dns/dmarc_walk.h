// The DNS tree walk of DMARC (RFC 9989 4.10) and the organizational domain it tells (4.10.2). A part of
// dmarc_discovery.h.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "dns/dmarc_discovery.h"

namespace sealpost::dns {

// The domain, then up to the top-level domain: at most 8 names, of a name with 8 labels or more at most 7 above it.
std::vector<std::string> WalkDomains(const std::string& domain);
// For Resolver::Prefetch.
Question DmarcQuestion(const std::string& domain);
// Asks at one name and judges what stands there.
DmarcStep AskForDmarc(Resolver& resolver, const std::string& domain, Deadline deadline);
// In order; ends behind a record with psd=y or psd=n. DNS failures do not end it.
std::vector<DmarcStep> WalkTree(Resolver& resolver, const std::string& domain, Deadline deadline);

// The DNS said what stands there, or nothing can.
bool IsTold(const DmarcStep& step);

struct Organization {
  std::string domain;
  bool told = true;                   // false: a failed question could change it; `domain` is the walk's start
  std::optional<std::size_t> record;  // the step with its own record
  std::optional<std::size_t> suffix;  // the step with the psd=y record above it
};
Organization SelectOrganization(const std::vector<DmarcStep>& steps);

}  // namespace sealpost::dns
