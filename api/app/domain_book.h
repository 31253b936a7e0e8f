// The declared sender domains and their DKIM keys: who may stand in From, who signs, where bounces return to.
#pragma once

#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "api/app/config.h"
#include "mailer/dkim/keyring.h"
#include "mailer/submit/sender_domains.h"

namespace sealpost::app {

// Thread safe; Replace swaps everything at once.
class DomainBook final : public submit::SenderDomains, public dkim::Keyring {
 public:
  // Loads every key file first: nothing changes if one is bad. The error names domain, selector and file.
  base::Result<void> Replace(const std::vector<DeclaredDomain>& domains, bool require_verified);

  std::optional<model::SenderDomain> Find(std::string_view domain) const override;
  std::vector<std::shared_ptr<const dkim::Key>> KeysFor(std::string_view domain) const override;
  std::size_t Size() const;
  std::vector<std::string> Names() const;

 private:
  struct Entry {
    model::SenderDomain domain;
    std::vector<std::shared_ptr<const dkim::Key>> keys;
  };
  mutable std::shared_mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;
  bool require_verified_ = true;
};

}  // namespace sealpost::app
