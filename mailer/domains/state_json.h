// A domain's state as GET /x/domains/{id}/dns answers it, and as the store keeps it.
#pragma once

#include <string>
#include <vector>

#include "mailer/base/error.h"
#include "mailer/domains/domain_state.h"
#include "mailer/store/domain_checks.h"

namespace sealpost::domains {

// The report of the latest look (report_json.h) with further members: "checked_at", "since" (when this verdict began),
// "last_known":{"verdict","checked_at"} or null (the latest look that could tell), "failing_since" or null,
// "history":[{"at","was" or null,"verdict","findings":[{"id","name","was","verdict"}]}], the latest first.
// `state.report` is not null.
std::string StateJson(const DomainState& state, const std::vector<VerdictChange>& history);

store::DomainCheck ToRow(const std::string& domain, const DomainState& state);
// What cannot be read counts as never looked at: kInvalid.
base::Result<DomainState> FromRow(const store::DomainCheck& row);
store::DomainChange ToRow(const std::string& domain, const VerdictChange& change);
VerdictChange FromRow(const store::DomainChange& row);

}  // namespace sealpost::domains
