// The BIMI assertion record at default._bimi (draft-brand-indicators-for-message-identification; no RFC). Pure.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace sealpost::dns {

struct BimiRecord {
  std::string location;   // l=, https, empty: the domain declines to show a logo
  std::string authority;  // a=, https, may be empty
};
bool IsBimiRecord(std::string_view text);  // begins with v=BIMI1
std::expected<BimiRecord, std::string> ParseBimi(std::string_view text);

}  // namespace sealpost::dns
