// The files that a configuration names, read once: a fault in them is found at the start, not by the first mail.
#pragma once

#include <string>

#include "api/app/config.h"

namespace sealpost::app {

// The password files, the TLS pair, the policy with the default category, and those keys that are there already (the
// others are made at first start). The error is kInvalid and names file, key, path and remedy, never what is in it.
// `config` has passed CheckConfig.
base::Result<void> CheckConfigFiles(const std::string& path, const Config& config);

}  // namespace sealpost::app
