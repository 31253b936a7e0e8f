// Signing keys for development: one RSA and one Ed25519 key, made once, sign for every domain.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mailer/base/error.h"
#include "mailer/base/guarded.h"
#include "mailer/base/secret.h"
#include "mailer/dkim/keyring.h"

namespace sealpost::dev {

// Thread safe.
class DevKeyring final : public dkim::Keyring {
 public:
  static constexpr std::string_view kRsaSelector = "dev-rsa";
  static constexpr std::string_view kEd25519Selector = "dev-ed25519";

  // Reads FOLDER/dev-rsa.pem and FOLDER/dev-ed25519.pem, or makes them.
  static base::Result<std::unique_ptr<DevKeyring>> Open(const std::string& folder);

  // RSA first. Remembers the domain, up to kMostDomains of them.
  std::vector<std::shared_ptr<const dkim::Key>> KeysFor(std::string_view domain) const override;
  // Every domain asked for so far, sorted.
  std::vector<std::string> Domains() const;

 private:
  static constexpr std::size_t kMostDomains = 10'000;
  using Keys = std::vector<std::shared_ptr<const dkim::Key>>;

  DevKeyring(base::Secret rsa, base::Secret ed25519) : rsa_(std::move(rsa)), ed25519_(std::move(ed25519)) {}

  const base::Secret rsa_, ed25519_;  // PEM
  mutable base::Guarded<std::map<std::string, Keys, std::less<>>> keys_;
};

}  // namespace sealpost::dev
