// The bytes of a question (RFC 1035 4.1). Pure, thread safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dns/wire.h"

namespace sealpost::dns {

inline constexpr std::uint16_t kUdpPayload = 1232;  // fits every path unfragmented (DNS flag day 2020)

struct Query {
  std::string name;  // queryable, see name.h
  Type type = Type::kTxt;
  bool recursion_desired = true;
  bool checking_disabled = false;
  bool edns = true;  // OPT of kUdpPayload with DO off, the last record
};

// AD is set: the answer's AD is wanted, its signatures are not (RFC 6840 5.7).
std::vector<std::uint8_t> QueryBytes(const Query& query, std::uint16_t id);

}  // namespace sealpost::dns
