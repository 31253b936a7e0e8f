#include "api/resources/key_rate.h"

#include <algorithm>
#include <utility>

namespace sealpost::resources {

namespace {

bool HasHeader(const http::Response& response, std::string_view name) {
  return std::any_of(response.headers.begin(), response.headers.end(),
                     [&](const auto& header) { return header.first == name; });
}

}  // namespace

std::int64_t KeyRate::Take(const std::string& key_id) {
  const std::int64_t second = base::ToMillis(clock_.Now()) / 1000;
  const auto windows = windows_.Lock();
  Window& window = (*windows)[key_id];
  if (window.second != second) window = {second, 0};
  if (window.used >= per_second_) return -1;
  ++window.used;
  return static_cast<std::int64_t>(per_second_) - window.used;
}

http::Handler KeyRate::Wrap(http::Handler handler) {
  return [this, handler = std::move(handler)](const http::Request& request) {
    const std::int64_t left = Take(request.caller ? request.caller->id : std::string());
    http::Response response;
    if (left < 0) {
      response = ToResponse(
          {429, http::Name::kRateLimitExceeded,
           "Too many requests. This API key may make " + std::to_string(per_second_) + " requests per second."},
          request);
      response.headers.emplace_back("Retry-After", "1");
    } else {
      response = handler(request);
    }
    // A mailbox's rule, where one was asked, says more than the key's.
    if (!HasHeader(response, "RateLimit-Limit")) {
      const std::string limit = std::to_string(per_second_);
      const std::string remaining = std::to_string(std::max<std::int64_t>(left, 0));
      response.headers.emplace_back("RateLimit-Policy", "\"key\";q=" + limit + ";w=1");
      response.headers.emplace_back("RateLimit", "\"key\";r=" + remaining + ";t=1");
      response.headers.emplace_back("RateLimit-Limit", limit);
      response.headers.emplace_back("RateLimit-Remaining", remaining);
      response.headers.emplace_back("RateLimit-Reset", "1");
    }
    return response;
  };
}

}  // namespace sealpost::resources
