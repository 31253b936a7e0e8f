// A record read over all addresses at once: what an early match hides from an evaluation. Counts the worst case, in
// which no term matches until the end.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "dns/resolver.h"
#include "dns/spf_record.h"

namespace sealpost::dns {

struct SpfNode {
  std::string domain;
  std::string via;         // "", "include:x", "redirect=x": the term of the parent that led here
  std::size_t parent = 0;  // index into SpfWalk::nodes; the first is its own parent
  int depth = 0;
  Answer answer;                     // of the TXT question
  std::vector<std::string> records;  // SPF records among it, joined
  std::optional<SpfRecord> record;   // if there is exactly one and it parses
  std::vector<SpfError> errors;      // if it does not parse
  int lookups = 0;                   // of this record's own terms, include and redirect counted here
  bool loop = false;                 // the name is among its own ancestors: read, not walked again
};
struct SpfVoid {
  std::string domain;  // whose record
  std::string term;
  std::string name;  // asked in vain
};
struct SpfWide {
  std::string domain;
  std::string term;  // "+all", "ip4:0.0.0.0/0", ...: passes everybody, or at least a /8 (IPv4), a /16 (IPv6)
  bool everybody = false;
};

struct SpfWalk {
  std::vector<SpfNode> nodes;  // the domain's own record first, then as evaluation would meet them; 100 at most
  int lookups = 0;             // worst case over all addresses (4.6.4)
  int void_lookups = 0;
  std::vector<SpfVoid> voids;
  std::vector<SpfWide> wide;               // passes only: an include counts if its qualifier is pass
  std::vector<std::string> mx_over_limit;  // names with more than 10 MX
  std::vector<std::string> unknown;        // names whose answer could not be had: counts are then lower bounds
  std::vector<std::string> macros;         // terms with macros; those that vary by message are not asked here
  bool cut = false;  // stopped at 100 records, 256 KiB of them, 500 questions or the deadline: counts are lower bounds
};

// Includes are walked each time they are named (the same one twice is no loop, and costs twice).
SpfWalk WalkSpf(Resolver& resolver, const std::string& domain, Deadline deadline);

}  // namespace sealpost::dns
