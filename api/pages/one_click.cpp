#include "api/pages/one_click.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace sealpost::pages {

namespace {

constexpr std::string_view kName = "List-Unsubscribe";
constexpr std::string_view kValue = "One-Click";

bool IsMultipart(std::string_view content_type) {
  constexpr std::string_view kType = "multipart/form-data";
  const http::CaseInsensitive less;
  const std::string_view type = content_type.substr(0, kType.size());
  return !less(type, kType) && !less(kType, type);
}

bool InForm(std::string_view body) {
  while (!body.empty() && (body.back() == '\r' || body.back() == '\n')) body.remove_suffix(1);
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('&'), body.size());
    const std::string_view field = body.substr(0, end);
    if (field.starts_with(kName) && field.substr(kName.size()).starts_with('=') &&
        field.substr(kName.size() + 1) == kValue) {
      return true;
    }
    body.remove_prefix(std::min(end + 1, body.size()));
  }
  return false;
}

// Some senders leave the quotes out; the value follows the empty line that ends the part's header.
bool InMultipart(std::string_view body) {
  const std::string bare = "name=" + std::string(kName), quoted = "name=\"" + std::string(kName) + "\"";
  const std::size_t at = std::min(body.find(bare), body.find(quoted));
  if (at == std::string_view::npos) return false;
  const std::size_t empty_line = body.find("\r\n\r\n", at);
  if (empty_line == std::string_view::npos) return false;
  const std::string_view value = body.substr(empty_line + 4);
  return value.starts_with(kValue) && value.substr(kValue.size()).starts_with("\r\n");
}

}  // namespace

bool IsOneClick(const http::Request& request) {
  return IsMultipart(request.Header("Content-Type")) ? InMultipart(request.body) : InForm(request.body);
}

}  // namespace sealpost::pages
