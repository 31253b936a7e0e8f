#include "ratelimit/rules.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <unordered_set>

namespace sealpost::ratelimit {
namespace {

constexpr std::size_t kCategories = static_cast<std::size_t>(Category::kSecurityAlert) + 1;

Lane LaneOf(std::uint8_t tag) {
  return static_cast<Lane>(tag >> 4);
}

// Only these have a trusted budget of their own: they are what an attacker exhausts to lock somebody out.
bool HasTrustedBudget(Category category) {
  return category == Category::kOtp || category == Category::kPasswordReset;
}

std::size_t Index(Category category, bool trusted, bool confirmed) {
  return static_cast<std::size_t>(category) * 4 + (trusted ? 2 : 0) + (confirmed ? 1 : 0);
}

void AppendBigEndian(std::string& out, std::uint32_t value) {
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(value >> shift);
}

void AddRules(RuleSet& set, Scope scope, std::string_view name, const std::vector<Limit>& limits) {
  for (const Limit& limit : limits) {
    set.rules.push_back({scope, limit, RuleName(std::string(name) + "-mailbox", limit)});
    set.packed += static_cast<char>(scope);
    AppendBigEndian(set.packed, static_cast<std::uint32_t>(limit.window.count()));
    AppendBigEndian(set.packed, limit.count);
  }
}

RuleSet MakeSet(const Policy& policy, Category category, bool trusted, bool confirmed) {
  const Policy::PerCategory& own = policy.For(category);
  const bool use_trusted = trusted && HasTrustedBudget(category);
  const Lane lane = use_trusted ? Lane::kTrusted : own.lane;
  RuleSet set{.tag = Tag(own.category, lane), .rules = {}, .packed = {}};
  if (use_trusted) {
    AddRules(set, Scope::kLane, "trusted", policy.trusted);
  } else {
    AddRules(set, Scope::kCategory, CategoryName(own.category), own.mailbox);
  }
  if (lane == Lane::kAnonymous) {
    AddRules(set, Scope::kLane, "umbrella", confirmed ? policy.umbrella_confirmed : policy.umbrella_unconfirmed);
  }
  if (lane != Lane::kReserved) AddRules(set, Scope::kAll, "all", policy.all);
  return set;
}

// At least one second when there is anything to wait for: a Retry-After of 0 invites a loop.
std::chrono::seconds SecondsUntil(std::int64_t at, std::int64_t clock) {
  return std::chrono::seconds(std::max<std::int64_t>(1, (at - clock + 999) / 1000));
}

}  // namespace

std::uint8_t Tag(Category category, Lane lane) {
  return static_cast<std::uint8_t>(static_cast<unsigned>(lane) << 4 | static_cast<unsigned>(category));
}

bool Counts(Scope scope, std::uint8_t request_tag, std::uint8_t entry_tag) {
  switch (scope) {
    case Scope::kCategory:
      return entry_tag == request_tag;
    case Scope::kLane:
      return LaneOf(entry_tag) == LaneOf(request_tag);
    case Scope::kAll:
      break;
  }
  return LaneOf(entry_tag) != Lane::kReserved;
}

RuleBook::RuleBook(const Policy& policy) {
  for (std::size_t i = 0; i < kCategories * 4; ++i) {
    sets_.push_back(MakeSet(policy, static_cast<Category>(i / 4), (i & 2) != 0, (i & 1) != 0));
    for (const Rule& rule : sets_.back().rules) {
      largest_window_ = std::max(largest_window_, std::chrono::milliseconds(rule.limit.window).count());
    }
  }
}

const RuleSet& RuleBook::For(const Request& request) const {
  return sets_.at(
      Index(request.category, request.trusted, std::ranges::all_of(request.recipients, &Recipient::confirmed)));
}

bool Reported(const Standing& before, const Standing& after) {
  return std::tuple(-before.retry_at, before.remaining, -before.reset_at) <
         std::tuple(-after.retry_at, after.remaining, -after.reset_at);
}

Decision Decide(const RuleSet& set, Verdict verdict) {
  const Standing& standing = verdict.standing;
  Decision decision;
  decision.outcome = standing.retry_at == 0 ? Outcome::kAdmitted : Outcome::kDenied;
  if (standing.rule < set.rules.size()) {
    decision.rule = set.rules[standing.rule].name;
    decision.limit = set.rules[standing.rule].limit;
  }
  decision.remaining = static_cast<std::uint32_t>(standing.remaining);
  decision.reset = SecondsUntil(standing.reset_at, verdict.clock);
  if (!decision.admitted()) {
    decision.retry_after = SecondsUntil(standing.retry_at, verdict.clock);
    decision.refused = std::move(verdict.refused);
    decision.last_sent_at = verdict.last_sent_at;
  }
  return decision;
}

Decision NothingToJudge() {
  Decision decision;
  decision.outcome = Outcome::kAdmitted;
  return decision;
}

std::vector<std::string_view> Distinct(const std::vector<Recipient>& recipients) {
  std::unordered_set<std::string_view> seen;
  std::vector<std::string_view> once;
  for (const Recipient& recipient : recipients) {
    if (seen.insert(recipient.mailbox).second) once.push_back(recipient.mailbox);
  }
  return once;
}

std::uint32_t ShortId(std::string_view request_id) {
  std::uint32_t hash = 2166136261U;  // FNV-1a
  for (const char c : request_id) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

}  // namespace sealpost::ratelimit
