// Recipients of test requests, by their mailboxes, and the rules they meet unless a test has its own.
#pragma once

#include <string>
#include <vector>

#include "ratelimit/limiter.h"
#include "ratelimit/rules.h"

namespace sealpost::tests {

inline std::vector<ratelimit::Recipient> Mailboxes(const std::vector<std::string>& mailboxes, bool confirmed = false) {
  std::vector<ratelimit::Recipient> recipients;
  for (const std::string& mailbox : mailboxes) {
    recipients.push_back({.mailbox = mailbox, .confirmed = confirmed});
  }
  return recipients;
}

inline const ratelimit::RuleBook& Book() {
  static const ratelimit::RuleBook book(ratelimit::Policy::Default());
  return book;
}

}  // namespace sealpost::tests
