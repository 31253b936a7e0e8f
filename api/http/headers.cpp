#include "api/http/headers.h"

#include <algorithm>
#include <string_view>

namespace sealpost::http {
namespace {

constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'";
constexpr std::string_view kPermissionsPolicy =
    "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()";
constexpr std::string_view kTwoYears = "max-age=63072000; includeSubDomains";

const std::string* Find(const Response& response, std::string_view name) {
  const CaseInsensitive less;
  const auto found = std::ranges::find_if(
      response.headers, [&](const auto& header) { return !less(header.first, name) && !less(name, header.first); });
  return found == response.headers.end() ? nullptr : &found->second;
}

void AddDefault(Response& response, std::string_view name, std::string_view value) {
  if (Find(response, name) == nullptr) response.headers.emplace_back(name, value);
}

}  // namespace

void AddSecurityHeaders(Response& response, const Request& request, const HeaderPolicy& policy) {
  response.headers.reserve(response.headers.size() + 12);
  // A handler whose own policy says who may frame it must not be contradicted by the older header.
  const std::string* own = Find(response, "Content-Security-Policy");
  if (own == nullptr || own->find("frame-ancestors") == std::string::npos) {
    AddDefault(response, "X-Frame-Options", "DENY");
  }
  AddDefault(response, "Content-Security-Policy", kContentSecurityPolicy);
  AddDefault(response, "X-Content-Type-Options", "nosniff");
  AddDefault(response, "Referrer-Policy", "no-referrer");
  AddDefault(response, "Cross-Origin-Opener-Policy", "same-origin");
  AddDefault(response, "Cross-Origin-Resource-Policy", "same-origin");
  AddDefault(response, "Permissions-Policy", kPermissionsPolicy);
  AddDefault(response, "Cache-Control", "no-store");
  AddDefault(response, "X-XSS-Protection", "0");
  if (!request.id.empty()) AddDefault(response, "X-Request-Id", request.id);
  if (policy.hsts && request.secure) AddDefault(response, "Strict-Transport-Security", kTwoYears);
}

}  // namespace sealpost::http
