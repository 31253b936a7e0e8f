// A DKIM private key in a file of its own: PEM, mode 0600.
#pragma once

#include <memory>
#include <string>

#include "mailer/base/error.h"
#include "mailer/dkim/key.h"

namespace sealpost::dkim {

// Makes a new key, checks it as Key::Parse does and writes it, synced. Never overwrites: kConflict if there is
// anything at `path`. No part of a file is left behind on failure.
base::Result<std::shared_ptr<const Key>> MakeKeyFile(const std::string& path, const std::string& domain,
                                                     const std::string& selector, Algorithm algorithm);

// Refuses a file that others may read (as base::Secret::FromFile) and what Key::Parse refuses; the error names the
// path.
base::Result<std::shared_ptr<const Key>> LoadKeyFile(const std::string& path, const std::string& domain,
                                                     const std::string& selector);

}  // namespace sealpost::dkim
