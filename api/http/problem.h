// Errors on the wire: the closed names of the contract, and one body that serves both the Resend clients (statusCode,
// name, message) and RFC 9457 (type, title, status, detail, instance). There is never a member called "error".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/http/message.h"
#include "mailer/base/error.h"

namespace sealpost::http {

// The 21 names of the contract that are closed: clients fail on any other.
enum class Name {
  kInvalidIdempotencyKey,
  kValidationError,
  kMissingApiKey,
  kRestrictedApiKey,
  kInvalidApiKey,
  kNotFound,
  kMethodNotAllowed,
  kInvalidIdempotentRequest,
  kConcurrentIdempotentRequests,
  kMissingRequiredField,
  kInvalidAttachment,
  kInvalidFromAddress,
  kInvalidParameter,
  kInvalidRegion,
  kInvalidAccess,
  kRateLimitExceeded,
  kDailyQuotaExceeded,
  kMonthlyQuotaExceeded,
  kSecurityError,
  kApplicationError,
  kInternalServerError,
};
std::string_view NameText(Name name);

struct FieldError {
  std::string pointer;  // JSON pointer, "/to/2"
  std::string detail;
};

struct Problem {
  int status = 500;
  Name name = Name::kInternalServerError;
  std::string message;
  std::vector<FieldError> errors = {};
  std::string extra_members = {};  // further members as JSON text without braces: "\"policy\":\"otp-mailbox-1h\""
};

// "Unprocessable Content" for 422 (RFC 9110 15); "Unknown" for a status this program does not use.
std::string_view ReasonPhrase(int status);
// application/json, which every client of the contract reads; application/problem+json only if Accept names it.
Response ToResponse(const Problem& problem, const Request& request);
// kInvalid 422 validation_error, kNotFound 404, kConflict 409 (validation_error), kUnavailable 503 and kInternal 500
// (internal_server_error with a general message: details go to the log).
Problem FromError(const base::Error& error);

}  // namespace sealpost::http
