// A request as counters: which logs it touches, which rules judge each, what it charges to each; and from what a
// filling measured to a Decision. Both fillings execute plans, everything else is decided here.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ratelimit/limiter.h"
#include "ratelimit/log.h"

namespace sealpost::ratelimit {

struct Counter {
  const RuleSet* rules = nullptr;
  std::string subject;     // what is counted, in clear: never leaves the process
  std::uint8_t units = 1;  // what the request charges; of a key's counter at most: those that are new
  std::vector<std::uint16_t> recipients = {};  // whose they are, indices into Plan::mailboxes

  // Whether it belongs to one mailbox, whose refusals count as an attack on it.
  bool OfOneMailbox() const {
    return rules->kind == Kind::kMailbox || rules->kind == Kind::kUnconfirmed || rules->kind == Kind::kWorkspace;
  }
};

// Holds views of the request, which must outlive it.
struct Plan {
  const CategoryRules* rules = nullptr;
  std::string_view request_id;
  std::uint32_t id = 0;                     // ShortId
  std::vector<std::string_view> mailboxes;  // distinct
  std::vector<bool> unconfirmed;            // by mailbox
  std::vector<Counter> counters;            // first the mailboxes' own, in their order
  std::string content;                      // stands for what would be equal to this request; empty: nothing would

  // The recipient's own block holds, and refusals are counted, only here.
  bool Blockable() const { return rules->lane == Lane::kAnonymous || rules->lane == Lane::kApplication; }
  bool CountsRefusals() const { return rules->lane == Lane::kAnonymous; }
};

Plan MakePlan(const RuleBook& book, const Request& request);
Plan MakePlan(const RuleBook& book, Request&& request) = delete;

// What accepted messages to a mailbox leave in its log of this kind (kMailbox or kUnconfirmed), oldest first.
Log EntriesOf(const RuleBook& book, Kind kind, const std::vector<Accepted>& accepted);

// A name in the store of counters: of a counter, of a mailbox' state, of equal content.
std::string CounterName(Kind kind, std::string_view subject);
std::string StateName(std::string_view mailbox);
std::string ContentName(const Plan& plan);

// What a filling found out, by `clock`.
struct Verdict {
  Outcome outcome = Outcome::kAdmitted;  // kAdmitted, kCoalesced or kDenied
  bool blocked = false;                  // denied by the recipient's own block; `refused` are mailboxes
  std::optional<Standing> standing;      // nothing: no rule judged it
  std::int64_t clock = 0;
  std::vector<std::size_t> refused;                         // counters
  std::vector<std::pair<std::size_t, std::size_t>> shadow;  // counter and rule
  std::vector<std::int64_t> newest;                         // denied: by mailbox, its newest accepted message
  std::vector<std::size_t> attacked, recovered;             // mailboxes
  bool half_spent = false;
  bool under_attack = false;
  std::string earlier_id;
};

// A surge is told once an hour by each process, not with each refusal. Thread safe.
class SurgeGate {
 public:
  bool Open(const std::string& name, std::int64_t now);

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::int64_t> told_;
};

Decision Decide(const Plan& plan, const Verdict& verdict, SurgeGate& gate);

}  // namespace sealpost::ratelimit
