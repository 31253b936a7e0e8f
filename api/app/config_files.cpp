#include "api/app/config_files.h"

#include "api/app/policy_file.h"
#include "mailer/base/secret.h"
#include "mailer/base/tls_files.h"
#include "mailer/submit/default_category.h"

namespace sealpost::app {

namespace {

using base::ErrorKind;
using base::Secret;

std::unexpected<base::Error> RefuseFile(const std::string& path, const std::string& key, const base::Error& error) {
  return base::Fail(ErrorKind::kInvalid, path + ": " + key + ": " + error.message, key);
}

base::Result<void> CheckPassword(const std::string& path, const std::string& key, const std::string& file) {
  if (file.empty()) return {};
  if (auto read = Secret::FromFile(file); !read) return RefuseFile(path, key, read.error());
  return {};
}

base::Result<void> CheckKey(const std::string& path, const std::string& key, const std::string& file) {
  const auto read = Secret::FromFile(file, Secret::kKeyBytes);
  if (read || read.error().kind == ErrorKind::kNotFound) return {};
  return RefuseFile(path, key, read.error());
}

}  // namespace

base::Result<void> CheckConfigFiles(const std::string& path, const Config& config) {
  if (auto good = CheckPassword(path, "delivery.relay_password_file", config.delivery.relay_password_file); !good)
    return good;
  // The filling in memory asks nobody, so it needs no password.
  const std::string password_file = config.limits.store == "memory" ? std::string() : config.limits.password_file;
  if (auto good = CheckPassword(path, "limits.password_file", password_file); !good) return good;
  const auto limits = ReadPolicy(config.limits.policy_file);
  if (!limits) return RefuseFile(path, "limits.policy_file", limits.error());
  if (auto known = submit::CheckDefaultCategory(config.limits.default_category, limits->policy); !known)
    return RefuseFile(path, "limits.default_category", known.error());
  if (auto good = CheckKey(path, "store.master_key_file", config.store.master_key_file); !good) return good;
  if (auto good = CheckKey(path, "limits.hmac_key_file", config.limits.hmac_key_file); !good) return good;
  if (config.server.certificate_file.empty()) return {};
  const auto pair = base::CheckPair(config.server.certificate_file, config.server.key_file);
  return pair ? pair : RefuseFile(path, "server.certificate_file", pair.error());
}

}  // namespace sealpost::app
