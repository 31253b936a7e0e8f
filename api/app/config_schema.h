// The keys of the configuration as a table: name, and how to set and print each. Drives reading, overriding by the
// environment, printing and the "nearest key" of errors.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/app/config.h"

namespace sealpost::app {

using ConfigValue = std::variant<std::string, std::int64_t, bool, std::vector<std::string>, std::vector<std::int64_t>>;

struct ConfigKey {
  std::string_view name;  // "server.listen"
  std::function<ConfigValue(const Config&)> get;
  // False if the value has another type than the key.
  std::function<bool(Config&, const ConfigValue&)> set;
};

const std::vector<ConfigKey>& ConfigKeys();
const ConfigKey* FindKey(std::string_view name);
// The key with the smallest edit distance; empty if none is near.
std::string NearestKey(std::string_view name);

}  // namespace sealpost::app
