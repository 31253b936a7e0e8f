#include "api/resources/lists.h"

#include <charconv>

#include "mailer/base/id.h"

namespace sealpost::resources {

std::expected<PageRequest, http::Problem> ReadPage(const http::Request& request) {
  PageRequest page;
  const std::string_view limit = request.Query("limit");
  if (!limit.empty()) {
    const auto [end, error] = std::from_chars(limit.data(), limit.data() + limit.size(), page.limit);
    if (error != std::errc() || end != limit.data() + limit.size() || page.limit < 1 || page.limit > 100) {
      return std::unexpected(http::Problem{422, http::Name::kValidationError, "`limit` is a number from 1 to 100."});
    }
  }
  if (!request.Query("before").empty()) {
    return std::unexpected(
        http::Problem{422, http::Name::kValidationError, "`before` is not served by this version: page with `after`."});
  }
  page.after = std::string(request.Query("after"));
  if (!page.after.empty() && !base::IsId(page.after)) {
    return std::unexpected(http::Problem{422, http::Name::kInvalidParameter, "`after` is not a UUID."});
  }
  return page;
}

}  // namespace sealpost::resources
