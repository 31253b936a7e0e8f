#include "api/resources/refusals.h"

#include "mailer/base/clock.h"
#include "mailer/base/json.h"
#include "mailer/submit/limit_request.h"

namespace sealpost::resources {

namespace {

struct Row {
  int status;
  http::Name name;
};

Row RowOf(submit::RefusalKind kind) {
  using enum submit::RefusalKind;
  switch (kind) {
    case kValidation:
      return {422, http::Name::kValidationError};
    case kMissingField:
      return {422, http::Name::kMissingRequiredField};
    case kInvalidFrom:
      return {422, http::Name::kInvalidFromAddress};
    case kInvalidAttachment:
      return {422, http::Name::kInvalidAttachment};
    case kInvalidParameter:
      return {422, http::Name::kInvalidParameter};
    case kDomainNotDeclared:
      return {403, http::Name::kValidationError};
    case kDomainRefused:
      return {403, http::Name::kValidationError};
    case kNotPermitted:
      return {403, http::Name::kValidationError};
    case kNotFound:
      return {404, http::Name::kNotFound};
    case kLimited:
      return {429, http::Name::kRateLimitExceeded};
    case kRecipientOptedOut:
      return {403, http::Name::kValidationError};
    case kUnavailable:
      return {503, http::Name::kInternalServerError};
    case kIdempotencyReused:
      return {409, http::Name::kInvalidIdempotentRequest};
    case kIdempotencyRunning:
      return {409, http::Name::kConcurrentIdempotentRequests};
  }
  return {500, http::Name::kInternalServerError};
}

std::string LimitMembers(const ratelimit::Decision& decision) {
  base::JsonWriter writer;
  writer.BeginObject();
  writer.Key("policy").String(decision.scope == "recipient" ? "recipient_opted_out" : decision.rule);
  writer.Key("scope").String(decision.scope);
  writer.Key("recipients").BeginArray();
  for (const std::string& mailbox : decision.refused) writer.String(mailbox);
  writer.EndArray();
  writer.Key("retry_after").Integer(decision.retry_after.count());
  if (decision.last_sent_at != 0) {
    writer.Key("last_sent_at").String(base::ToRfc3339(base::FromMillis(decision.last_sent_at)));
  } else {
    writer.Key("last_sent_at").Null();
  }
  writer.Key("challenge");
  if (decision.challenge.empty()) {
    writer.Null();
  } else {
    writer.String(decision.challenge);
  }
  writer.Key("degraded").Bool(decision.degraded);
  const std::string object = writer.EndObject().Take();
  return object.substr(1, object.size() - 2);
}

}  // namespace

http::Problem ToProblem(const submit::Refusal& refusal) {
  const Row row = RowOf(refusal.kind);
  http::Problem problem{row.status, row.name, refusal.message};
  if (!refusal.field.empty()) problem.errors.push_back({refusal.field, refusal.message});
  return problem;
}

http::Response EmailNotFound(const http::Request& request) {
  return ToResponse({404, http::Name::kNotFound, "Email not found"}, request);
}

http::Response LimitedResponse(const submit::Refusal& refusal, const ratelimit::Decision& decision,
                               const http::Request& request) {
  http::Problem problem = ToProblem(refusal);
  const bool of_recipient = refusal.kind == submit::RefusalKind::kRecipientOptedOut;
  const bool of_a_day = decision.limit.window >= std::chrono::hours(24);
  if (of_a_day && !of_recipient && !submit::WaitsForCounters(decision)) problem.name = http::Name::kDailyQuotaExceeded;
  problem.extra_members = LimitMembers(decision);
  http::Response response = ToResponse(problem, request);
  response.headers.emplace_back("Retry-After", std::to_string(decision.retry_after.count()));
  if (!of_recipient) AddLimitHeaders(response, decision);
  return response;
}

void AddLimitHeaders(http::Response& response, const ratelimit::Decision& decision) {
  if (decision.rule.empty()) return;
  const std::string count = std::to_string(decision.limit.count);
  const std::string reset = std::to_string(decision.reset.count());
  const std::string remaining = std::to_string(decision.remaining);
  response.headers.emplace_back("RateLimit-Policy", "\"" + decision.rule + "\";q=" + count +
                                                        ";w=" + std::to_string(decision.limit.window.count()));
  response.headers.emplace_back("RateLimit", "\"" + decision.rule + "\";r=" + remaining + ";t=" + reset);
  response.headers.emplace_back("RateLimit-Limit", count);
  response.headers.emplace_back("RateLimit-Remaining", remaining);
  response.headers.emplace_back("RateLimit-Reset", reset);
}

}  // namespace sealpost::resources
