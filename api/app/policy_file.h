// A policy of limits as one TOML file over the shipped one: what it does not name stays as shipped. Strict, as the
// configuration is: an unknown key is an error that names the nearest. api/app/docs/policy.md lists every key.
#pragma once

#include <string>
#include <string_view>

#include "mailer/base/error.h"
#include "ratelimit/identity.h"
#include "ratelimit/policy.h"

namespace sealpost::app {

struct PolicyFile {
  ratelimit::Policy policy = ratelimit::Policy::Default();
  ratelimit::IdentityRules identity = {};  // what the operator says of domains
};

// Errors name the file, the line, the key and the remedy. Without a path: the shipped policy.
base::Result<PolicyFile> ReadPolicy(const std::string& path);
// `path` is what errors name.
base::Result<PolicyFile> ParsePolicy(std::string_view text, const std::string& path);

}  // namespace sealpost::app
