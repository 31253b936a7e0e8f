#include "api/app/config_schema.h"

#include <doctest/doctest.h>

#include <set>

using namespace sealpost;

TEST_CASE("every key has its own name, sets what it gets, and refuses another type") {
  std::set<std::string_view> names;
  for (const app::ConfigKey& key : app::ConfigKeys()) {
    CHECK_MESSAGE(names.insert(key.name).second, key.name);
    app::Config config;
    const app::ConfigValue value = key.get(config);
    CHECK(key.set(config, value));
    CHECK(key.get(config) == value);
    const bool is_text = std::holds_alternative<std::string>(value);
    CHECK_FALSE(key.set(config, is_text ? app::ConfigValue(true) : app::ConfigValue(std::string("x"))));
    CHECK(key.get(config) == value);
    CHECK(app::FindKey(key.name) == &key);
  }
}

TEST_CASE("the nearest key is the one that was meant, or none") {
  CHECK(app::NearestKey("server.listn") == "server.listen");
  CHECK(app::NearestKey("delivery.relay_password") == "delivery.relay_password_file");
  CHECK(app::NearestKey("zzz").empty());
  CHECK(app::NearestKey("").empty());
}
