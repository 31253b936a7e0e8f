// The API keys in memory: a request's token is looked up without touching the store.
#pragma once

#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "api/http/router.h"
#include "mailer/base/clock.h"
#include "mailer/store/database.h"

namespace sealpost::app {

struct NewKey {
  model::ApiKey key;
  std::string token;  // "sp_" and 256 random bits; told once, kept by nobody
};
// A fresh key; not stored yet.
NewKey MakeKey(const std::string& name, model::Permission permission, bool may_assert_trust, base::Time now);

// Thread safe.
class KeyBook final : public http::KeyBook {
 public:
  base::Result<void> Load(store::Database& database);
  void Add(model::ApiKey key);
  std::size_t Size() const;
  std::optional<model::ApiKey> Find(std::string_view token) const override;

 private:
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, model::ApiKey> by_hash_;
};

}  // namespace sealpost::app
