// Times that may be missing, as the store keeps them: milliseconds, or NULL. Internal to mailer/store.
#pragma once

#include <cstdint>
#include <optional>

#include "mailer/base/clock.h"

namespace sealpost::store {

inline std::optional<std::int64_t> MaybeMillis(const std::optional<base::Time>& time) {
  if (!time) return std::nullopt;
  return base::ToMillis(*time);
}

inline std::optional<base::Time> MaybeTime(const std::optional<std::int64_t>& millis) {
  if (!millis) return std::nullopt;
  return base::FromMillis(*millis);
}

}  // namespace sealpost::store
