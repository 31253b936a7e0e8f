// May this request be sent? One answer for the whole installation, above keys and templates.
//
// Exact rolling windows over the accepted messages of a canonical mailbox, and of what stands around it: its family,
// its domain, the source, the key, the inviter. A request is all or nothing over all of them; a refusal charges nothing
// and does not prolong anything. Refund takes back what a request charged when nothing left the house (template error,
// suppressed, commit failed).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ratelimit/policy.h"

namespace sealpost::ratelimit {

// One mailbox of a request.
struct Recipient {
  std::string mailbox;      // canonical (Identity::mailbox)
  std::string family = {};  // Identity::family; empty or equal to `mailbox`: no rule for families
  std::string domain = {};  // Identity::domain_budget; empty: exempt from the rules for domains
  bool confirmed = false;   // proved itself before: asserted with this request, or remembered
};

struct Request {
  std::string id;                     // unique; names the charge for Refund, and what a repeat is answered with
  std::vector<Recipient> recipients;  // distinct by mailbox
  Category category = Category::kUncategorized;
  bool trusted = false;             // a trust signal from a key that may assert it
  std::string key = {};             // API key id; empty: no rule for keys
  std::string source = {};          // IP address in text; empty or unreadable: no rule for sources
  std::string inviter = {};         // empty: no rule for inviters
  std::string workspace = {};       // empty: no rule for workspaces
  bool workspace_verified = false;  // the wider limits for its inviters
  std::string content = {};         // dedupe_key or a hash; equal content is coalesced; empty: never
};

enum class Outcome : std::uint8_t {
  kAdmitted,   // charged: send it
  kCoalesced,  // the same was sent a moment ago (Decision::earlier_id): nothing charged, nothing to send
  kHeld,       // over a limit, or undecidable now: ask again after Decision::hold
  kDenied,
};

// What became known with a decision, for events and metrics.
struct Signal {
  enum class Kind : std::uint8_t { kUnderAttack, kRecovered, kSourceSurge, kKeySurge, kDomainSurge };
  Kind kind;
  std::string subject;  // the mailbox, source prefix, key id or domain, in clear
};

struct Decision {
  Outcome outcome = Outcome::kDenied;
  bool degraded = false;  // decided by the in-process filling because Redis was away
  // The rule that decided: the refusing one, or the one nearest to refusing.
  std::string rule = {};                  // RuleName
  std::string scope = {};                 // what that rule counts over: mailbox, family, domain, source, ...
  Limit limit{};                          // of that rule
  std::uint32_t remaining = 0;            // messages left in that rule's window after this request
  std::chrono::seconds reset{0};          // until a message leaves that rule's window
  std::chrono::seconds retry_after{0};    // refused: until the whole request could pass; at least 1
  std::vector<std::string> refused = {};  // the canonical mailboxes that refused, or whose domain, source, ... did
  std::int64_t last_sent_at = 0;          // refused: newest accepted message to one of them, Unix milliseconds; 0 none
  OnLimit on_limit = OnLimit::kDeny;      // of the category: what it wants done with a refused request
  std::string earlier_id = {};            // kCoalesced: the request that was sent
  std::chrono::seconds hold{0};           // kHeld: when to ask again
  std::string challenge = {};             // "captcha": half an anonymous budget is spent; empty: not needed
  std::vector<std::string> shadow = {};   // rules in shadow mode that would have refused
  bool under_attack = false;              // one of its mailboxes is
  std::vector<Signal> signals = {};

  bool admitted() const { return outcome == Outcome::kAdmitted; }
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
