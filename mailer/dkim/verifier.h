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
  std::string algorithm;  // "rsa-sha256", "ed25519-sha256"
  std::string domain;
  std::string selector;
  std::string result;     // pass, fail, permerror, temperror
  std::string detail;     // libopendkim's word, "" on pass
};

// The TXT value at a name such as s1._domainkey.example.com; nothing if there is none.
using KeyLookup = std::function<std::optional<std::string>(std::string_view name)>;

// Every signature of the message (CRLF bytes), in header order. Caps header bytes and the number of signatures
// before the library sees them (libopendkim has no cap of its own). Thread safe.
base::Result<std::vector<SignatureResult>> Verify(std::string_view message, const KeyLookup& lookup);

}  // namespace sealpost::dkim
