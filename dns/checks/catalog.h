// Every check by its id: the rule, where it comes from, and how to mend what it finds. Data.
#pragma once

#include <span>
#include <string_view>

#include "dns/finding.h"

namespace sealpost::dns {

struct CheckInfo {
  std::string_view id;
  Severity severity;        // at most; a milder case of it says so in its finding
  std::string_view rule;    // one sentence
  std::string_view source;  // "RFC 7208 4.5"
  bool ours;
  std::string_view explanation;  // for `sealpost check --explain ID`: why it matters, what receivers do, how it happens
  std::string_view remedy;       // how to mend it
};

// In the order of a report: SPF, DKIM, DMARC, ALIGN, hosts, transport, zone.
std::span<const CheckInfo> Catalog();
const CheckInfo* FindCheck(std::string_view id);  // any case; null: no such id
// The id that is spelled most like it, for "did you mean".
std::string_view NearestCheck(std::string_view id);

}  // namespace sealpost::dns
