// A book that knows nobody.
#pragma once

#include <optional>
#include <string_view>

#include "api/http/router.h"

namespace sealpost::tests {

struct NoKeys final : http::KeyBook {
  std::optional<model::ApiKey> Find(std::string_view) const override { return std::nullopt; }
};

}  // namespace sealpost::tests
