#include "api/dev/dev_keyring.h"

#include <filesystem>

#include "mailer/base/files.h"

namespace sealpost::dev {
namespace {

base::Result<base::Secret> ReadOrMake(const std::string& path, dkim::Algorithm algorithm) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) return base::Secret::FromFile(path);
  auto made = dkim::Key::Generate(algorithm);
  if (!made) return made;
  if (const auto written = base::WriteFile(path, made->Reveal()); !written) return std::unexpected(written.error());
  return made;
}

}  // namespace

base::Result<std::unique_ptr<DevKeyring>> DevKeyring::Open(const std::string& folder) {
  if (const auto made = base::MakeFolder(folder); !made) return std::unexpected(made.error());
  auto rsa = ReadOrMake(folder + "/" + std::string(kRsaSelector) + ".pem", dkim::Algorithm::kRsaSha256);
  if (!rsa) return std::unexpected(rsa.error());
  auto ed25519 = ReadOrMake(folder + "/" + std::string(kEd25519Selector) + ".pem", dkim::Algorithm::kEd25519Sha256);
  if (!ed25519) return std::unexpected(ed25519.error());
  std::unique_ptr<DevKeyring> keyring(new DevKeyring(std::move(*rsa), std::move(*ed25519)));
  // A damaged key file is found here, not at the first mail.
  for (const auto& [selector, pem] :
       {std::pair(kRsaSelector, &keyring->rsa_), std::pair(kEd25519Selector, &keyring->ed25519_)}) {
    const auto key = dkim::Key::Parse("example.com", std::string(selector), pem->Reveal());
    if (!key) return std::unexpected(key.error());
  }
  return keyring;
}

std::vector<std::shared_ptr<const dkim::Key>> DevKeyring::KeysFor(std::string_view domain) const {
  {
    auto known = keys_.Lock();
    if (const auto found = known->find(domain); found != known->end()) return found->second;
  }
  // Parsed without the lock: the check of a new key takes a millisecond, and others are signing.
  Keys keys;
  for (const auto& [selector, pem] : {std::pair(kRsaSelector, &rsa_), std::pair(kEd25519Selector, &ed25519_)}) {
    auto key = dkim::Key::Parse(std::string(domain), std::string(selector), pem->Reveal());
    if (!key) return {};
    keys.push_back(std::move(*key));
  }
  auto known = keys_.Lock();
  if (known->size() < kMostDomains) known->emplace(domain, keys);
  return keys;
}

std::vector<std::string> DevKeyring::Domains() const {
  std::vector<std::string> domains;
  auto known = keys_.Lock();
  for (const auto& [domain, keys] : *known) domains.push_back(domain);
  return domains;
}

}  // namespace sealpost::dev
