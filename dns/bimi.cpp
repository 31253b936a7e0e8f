#include "dns/bimi.h"

#include "dns/tag_list.h"
#include "dns/uri.h"

namespace sealpost::dns {
namespace {

// Empty if `value` may stand there: nothing, or an https URI.
std::string LocationProblem(std::string_view tag, std::string_view value) {
  if (value.empty()) return "";
  const auto uri = ParseUri(value);
  if (!uri) return std::string(tag) + "=: " + uri.error();
  return uri->scheme == "https" ? "" : std::string(tag) + "= is not an https URI";
}

}  // namespace

bool IsBimiRecord(std::string_view text) {
  const auto reading = ReadTagList(text.substr(0, text.find(';')));
  return text.starts_with('v') && reading.tags.Value("v") == "BIMI1";
}

std::expected<BimiRecord, std::string> ParseBimi(std::string_view text) {
  if (!IsBimiRecord(text)) return std::unexpected("does not begin with \"v=BIMI1\"");
  const auto tags = ParseTagList(text);
  if (!tags) return std::unexpected(ToString(tags.error()));
  if (const auto twice = tags->Duplicates(); !twice.empty())
    return std::unexpected("the tag " + twice.front() + "= stands more than once");
  const auto location = tags->Value("l");
  if (!location) return std::unexpected("no l=");
  const std::string authority = tags->Value("a").value_or("");
  for (const std::string& problem : {LocationProblem("l", *location), LocationProblem("a", authority)})
    if (!problem.empty()) return std::unexpected(problem);
  if (location->empty() && !authority.empty()) return std::unexpected("a= without a logo in l=");
  return BimiRecord{*location, authority};
}

}  // namespace sealpost::dns
