// The sender as the configuration describes it, for the DNS checks.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/app/config.h"
#include "dns/checks/check.h"
#include "mailer/dkim/key.h"

namespace sealpost::app {

// d=, s= and the public half of a key we sign with.
dns::Signer SignerOf(const dkim::Key& key);
// Everything the configuration knows: return path, keys (already loaded), delivery.sources, delivery.helo if it is set.
dns::Sender SenderOf(const Config& config, const DeclaredDomain& domain,
                     const std::vector<std::shared_ptr<const dkim::Key>>& keys);

}  // namespace sealpost::app
