// A message taken apart for signing. Views into the message; nothing is copied.
#pragma once

#include <string_view>
#include <vector>

#include "mailer/base/error.h"

namespace sealpost::dkim {

struct Field {
  std::string_view name;   // as spelled, without white space before the colon
  std::string_view value;  // after the colon, folds included, without the last CRLF
};

struct MessageParts {
  std::vector<Field> fields;  // from the top
  std::string_view body;      // empty if the message ends with its header
};

// Refuses what cannot be signed so that every verifier reads the same: a bare CR or LF, a header line without a
// colon, a field name with other than printable ASCII (RFC 5322 2.2), a header that begins with a folded line.
base::Result<MessageParts> SplitMessage(std::string_view message);

}  // namespace sealpost::dkim
