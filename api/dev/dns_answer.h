// A DNS question as bytes, its answer as bytes (RFC 1035, EDNS by RFC 6891), from the development zone. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/dev/zone.h"

namespace sealpost::dev {

// All records at a name, above it and below it, whatever else: a name above a record exists without one of its own.
// The name is in lower case, labels between dots, without final dot.
using RecordsAround = std::function<std::vector<Record>(std::string_view name)>;

// As a server answers that has the whole DNS in one zone: TXT, MX, A, PTR and SOA records, NXDOMAIN or an empty answer
// with the SOA. Over UDP what does not fit the asker's buffer, or 1232 bytes, is cut to nothing with TC. Questions of
// another class and transfers are refused, other operations not implemented, unreadable ones a format error. Nothing
// for what must not be answered: an answer, or too few bytes for a header.
std::optional<std::string> AnswerDns(std::string_view question, bool tcp, const RecordsAround& records);

}  // namespace sealpost::dev
