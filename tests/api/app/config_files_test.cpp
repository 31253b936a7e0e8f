#include "api/app/config_files.h"

#include <doctest/doctest.h>

#include "tests/support/temp_folder.h"

using namespace sealpost;
using app::Config;

namespace {

// Every key file still has to be made.
Config Fresh(const tests::TempFolder& folder) {
  Config config;
  config.store.master_key_file = folder.File("master.key");
  config.limits.hmac_key_file = folder.File("limits.key");
  return config;
}

void CheckRefused(const Config& config, const std::string& key, const std::string& file) {
  const auto checked = app::CheckConfigFiles("f.toml", config);
  REQUIRE_FALSE(checked.has_value());
  const std::string& message = checked.error().message;
  CHECK(checked.error().kind == base::ErrorKind::kInvalid);
  CHECK_MESSAGE(message.starts_with("f.toml: " + key + ": "), message);
  CHECK_MESSAGE(message.find(file) != std::string::npos, message);
  CHECK(message.find("hunter2") == std::string::npos);
}

}  // namespace

TEST_CASE("keys that are not there yet are made at the start, so they are no fault") {
  const tests::TempFolder folder;
  CHECK(app::CheckConfigFiles("f.toml", Fresh(folder)));
  CHECK(folder.Read("master.key").empty());
}

TEST_CASE("a key that is there is private and long enough") {
  const tests::TempFolder folder;
  const std::string key(32, 'k');
  Config config = Fresh(folder);
  for (const auto& [name, file] : {std::pair("store.master_key_file", config.store.master_key_file),
                                   std::pair("limits.hmac_key_file", config.limits.hmac_key_file)}) {
    const std::string base_name = file.substr(file.rfind('/') + 1);
    folder.Write(base_name, key, 0644);
    CheckRefused(config, name, file);
    folder.Write(base_name, "hunter2");
    CheckRefused(config, name, file);
    folder.Write(base_name, key);
    CHECK(app::CheckConfigFiles("f.toml", config));
  }
}

TEST_CASE("a password file that is missing, open to others or empty is found before the first mail") {
  const tests::TempFolder folder;
  for (const std::string& file :
       {folder.File("none"), folder.Write("open", "hunter2", 0644), folder.Write("empty", "")}) {
    Config config = Fresh(folder);
    config.delivery.relay_password_file = file;
    CheckRefused(config, "delivery.relay_password_file", file);
    config.delivery.relay_password_file.clear();
    config.limits.password_file = file;
    CheckRefused(config, "limits.password_file", file);
    config.limits.store = "memory";
    CHECK(app::CheckConfigFiles("f.toml", config));
  }
  Config config = Fresh(folder);
  config.delivery.relay_password_file = config.limits.password_file = folder.Write("good", "hunter2");
  CHECK(app::CheckConfigFiles("f.toml", config));
}

TEST_CASE("a certificate that is missing is a fault of the configuration") {
  const tests::TempFolder folder;
  Config config = Fresh(folder);
  config.server.certificate_file = folder.File("none.crt");
  config.server.key_file = folder.File("none.key");
  CheckRefused(config, "server.certificate_file", folder.File("none"));
}

TEST_CASE("a policy is read whole before anything is judged by it") {
  const tests::TempFolder folder;
  Config config = Fresh(folder);
  config.limits.policy_file = folder.File("none.toml");
  CheckRefused(config, "limits.policy_file", "none.toml");
  config.limits.policy_file = folder.Write("limits.toml", "[umbrela]\n");
  CheckRefused(config, "limits.policy_file", "limits.toml:1");
  config.limits.policy_file = folder.Write("limits.toml", "[scopes.source]\nmode = \"enforce\"\n");
  CHECK(app::CheckConfigFiles("f.toml", config));
}

TEST_CASE("the default category is one that the policy knows") {
  const tests::TempFolder folder;
  Config config = Fresh(folder);
  config.limits.default_category = "Receipt";
  CHECK(app::CheckConfigFiles("f.toml", config));
  config.limits.default_category = "magic_link";
  CheckRefused(config, "limits.default_category", "otp");
  config.limits.policy_file =
      folder.Write("limits.toml", "[categories.magic_link]\nlane = \"anonymous\"\nmailbox = [\"5/h\"]\n");
  CHECK(app::CheckConfigFiles("f.toml", config));
  config.limits.default_category = "magiclink";
  CheckRefused(config, "limits.default_category", "did you mean magic_link?");
}
