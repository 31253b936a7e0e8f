// May this request be sent? One answer for the whole installation, above keys and templates.
//
// Exact rolling windows over the accepted messages of a canonical mailbox. A request is all or nothing over its
// distinct mailboxes; a refusal charges nothing and does not prolong anything. Refund takes back what a request
// charged when nothing left the house (template error, suppressed, commit failed).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ratelimit/policy.h"

namespace sealpost::ratelimit {

struct Request {
  std::string id;                      // unique; names the charge for Refund
  std::vector<std::string> mailboxes;  // canonical mailboxes (Identify), distinct
  Category category = Category::kUncategorized;
  bool trusted = false;    // a trust signal from a key that may assert it
  bool confirmed = false;  // recipient_confirmed likewise
};

struct Decision {
  bool admitted = false;
  bool degraded = false;  // decided by the in-process filling because Redis was away
  // The rule that decided: the refusing one, or the one nearest to refusing.
  std::string rule;                     // RuleName
  Limit limit{};                        // of that rule
  std::uint32_t remaining = 0;          // messages left in that rule's window after this request
  std::chrono::seconds reset{0};        // until a message leaves that rule's window
  std::chrono::seconds retry_after{0};  // refused: until the whole request could pass; at least 1
  std::vector<std::string> refused;     // the canonical mailboxes that refused
  std::int64_t last_sent_at = 0;        // refused: newest accepted message to one of them, Unix milliseconds; 0 none
};

// Thread safe. Never fails: a filling that cannot decide is wrapped by one that can (fallback_limiter.h).
class Limiter {
 public:
  virtual ~Limiter() = default;
  virtual Decision Admit(const Request& request) = 0;
  virtual void Refund(const Request& request) = 0;
  virtual bool Degraded() const { return false; }
  // Finds out whether what stands behind it answers, so that Degraded() is right also while nobody sends. Meant for
  // about once a second; may wait for one timeout.
  virtual void CheckHealth() {}
};

// Time source of the in-process filling, Unix milliseconds. (Redis decides by its own clock.)
using NowFunction = std::int64_t (*)(const void* context);

}  // namespace sealpost::ratelimit
