// Judges signatures with libopendkim, which shares no code with our signer.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mailer/base/error.h"

namespace sealpost::dkim {

struct SignatureResult {
  std::string algorithm;  // "rsa-sha256", "ed25519-sha256"; as the signature spells it, "" if it has none
  std::string domain;
  std::string selector;
  std::string result;  // pass, fail, permerror, temperror (RFC 8601 2.7.1)
  std::string detail;  // libopendkim's word, "" on pass
};

// The TXT value at a name such as s1._domainkey.example.com; nothing if there is none. A function that returns a plain
// std::optional<std::string> will do; an error (or an exception) makes that signature a temperror.
using KeyLookup = std::function<base::Result<std::optional<std::string>>(std::string_view name)>;

// Every signature of the message (CRLF bytes), in header order; none is no error. Expiry is judged by the system's
// clock. Before the library, which has no caps of its own, sees a byte, more than 128 KiB of header, 60,000 bytes in a
// field, 1,000 fields or 20 signatures are refused. Thread safe, `lookup` is called on the calling thread.
base::Result<std::vector<SignatureResult>> Verify(std::string_view message, const KeyLookup& lookup);

}  // namespace sealpost::dkim
