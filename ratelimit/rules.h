// From a policy to the rules that judge one counter, made once. What both fillings must agree on, apart from the
// counting itself, is here and in plan.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ratelimit/policy.h"

namespace sealpost::ratelimit {

// What a counter counts over: one exact log of accepted messages each.
enum class Kind : std::uint8_t {
  kMailbox = 0,
  kUnconfirmed,  // the same mailbox until it is confirmed, by category; kept for longer
  kFamily,
  kDomain,
  kSource,
  kSourceNet,
  kKey,
  kInviter,
  kWorkspace,  // of a workspace and a mailbox
};
inline constexpr std::size_t kKinds = 9;
std::string_view KindName(Kind kind);  // "mailbox", "unconfirmed", ...: part of the counter's name

// Which entries of a log a rule counts. The values are known to log.lua.
enum class Span : std::uint8_t {
  kCategory = 1,  // same tag as the request
  kLane = 2,      // same lane, any category
  kAll = 3,       // every lane but the reserved one
};

// Lane and category of an accepted message as one byte, as it stands in the logs. In the trusted lane the budget stands
// in place of the category, above all categories: one budget is one tag, and no rule there counts both.
std::uint8_t Tag(Category category, Lane lane);
std::uint8_t TrustedTag(Trust trust);                  // of kCaptcha or kFull
std::optional<Category> CategoryOf(std::uint8_t tag);  // nothing in the trusted lane
Lane LaneOf(std::uint8_t tag);
bool Counts(Span span, std::uint8_t request_tag, std::uint8_t entry_tag);

struct Rule {
  Span span;
  Limit limit;
  std::string name;           // RuleName
  std::string_view scope;     // Decision::scope
  bool under_attack = false;  // judges only while the mailbox is under attack
  bool challenge = false;     // half of it spent asks for a challenge
};

// The rules of one counter of a request; those that are off are left out.
struct RuleSet {
  Kind kind = Kind::kMailbox;
  std::vector<Rule> rules;
  std::int64_t keep = 0;  // ms an entry stays: the largest window of the kind, and an hour for a clock that is set back
  std::size_t most = 0;   // entries of a log before neighbours are merged
  // ms: messages of a tag in the same stretch are one entry from the start; 0: each has its own
  std::int64_t stretch = 0;
  // As admit.lua reads it: keep (6 bytes), most (1), stretch (2), the widest window in ms (6); per rule span, flags (1
  // shadow, 2 under attack, 4 challenge), window in s (4), count (4).
  std::string packed;
};

// What judges a request of one category and trust.
struct CategoryRules {
  Category category = Category::kUncategorized;
  Lane lane = Lane::kApplication;
  std::uint8_t tag = 0;
  std::array<RuleSet, kKinds> by_kind;  // of an unconfirmed mailbox, of a workspace that is not verified
  RuleSet confirmed_mailbox;
  RuleSet verified_inviter;
  OnLimit on_limit = OnLimit::kDeny;
  std::int64_t duplicate = 0;  // ms

  const RuleSet& Of(Kind kind) const { return by_kind[static_cast<std::size_t>(kind)]; }
  RuleSet& Of(Kind kind) { return by_kind[static_cast<std::size_t>(kind)]; }
};

// Immutable after construction, so thread safe.
class RuleBook {
 public:
  explicit RuleBook(Policy policy);
  const CategoryRules& For(Category category, Trust trust) const;
  const Policy& policy() const { return policy_; }
  std::int64_t Keep(Kind kind) const { return keep_[static_cast<std::size_t>(kind)]; }

 private:
  CategoryRules Make(Category category, Trust trust) const;
  void AddMailboxRules(CategoryRules& made, const Policy::PerCategory& own, bool confirmed) const;
  void AddOtherRules(CategoryRules& made, const Policy::PerCategory& own) const;
  RuleSet Set(Kind kind) const;

  Policy policy_;
  std::array<std::int64_t, kKinds> keep_{};
  std::vector<CategoryRules> rules_;
};

}  // namespace sealpost::ratelimit
