// Which domains may stand in From. Production: those declared in the configuration. Development: any.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mailer/model/domain.h"

namespace sealpost::submit {

// Thread safe.
class SenderDomains {
 public:
  virtual ~SenderDomains() = default;
  // `domain` is a lower-case A-label. Nothing: mail from it is refused.
  virtual std::optional<model::SenderDomain> Find(std::string_view domain) const = 0;
  // Why new mail from a domain that may stand in From is refused nevertheless, in a sentence for the caller.
  virtual std::optional<std::string> Refused(std::string_view /*domain*/) const { return std::nullopt; }
};

}  // namespace sealpost::submit
