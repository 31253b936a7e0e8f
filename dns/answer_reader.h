// What a message says about a question. Pure, thread safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dns/resolver.h"

namespace sealpost::dns {

inline constexpr std::size_t kMaxAliases = 16;

struct Reading {
  Status status = Status::kMalformed;
  std::vector<Record> records;       // of the type asked, at the end of the chain
  std::vector<std::string> aliases;  // targets of the chain within this message
  std::uint32_t ttl = 0;
  std::string detail;  // of a failure
  // The message ends in an alias and says nothing about its target (the last of `aliases`), so that this has to be
  // asked for; status is kNoData then.
  bool open = false;
};

// The message must repeat the question. A chain that loops, forks or has more than kMaxAliases is kMalformed; a
// referral (RFC 2308 2.2.1) is kRefused.
Reading ReadAnswer(std::string_view name, Type type, const Message& message);

}  // namespace sealpost::dns
