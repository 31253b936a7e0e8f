// From a refusal of the use case to the answer on the wire: status, closed name, members, rate limit fields.
#pragma once

#include "api/http/problem.h"
#include "mailer/submit/request.h"
#include "ratelimit/limiter.h"

namespace sealpost::resources {

http::Problem ToProblem(const submit::Refusal& refusal);
http::Response EmailNotFound(const http::Request& request);
// 429 with policy, scope, recipients, retry_after, last_sent_at; `name` is daily_quota_exceeded for windows of a day.
http::Response LimitedResponse(const submit::Refusal& refusal, const ratelimit::Decision& decision,
                               const http::Request& request);
// RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-11) for the rule that was nearest to refusing.
void AddLimitHeaders(http::Response& response, const ratelimit::Decision& decision);

}  // namespace sealpost::resources
