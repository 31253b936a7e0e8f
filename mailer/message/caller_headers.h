// The header fields a caller may add, and the ones that are ours. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mailer/base/error.h"

namespace sealpost::message {

// Appends the caller's fields. `has_list`: List-Unsubscribe is ours for this message, so a caller's is refused;
// without a topic it is taken if it is made of <URI>s.
base::Result<void> AppendCallerHeaders(std::string& out,
                                       const std::vector<std::pair<std::string, std::string>>& headers, bool has_list);

}  // namespace sealpost::message
