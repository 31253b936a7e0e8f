// Recipients of test requests, by their mailboxes.
#pragma once

#include <string>
#include <vector>

#include "ratelimit/limiter.h"

namespace sealpost::tests {

inline std::vector<ratelimit::Recipient> Mailboxes(const std::vector<std::string>& mailboxes, bool confirmed = false) {
  std::vector<ratelimit::Recipient> recipients;
  for (const std::string& mailbox : mailboxes) {
    recipients.push_back({.mailbox = mailbox, .confirmed = confirmed});
  }
  return recipients;
}

}  // namespace sealpost::tests
