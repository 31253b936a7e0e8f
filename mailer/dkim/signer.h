// DKIM signatures (RFC 6376, relaxed/relaxed) made by our own code over OpenSSL: the key stays parsed.
// Signs From, To, Cc, Reply-To, Subject, Date, Message-ID, MIME-Version, Content-Type, Content-Transfer-Encoding,
// List-Id, List-Unsubscribe, List-Unsubscribe-Post, In-Reply-To, References, Auto-Submitted, Feedback-ID as far as
// present, and oversigns From, To, Cc, Reply-To, Subject, Date, Message-ID, Content-Type, List-Unsubscribe,
// List-Unsubscribe-Post. No l=; x= is t= plus seven days.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "mailer/base/clock.h"
#include "mailer/base/error.h"
#include "mailer/dkim/key.h"

namespace sealpost::dkim {

// The DKIM-Signature fields to put before `message` (CRLF bytes, header and body), one for each key, each ending
// in CRLF. The body is canonicalised and hashed once for all keys. Pure but for the keys' own randomness.
base::Result<std::string> Sign(std::string_view message, std::span<const std::shared_ptr<const Key>> keys,
                               base::Time now);

}  // namespace sealpost::dkim
