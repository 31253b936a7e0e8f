// A text out of what the store keeps as JSON. Internal to mailer/store.
#pragma once

#include <string>

#include "mailer/base/json.h"

namespace sealpost::store {

// Empty if there is none.
inline std::string Text(base::JsonView value) {
  return std::string(value.String().value_or(""));
}

}  // namespace sealpost::store
