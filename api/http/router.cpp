#include "api/http/router.h"

#include <algorithm>
#include <exception>
#include <set>
#include <stdexcept>
#include <utility>

#include "api/http/field_text.h"

namespace sealpost::http {
namespace {

std::vector<std::string> Split(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    const auto slash = std::min(path.find('/'), path.size());
    if (slash > 0) segments.emplace_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return segments;
}

bool IsParameter(std::string_view segment) {
  return segment.size() > 2 && segment.starts_with('{') && segment.ends_with('}');
}

bool Matches(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  return std::ranges::equal(pattern, path, [](const std::string& wanted, const std::string& given) {
    return IsParameter(wanted) || wanted == given;
  });
}

// The token of "Authorization: Bearer TOKEN" (RFC 6750 2.1); the scheme is case-insensitive (RFC 9110 11.1).
std::string_view BearerToken(std::string_view field) {
  const auto space = field.find(' ');
  if (space == std::string_view::npos || !SameText(field.substr(0, space), "Bearer")) return {};
  field.remove_prefix(std::min(field.find_first_not_of(' ', space), field.size()));
  return field;
}

Response Refuse(const Request& request, int status, Name name, std::string message) {
  Response response = ToResponse({.status = status, .name = name, .message = std::move(message)}, request);
  if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

std::string Join(const std::set<std::string>& methods) {
  std::string text;
  for (const auto& method : methods) text += (text.empty() ? "" : ", ") + method;
  return text;
}

// Nothing if the caller may use the route; otherwise the refusal.
std::optional<Response> Authenticate(const KeyBook& keys, Access access, Request& request) {
  if (access == Access::kPublic) return std::nullopt;
  const std::string_view token = BearerToken(request.Header("Authorization"));
  if (token.empty()) {
    return Refuse(request, 401, Name::kMissingApiKey,
                  "The API key is missing. Send it in the header \"Authorization: Bearer YOUR_API_KEY\".");
  }
  request.caller = keys.Find(token);
  if (!request.caller) return Refuse(request, 403, Name::kInvalidApiKey, "The API key is not valid.");
  if (access == Access::kFull && request.caller->permission != model::Permission::kFullAccess) {
    return Refuse(request, 401, Name::kRestrictedApiKey,
                  "This API key may only send emails. Use a key with full_access.");
  }
  return std::nullopt;
}

}  // namespace

void Router::Add(std::string_view method, std::string_view pattern, Access access, Handler handler) {
  Route route{.method = std::string(method),
              .pattern = std::string(pattern),
              .segments = Split(pattern),
              .kinds = {},
              .access = access,
              .handler = std::move(handler)};
  for (const auto& segment : route.segments) route.kinds += IsParameter(segment) ? 'P' : 'L';
  const auto same = [&](const Route& other) {
    return other.method == route.method && other.kinds == route.kinds && Matches(other.segments, route.segments) &&
           Matches(route.segments, other.segments);
  };
  if (std::ranges::any_of(routes_, same)) throw std::logic_error("route added twice: " + route.pattern);
  const auto place = std::ranges::upper_bound(routes_, route.kinds, {}, &Route::kinds);
  routes_.insert(place, std::move(route));
}

std::vector<Router::Served> Router::Routes() const {
  std::vector<Served> served;
  served.reserve(routes_.size());
  for (const Route& route : routes_) served.push_back({route.method, route.pattern, route.access});
  return served;
}

Router::Match Router::Dispatch(Request& request) const {
  std::vector<std::string> split;
  if (request.segments.empty()) split = Split(request.path);
  const std::vector<std::string>& segments = request.segments.empty() ? split : request.segments;
  const std::string_view wanted = request.method == "HEAD" ? "GET" : std::string_view(request.method);

  // "*" asks about the server as a whole (RFC 9110 9.3.7); it is no path.
  const bool whole_server = request.path == "*";
  const Route* found = nullptr;
  const Route* first = nullptr;
  std::set<std::string> allowed;
  if (whole_server) allowed = {"DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"};
  for (const Route& route : routes_) {
    if (whole_server || !Matches(route.segments, segments)) continue;
    // A path that is another pattern's literal is no parameter's value: what is tried later has the weaker claim.
    if (first != nullptr && route.kinds != first->kinds) break;
    if (first == nullptr) first = &route;
    if (route.method == wanted) {
      found = &route;
      break;
    }
    allowed.insert(route.method);
    if (route.method == "GET") allowed.insert("HEAD");
  }
  if (found != nullptr) {
    Match match{.pattern = found->pattern};
    match.response = Call(*found, request, match.fault);
    return match;
  }
  if (allowed.empty()) {
    return {.response = Refuse(request, 404, Name::kNotFound, "There is nothing at this path.")};
  }
  allowed.insert("OPTIONS");
  const std::string pattern = first == nullptr ? std::string() : first->pattern;
  if (request.method == "OPTIONS") {
    return {.pattern = pattern, .response = {.body = "{}", .headers = {{"Allow", Join(allowed)}}}};
  }
  Match match{.pattern = pattern,
              .response = Refuse(request, 405, Name::kMethodNotAllowed,
                                 "This path does not take that method; it takes " + Join(allowed) + ".")};
  match.response.headers.emplace_back("Allow", Join(allowed));
  return match;
}

Response Router::Call(const Route& route, Request& request, std::string& fault) const {
  Response response;
  // A fault of one handler is one failed request, never a lost thread.
  try {
    for (std::size_t i = 0; i < route.segments.size(); ++i) {
      if (route.kinds[i] != 'P') continue;
      const std::string_view name = std::string_view(route.segments[i]).substr(1, route.segments[i].size() - 2);
      if (request.segments.empty()) request.segments = Split(request.path);
      request.parameters.emplace(name, request.segments[i]);
    }
    auto refusal = Authenticate(*keys_, route.access, request);
    response = refusal ? std::move(*refusal) : route.handler(request);
  } catch (const std::exception& error) {
    fault = error.what();
  } catch (...) {
    fault = "unknown exception";
  }
  if (!fault.empty()) response = ToResponse(FromError({.kind = base::ErrorKind::kInternal, .message = {}}), request);
  if (request.method == "HEAD") {
    // The length is that of the body a GET would have brought (RFC 9110 9.3.2).
    response.headers.emplace_back("Content-Length", std::to_string(response.body.size()));
    response.body.clear();
  }
  return response;
}

}  // namespace sealpost::http
