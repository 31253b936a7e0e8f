// Which part of a domain's name was registered, for the limiter, which is a leaf and knows no list.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "mailer/base/log.h"

namespace sealpost::app {

// By the public suffix list of this file (empty: the system's), which is read once, here. A list that cannot be read is
// a line in the log and an empty function: every name then stands for itself, as IdentityRules says.
std::function<std::string(std::string_view)> RegisteredPart(const std::string& suffix_list_file, base::Log& log);

}  // namespace sealpost::app
