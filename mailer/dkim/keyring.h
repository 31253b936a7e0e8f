// Which keys sign for a domain. Production: from the configuration. Development: the same pair for any domain.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mailer/dkim/key.h"

namespace sealpost::dkim {

// Thread safe.
class Keyring {
 public:
  virtual ~Keyring() = default;
  // Empty: the domain's mail leaves unsigned.
  virtual std::vector<std::shared_ptr<const Key>> KeysFor(std::string_view domain) const = 0;
};

}  // namespace sealpost::dkim
