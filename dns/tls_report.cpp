#include "dns/tls_report.h"

#include <algorithm>

#include "dns/characters.h"
#include "dns/tag_list.h"
#include "dns/uri.h"

namespace sealpost::dns {
namespace {

// Empty if TLS reports can go there.
std::string DestinationProblem(std::string_view text) {
  const auto uri = ParseUri(text);
  if (!uri) return uri.error();
  if (uri->scheme != "mailto" && uri->scheme != "https") return "neither mailto: nor https:";
  return text.find('!') == std::string_view::npos ? "" : "\"!\" has to be percent-encoded";
}

}  // namespace

bool IsTlsReportRecord(std::string_view text) {
  return text.starts_with("v=TLSRPTv1;");
}

std::expected<std::vector<std::string>, std::string> ParseTlsReport(std::string_view text) {
  if (!IsTlsReportRecord(text)) return std::unexpected("does not begin with \"v=TLSRPTv1;\"");
  const auto fields = ParseFieldList(text);
  if (!fields) return std::unexpected(ToString(fields.error()));
  if (const auto twice = fields->Duplicates(); std::find(twice.begin(), twice.end(), "rua") != twice.end())
    return std::unexpected("rua= stands more than once");
  const Tag* rua = fields->Find("rua");
  if (!rua) return std::unexpected("no rua=");

  std::vector<std::string> uris;
  const std::string_view list = rua->value;
  for (std::size_t from = 0; from <= list.size();) {
    const std::size_t end = std::min(list.find(',', from), list.size());
    const std::string uri(Trimmed(list.substr(from, end - from)));
    if (const std::string problem = DestinationProblem(uri); !problem.empty())
      return std::unexpected("rua \"" + uri + "\": " + problem);
    uris.push_back(uri);
    from = end + 1;
  }
  return uris;
}

}  // namespace sealpost::dns
