// The DNS report as JSON: what `sealpost check --json` prints and GET /x/domains/{id}/dns answers.
#pragma once

#include <string>

#include "dns/finding.h"
#include "mailer/base/json.h"

namespace sealpost::domains {

// {"schema":1,"domain","verdict":"yes|no|unknown","reason","findings":[{"id","verdict","severity","name","records",
// "detail","rule","source","ours","fix":{"name","type","value"} or null,"remedy"}]}. Members are added, never changed.
void WriteReport(const dns::Report& report, base::JsonWriter& writer);
std::string ReportJson(const dns::Report& report);

}  // namespace sealpost::domains
