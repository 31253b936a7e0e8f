#include "api/app/domain_book.h"

#include <mutex>
#include <utility>

#include "mailer/dkim/key_files.h"

namespace sealpost::app {

base::Result<void> DomainBook::Replace(const std::vector<DeclaredDomain>& domains, bool require_verified) {
  std::map<std::string, Entry, std::less<>> entries;
  for (const DeclaredDomain& declared : domains) {
    Entry entry{{declared.name, declared.return_path}, {}};
    for (const DkimKeyFile& file : declared.dkim) {
      auto key = dkim::LoadKeyFile(file.key_file, declared.name, file.selector);
      if (!key) {
        return base::Fail(key.error().kind,
                          "DKIM key " + file.selector + " of " + declared.name + ": " + key.error().message);
      }
      entry.keys.push_back(std::move(*key));
    }
    entries.emplace(declared.name, std::move(entry));
  }
  const std::unique_lock lock(mutex_);
  entries_.swap(entries);
  require_verified_ = require_verified;
  return {};
}

std::optional<model::SenderDomain> DomainBook::Find(std::string_view domain) const {
  const std::shared_lock lock(mutex_);
  const auto found = entries_.find(domain);
  if (found != entries_.end()) return found->second.domain;
  if (require_verified_) return std::nullopt;
  return model::SenderDomain{std::string(domain), "bounce." + std::string(domain)};
}

std::vector<std::shared_ptr<const dkim::Key>> DomainBook::KeysFor(std::string_view domain) const {
  const std::shared_lock lock(mutex_);
  const auto found = entries_.find(domain);
  return found == entries_.end() ? std::vector<std::shared_ptr<const dkim::Key>>() : found->second.keys;
}

std::size_t DomainBook::Size() const {
  const std::shared_lock lock(mutex_);
  return entries_.size();
}

std::vector<std::string> DomainBook::Names() const {
  const std::shared_lock lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) names.push_back(name);
  return names;
}

}  // namespace sealpost::app
