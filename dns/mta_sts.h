// MTA-STS (RFC 8461): the record and the policy file. Pure; fetching is fetcher.h's.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace sealpost::dns {

bool IsStsRecord(std::string_view text);  // begins with v=STSv1 and ";" (3.1)
// The id, 1 to 32 letters and digits; otherwise what is wrong.
std::expected<std::string, std::string> ParseStsRecord(std::string_view text);

enum class StsMode { kEnforce, kTesting, kNone };
struct StsPolicy {
  StsMode mode = StsMode::kNone;
  std::uint32_t max_age = 0;    // seconds, 31,557,600 at most
  std::vector<std::string> mx;  // names, or "*." and a name (3.2)
  std::vector<std::string> unknown_fields;
};
// Lines end in LF or CRLF; fields may stand in any order; a field but mx twice: the first counts (3.2).
std::expected<StsPolicy, std::string> ParseStsPolicy(std::string_view body);
// A wildcard stands for exactly one leftmost label (4.1).
bool StsMatches(std::string_view pattern, std::string_view host);

}  // namespace sealpost::dns
