#include "ratelimit/trace.h"

#include <utility>

namespace sealpost::ratelimit {

Request RequestOf(const TraceEntry& entry, const IdentityRules& identity) {
  Identity who = Identify(entry.local, entry.domain, identity);
  Request request{.id = "line-" + std::to_string(entry.line),
                  .recipients = {},
                  .category = entry.category,
                  .trust = entry.trust,
                  .key = entry.key,
                  .source = entry.client_ip,
                  .inviter = entry.inviter,
                  .workspace = entry.workspace,
                  .workspace_verified = entry.workspace_verified,
                  .content = entry.content};
  request.recipients.push_back({.mailbox = std::move(who.mailbox),
                                .family = std::move(who.family),
                                .domain = std::move(who.domain_budget),
                                .confirmed = entry.confirmed});
  return request;
}

bool IsAnonymous(const Policy& policy, const TraceEntry& entry) {
  const Policy::PerCategory& own = policy.For(entry.category);
  return own.lane == Lane::kAnonymous && !(own.trusted && entry.trust != Trust::kNone);
}

}  // namespace sealpost::ratelimit
