// May this request be sent? One answer for the whole installation, above keys and templates.
//
// Exact rolling windows over the accepted messages of a canonical mailbox, and of what stands around it: its family,
// its domain, the source, the key, the inviter. A request is all or nothing over all of them; a refusal charges nothing
// and does not prolong anything. Refund takes back what a request charged when nothing left the house (template error,
// suppressed, commit failed).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
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
  Trust trust = Trust::kNone;       // from a key that may assert it
  std::string key = {};             // API key id; empty: no rule for keys
  std::string source = {};          // IP address in text; empty or unreadable: no rule for sources
  std::string inviter = {};         // empty: no rule for inviters
  std::string workspace = {};       // empty: no rule for workspaces
  bool workspace_verified = false;  // the wider limits for its inviters, whose guests share no domain's budget
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
  bool operator==(const Signal&) const = default;
};

// By kind, as events, metrics and the log name them.
inline constexpr std::string_view kSignalNames[] = {"recipient.under_attack", "recipient.recovered", "source.surge",
                                                    "key.surge", "domain.surge"};
inline std::string_view NameOf(Signal::Kind kind) {
  return kSignalNames[static_cast<std::size_t>(kind)];
}

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

// What is known of a mailbox, and why.
struct Explanation {
  struct Usage {
    std::string rule;
    std::string scope;
    Limit limit;
    std::uint32_t used = 0;
    std::int64_t reset_at = 0;  // Unix ms, when the first of them leaves the window; 0: none is in it
  };
  struct Sent {
    std::int64_t at = 0;               // Unix ms
    std::optional<Category> category;  // nothing: the logs of the trusted lane tell budgets apart, not categories
    Lane lane = Lane::kApplication;
    std::uint32_t count = 1;  // neighbours in an old log are one
  };
  std::int64_t clock = 0;  // Unix ms, by which all this holds
  std::vector<Usage> rules;
  std::vector<Sent> sent;                // oldest first
  std::int64_t blocked_until = 0;        // by the recipient; 0 not
  std::int64_t under_attack_since = 0;   // 0 not
  std::uint32_t refusals_last_hour = 0;  // in the anonymous lane
  bool degraded = false;
};

// What has become of an attack on a mailbox.
enum class AttackState : std::uint8_t {
  kNone,    // it is not under attack, or its end was told before
  kGoesOn,  // also: nobody can tell now
  kEnded,   // by this question
};

// An accepted message, as the message store remembers it.
struct Accepted {
  std::string id;       // Request::id
  std::int64_t at = 0;  // Unix ms
  Category category = Category::kUncategorized;
  Trust trust = Trust::kNone;
  bool confirmed = false;
};

// Thread safe. Never fails: a filling that cannot decide is wrapped by one that can (fallback_limiter.h).
class Limiter {
 public:
  virtual ~Limiter() = default;
  virtual Decision Admit(const Request& request) = 0;
  // Takes back what Admit charged for this request, or for those of its recipients that are named here, as long as the
  // counters keep it apart: for ten minutes, and where few messages are counted, until it has no weight any more; not
  // in the budget of a domain, source or key where it shares its second with others. Once: a counter that the
  // recipients share is given back one message for each.
  virtual void Refund(const Request& request) = 0;
  // What Admit would say; charges and counts nothing.
  virtual Decision Check(const Request& request) = 0;
  virtual Explanation Explain(const Recipient& recipient) = 0;

  // These name a canonical mailbox. False: only this process knows, since Redis is away.
  // Block is the recipient's own: it stops the anonymous and the application's lane until then (Unix ms).
  virtual bool Block(const std::string& mailbox, std::int64_t until) = 0;
  virtual bool Unblock(const std::string& mailbox) = 0;
  // Forgets what the mailbox received, and its attack; not its block.
  virtual bool Reset(const std::string& mailbox) = 0;
  // Ends an attack that has ebbed away, as the next request about the mailbox would. Whoever ends it is the only one
  // who is told: here, or by a signal of Admit.
  virtual AttackState Recover(const std::string& mailbox) = 0;
  // Adds accepted messages that are not in its log, after the counters were lost. May be repeated.
  virtual bool Seed(const std::string& mailbox, const std::vector<Accepted>& accepted) = 0;

  virtual bool Degraded() const { return false; }
  // Finds out whether what stands behind it answers, so that Degraded() is right also while nobody sends. Meant for
  // about once a second; may wait for one timeout.
  virtual void CheckHealth() {}
  // Another number than before: counters and blocks may have been lost, bring them back by Seed and Block.
  virtual std::uint64_t Generation() const { return 0; }
};

// Time source of the in-process filling, Unix milliseconds. (Redis decides by its own clock.)
using NowFunction = std::int64_t (*)(const void* context);

}  // namespace sealpost::ratelimit
