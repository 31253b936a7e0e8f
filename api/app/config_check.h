// What a configuration has to hold beyond the types of its keys.
#pragma once

#include <string>

#include "api/app/config.h"

namespace sealpost::app {

// Also drops trailing slashes of public_url. The error names file, key and remedy.
base::Result<void> CheckConfig(const std::string& path, Config& config);

}  // namespace sealpost::app
