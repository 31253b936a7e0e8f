// Which DMARC policy governs a domain, under both readings that receivers run today: the tree walk of RFC 9989 4.10 and
// the public suffix list of RFC 7489 6.6.3.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dns/dmarc_record.h"
#include "dns/public_suffix.h"
#include "dns/resolver.h"

namespace sealpost::dns {

struct DmarcStep {     // one question of the discovery
  std::string name;    // "_dmarc.example.com"
  std::string domain;  // "example.com"
  Answer answer;
  std::vector<std::string> candidates;  // records that begin with v=DMARC1, joined
  std::optional<DmarcRecord> record;    // if there is exactly one and it parses
  std::optional<TagError> error;        // if there is exactly one and it does not parse
  std::string outcome;                  // "record, psd=n: stop", "none", "2 records: all discarded", for people
};

enum class Governs { kNothing, kOwn, kOrganization, kSuffix };  // whose record applies

struct DmarcReading {
  std::string organizational_domain;
  bool organization_told = true;  // false: DNS failures leave it open, and the domain itself stands there
  Governs governs = Governs::kNothing;
  std::string policy_domain;          // where the record stands, also if it is void: no valid policy and no rua
  std::optional<DmarcRecord> record;  // that applies
  std::string tag;                    // "p", "sp" or "np": which decided
  // What is asked of receivers, before testing and pct: the policy of that tag; kNone for a record that acts as p=none
  // because its policies are invalid (9989 4.10.1).
  Policy policy = Policy::kNone;
  // After them: 9989 takes a level off for t=y and knows no pct; 7489 leaves the share above pct one level lower and
  // knows no t, so pct<100 with quarantine is kNone.
  Policy effective = Policy::kNone;
  // False: DNS failures leave open what governs or which of its tags; the members from `governs` on say nothing then.
  bool told = true;
};

struct DmarcDiscovery {
  std::string domain;
  bool exists = true;            // false: NXDOMAIN, the only "non-existent" of 9989 3.2.13 (or no possible name)
  std::vector<DmarcStep> steps;  // of the walk in order, then further names of the 7489 reading
  DmarcReading tree;             // RFC 9989
  DmarcReading suffix;           // RFC 7489
};

// `domain` is A-labels. Prefetches every name it may ask for.
DmarcDiscovery DiscoverDmarc(Resolver& resolver, const std::string& domain, const PublicSuffixList& suffixes,
                             Deadline deadline);

struct OrganizationalDomains {
  std::string tree, suffix;
  bool told = true;  // of the tree; false: DNS failures leave it open, and the domain itself stands there
};
// Of any domain, for alignment (9989 4.10.2, 7489 3.2).
OrganizationalDomains FindOrganizationalDomains(Resolver& resolver, const std::string& domain,
                                                const PublicSuffixList& suffixes, Deadline deadline);

}  // namespace sealpost::dns
