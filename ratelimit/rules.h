// From a policy to the rules that judge one request, made once; and from what a filling measured to a Decision.
// What the two fillings must agree on, apart from the counting itself, is here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ratelimit/limiter.h"

namespace sealpost::ratelimit {

// How long after a charge Refund still finds it.
inline constexpr std::int64_t kRefundFor = 600'000;  // ms

// Which entries of a mailbox's log a rule counts. The values are known to admit.lua.
enum class Scope : std::uint8_t {
  kCategory = 1,  // same category and lane as the request
  kLane = 2,      // same lane, any category
  kAll = 3,       // every lane but the reserved one
};

// Category and lane of an accepted message as one byte, as it stands in the logs.
std::uint8_t Tag(Category category, Lane lane);
bool Counts(Scope scope, std::uint8_t request_tag, std::uint8_t entry_tag);

struct Rule {
  Scope scope;
  Limit limit;
  std::string name;  // RuleName
};

struct RuleSet {
  std::uint8_t tag;
  std::vector<Rule> rules;
  std::string packed;  // the rules as admit.lua reads them: per rule scope (1 byte), window in s and count (4 each)
};

// Immutable after construction, so thread safe.
class RuleBook {
 public:
  explicit RuleBook(const Policy& policy);
  const RuleSet& For(const Request& request) const;
  // How long an entry is kept, in ms: the largest window, and an hour for a clock that is set back.
  std::int64_t Retention() const { return largest_window_ + 3'600'000; }

 private:
  std::vector<RuleSet> sets_;
  std::int64_t largest_window_ = 0;
};

// How one rule stands for one mailbox. Times are Unix milliseconds.
struct Standing {
  std::size_t rule = 0;  // index into RuleSet::rules
  std::int64_t remaining = 0;
  std::int64_t reset_at = 0;
  std::int64_t retry_at = 0;  // 0: the rule admits
};

// The order in which standings are reported: the longest refusal, then the fewest remaining, then the latest reset.
bool Reported(const Standing& before, const Standing& after);

// A decision about the distinct mailboxes of a request, as a filling measured it by `clock`.
struct Verdict {
  Standing standing;
  std::int64_t clock = 0;
  std::vector<std::string> refused;
  std::int64_t last_sent_at = 0;
};
Decision Decide(const RuleSet& set, Verdict verdict);
// The decision about a request that names no mailbox, or that no rule judges.
Decision NothingToJudge();

// The mailboxes of a request, each once, in their order: views of what is given.
std::vector<std::string_view> Distinct(const std::vector<Recipient>& recipients);
std::vector<std::string_view> Distinct(std::vector<Recipient>&& recipients) = delete;

// What the logs keep of a request id.
std::uint32_t ShortId(std::string_view request_id);

}  // namespace sealpost::ratelimit
