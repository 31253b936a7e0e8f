// A key proves itself before it signs mail.
#pragma once

#include <memory>

#include "mailer/base/error.h"
#include "mailer/dkim/key.h"

namespace sealpost::dkim {

// Signs a small message and has libopendkim verify it against the key's own DNS record. The error names the record.
base::Result<void> SelfCheck(const std::shared_ptr<const Key>& key);

}  // namespace sealpost::dkim
