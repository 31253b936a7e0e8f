#include "api/http/problem.h"

#include <algorithm>
#include <array>
#include <utility>

#include "api/http/field_text.h"
#include "mailer/base/json.h"

namespace sealpost::http {
namespace {

constexpr std::array<std::string_view, 21> kNames = {
    "invalid_idempotency_key",
    "validation_error",
    "missing_api_key",
    "restricted_api_key",
    "invalid_api_key",
    "not_found",
    "method_not_allowed",
    "invalid_idempotent_request",
    "concurrent_idempotent_requests",
    "missing_required_field",
    "invalid_attachment",
    "invalid_from_address",
    "invalid_parameter",
    "invalid_region",
    "invalid_access",
    "rate_limit_exceeded",
    "daily_quota_exceeded",
    "monthly_quota_exceeded",
    "security_error",
    "application_error",
    "internal_server_error",
};

constexpr std::pair<int, std::string_view> kReasons[] = {
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
};

std::string_view TakeUntil(std::string_view& rest, char separator) {
  const auto end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return Trim(part);
}

// In thousandths; what is no weight counts as none given: 1 (RFC 9110 12.4.2).
int WeightOf(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string_view parameter = TakeUntil(parameters, ';');
    if (parameter.size() < 3 || !SameText(parameter.substr(0, 2), "q=") || parameter[2] != '0') continue;
    int weight = 0;
    int unit = 100;
    for (const char c : parameter.substr(std::min<std::size_t>(4, parameter.size()))) {
      if (c < '0' || c > '9') return 1000;
      weight += (c - '0') * unit;
      unit /= 10;
    }
    return weight;
  }
  return 1000;
}

// The client names the type, does not refuse it, and does not like plain JSON better. Of the ranges that JSON is in,
// the most specific one holds (RFC 9110 12.5.1).
bool PrefersProblemJson(std::string_view accept) {
  constexpr std::array<std::string_view, 3> kJsonRanges = {"*/*", "application/*", "application/json"};
  int problem = 0;
  int json = 0;
  std::size_t specific = 0;
  while (!accept.empty()) {
    std::string_view parameters = TakeUntil(accept, ',');
    const std::string_view range = TakeUntil(parameters, ';');
    const int weight = WeightOf(parameters);
    if (SameText(range, "application/problem+json")) problem = std::max(problem, weight);
    for (std::size_t i = specific; i < kJsonRanges.size(); ++i) {
      if (!SameText(range, kJsonRanges[i])) continue;
      json = weight;
      specific = i;
    }
  }
  return problem > 0 && problem >= json;
}

// "to[2].name" is "/to/2/name" (RFC 6901).
std::string ToPointer(std::string_view field) {
  std::string pointer = "/";
  for (const char c : field) {
    if (c == '[' || c == '.') {
      pointer += '/';
    } else if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else if (c != ']') {
      pointer += c;
    }
  }
  return pointer;
}

}  // namespace

std::string_view NameText(Name name) {
  return kNames.at(static_cast<std::size_t>(name));
}

std::string_view ReasonPhrase(int status) {
  for (const auto& [code, phrase] : kReasons) {
    if (code == status) return phrase;
  }
  return "Unknown";
}

Response ToResponse(const Problem& problem, const Request& request) {
  base::JsonWriter json;
  json.BeginObject();
  json.Key("statusCode").Integer(problem.status).Key("name").String(NameText(problem.name));
  json.Key("message").String(problem.message);
  json.Key("type").String("about:blank").Key("title").String(ReasonPhrase(problem.status));
  json.Key("status").Integer(problem.status).Key("detail").String(problem.message);
  if (!request.id.empty()) {
    json.Key("instance").String("urn:uuid:" + request.id).Key("request_id").String(request.id);
  }
  if (!problem.errors.empty()) {
    json.Key("errors").BeginArray();
    for (const auto& [pointer, detail] : problem.errors) {
      json.BeginObject().Key("pointer").String(pointer).Key("detail").String(detail).EndObject();
    }
    json.EndArray();
  }
  json.EndObject();
  Response response{.status = problem.status, .body = json.Take()};
  if (!problem.extra_members.empty()) response.body.insert(response.body.size() - 1, "," + problem.extra_members);
  if (PrefersProblemJson(request.Header("Accept"))) response.content_type = "application/problem+json";
  return response;
}

Problem FromError(const base::Error& error) {
  Problem problem{.status = 500, .name = Name::kInternalServerError, .message = error.message};
  switch (error.kind) {
    case base::ErrorKind::kInvalid:
      problem.status = 422;
      problem.name = Name::kValidationError;
      if (!error.field.empty()) problem.errors.push_back({ToPointer(error.field), error.message});
      break;
    case base::ErrorKind::kNotFound:
      problem.status = 404;
      problem.name = Name::kNotFound;
      break;
    case base::ErrorKind::kConflict:
      problem.status = 409;
      problem.name = Name::kValidationError;
      break;
    case base::ErrorKind::kUnavailable:
      problem.status = 503;
      problem.message = "The service cannot do this at the moment. Try again in a few seconds.";
      break;
    case base::ErrorKind::kInternal:
      problem.message = "Something went wrong on our side. The log has the details under this request_id.";
      break;
  }
  return problem;
}

}  // namespace sealpost::http
