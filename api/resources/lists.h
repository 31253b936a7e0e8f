// The list envelope of the contract: {"object":"list","has_more":...,"data":[...]}, newest first, `limit` 1 to 100
// (20), `after` an id.
#pragma once

#include <expected>
#include <string>

#include "api/http/message.h"
#include "api/http/problem.h"

namespace sealpost::resources {

struct PageRequest {
  std::size_t limit = 20;
  std::string after;  // empty: from the newest
};
std::expected<PageRequest, http::Problem> ReadPage(const http::Request& request);

}  // namespace sealpost::resources
