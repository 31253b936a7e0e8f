#include "api/app/key_book.h"

#include <mutex>

#include "mailer/base/crypto.h"
#include "mailer/base/id.h"
#include "mailer/store/keys.h"

namespace sealpost::app {

namespace {

std::string HashOf(std::string_view token) {
  return base::HexEncode(base::AsText(base::Sha256(token)));
}

}  // namespace

NewKey MakeKey(const std::string& name, model::Permission permission, bool may_assert_trust, base::Time now) {
  NewKey made;
  made.token = "sp_" + base::RandomText(32);
  made.key.id = base::NewId(now);
  made.key.name = name;
  made.key.token_hash = HashOf(made.token);
  made.key.permission = permission;
  made.key.may_assert_trust = may_assert_trust;
  made.key.created_at = now;
  return made;
}

base::Result<void> KeyBook::Load(store::Database& database) {
  return database.Read([this](store::Session& session) -> base::Result<void> {
    auto keys = store::AllKeys(session);
    if (!keys) return std::unexpected(keys.error());
    for (model::ApiKey& key : *keys) Add(std::move(key));
    return {};
  });
}

void KeyBook::Add(model::ApiKey key) {
  const std::unique_lock lock(mutex_);
  std::string hash = key.token_hash;
  by_hash_.insert_or_assign(std::move(hash), std::move(key));
}

std::size_t KeyBook::Size() const {
  const std::shared_lock lock(mutex_);
  return by_hash_.size();
}

// Comparing hashes of 256-bit tokens tells an attacker nothing by its timing: he cannot steer the hash.
std::optional<model::ApiKey> KeyBook::Find(std::string_view token) const {
  const std::string hash = HashOf(token);
  const std::shared_lock lock(mutex_);
  const auto found = by_hash_.find(hash);
  if (found == by_hash_.end()) return std::nullopt;
  return found->second;
}

}  // namespace sealpost::app
