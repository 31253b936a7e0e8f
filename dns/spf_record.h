// The text of an SPF record (RFC 7208 4.5, 4.6, 5, 6, 12). Grammar only: no DNS. Pure functions.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dns/ip.h"

namespace sealpost::dns {

enum class Qualifier { kPass, kFail, kSoftfail, kNeutral };  // + - ~ ?
enum class Mechanism { kAll, kInclude, kA, kMx, kPtr, kIp4, kIp6, kExists };

// A directive or a modifier as it stands in the record. Text that may hold macros (RFC 7208 7) is kept unexpanded; its
// macro syntax has been checked.
struct SpfTerm {
  std::string text;        // as written
  std::size_t column = 0;  // 1-based place in the record
  Qualifier qualifier = Qualifier::kPass;
  Mechanism mechanism = Mechanism::kAll;
  std::string domain;  // domain-spec of include, a, mx, ptr, exists; empty: the current domain
  Ip network{};        // of ip4 and ip6
  unsigned prefix4 = 32;
  unsigned prefix6 = 128;
};
struct SpfModifier {
  std::string text;
  std::size_t column = 0;
  std::string name;  // lower case
  std::string value;
};
struct SpfError {
  std::string term;        // what cannot be read
  std::size_t column = 0;  // 1-based
  std::string message;     // "ip4 needs a prefix length of 0 to 32, without leading zeros"
};
struct SpfRecord {
  std::vector<SpfTerm> terms;  // directives, in order
  std::optional<SpfModifier> redirect;
  std::optional<SpfModifier> exp;
  std::vector<SpfModifier> unknown;
};

// First token is exactly "v=spf1", in any case (4.5).
bool IsSpfRecord(std::string_view text);
// The whole record, errors behind a possible match included (4.6): all of them, in order, not only the first. Terms
// are separated by spaces only; redirect and exp at most once (6).
std::expected<SpfRecord, std::vector<SpfError>> ParseSpf(std::string_view text);
// Mechanism that costs a DNS lookup of the ten (4.6.4): include, a, mx, ptr, exists.
bool CostsLookup(Mechanism mechanism);
std::string_view MechanismName(Mechanism mechanism);

}  // namespace sealpost::dns
