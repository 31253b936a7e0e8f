// SMTP TLS reporting (RFC 8460 3): the record at _smtp._tls. Pure.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace sealpost::dns {

bool IsTlsReportRecord(std::string_view text);  // begins with v=TLSRPTv1 and ";"
// The rua URIs, each mailto: or https:; otherwise what is wrong.
std::expected<std::vector<std::string>, std::string> ParseTlsReport(std::string_view text);

}  // namespace sealpost::dns
