// Reads back what report_json.h writes.
#pragma once

#include <string_view>

#include "dns/finding.h"
#include "mailer/base/error.h"

namespace sealpost::domains {

// kInvalid if it is no report of schema 1. Members that are not known are passed over.
base::Result<dns::Report> ReadReport(std::string_view json);
// A word that nobody writes reads as "unknown".
dns::Outcome ReadOutcome(std::string_view word);
dns::Verdict ReadVerdict(std::string_view word);

}  // namespace sealpost::domains
