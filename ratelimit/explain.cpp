#include "ratelimit/explain.h"

#include <algorithm>

namespace sealpost::ratelimit {
namespace {

void AddUsage(const RuleSet& set, const Log& log, std::uint8_t tag, std::int64_t clock, Explanation& explanation) {
  const std::int64_t now = std::max(clock, Newest(log));
  for (const Rule& rule : set.rules) {
    if (std::ranges::find(explanation.rules, rule.name, &Explanation::Usage::rule) != explanation.rules.end()) continue;
    const std::int64_t used = Used(log, rule, tag, now);
    explanation.rules.push_back({.rule = rule.name,
                                 .scope = std::string(rule.scope),
                                 .limit = rule.limit,
                                 .used = static_cast<std::uint32_t>(used),
                                 .reset_at = used == 0 ? 0 : Measure(log, rule, tag, 1, now).reset_at});
  }
}

}  // namespace

Explanation MakeExplanation(const RuleBook& book, const Recipient& recipient, const MailboxLogs& logs,
                            std::int64_t clock) {
  Explanation explanation;
  explanation.clock = clock;
  for (unsigned i = 0; i < unsigned{kMostCategories} * kTrusts; ++i) {
    const auto category = static_cast<Category>(i / kTrusts);
    // A category that the policy does not name has the rules of another, which come by themselves.
    if (book.policy().For(category).category != category) continue;
    const CategoryRules& rules = book.For(category, static_cast<Trust>(i % kTrusts));
    AddUsage(recipient.confirmed ? rules.confirmed_mailbox : rules.Of(Kind::kMailbox), logs.mailbox, rules.tag, clock,
             explanation);
    if (!recipient.confirmed) {
      AddUsage(rules.Of(Kind::kUnconfirmed), logs.unconfirmed, rules.tag, clock, explanation);
    }
    if (!recipient.family.empty() && recipient.family != recipient.mailbox) {
      AddUsage(rules.Of(Kind::kFamily), logs.family, rules.tag, clock, explanation);
    }
    if (!recipient.domain.empty()) AddUsage(rules.Of(Kind::kDomain), logs.domain, rules.tag, clock, explanation);
  }
  for (const Entry& entry : logs.mailbox) {
    explanation.sent.push_back(
        {.at = entry.time, .category = CategoryOf(entry.tag), .lane = LaneOf(entry.tag), .count = entry.count});
  }
  const AttackRule attack(book.policy().attack);
  explanation.blocked_until = logs.state.blocked_until > clock ? logs.state.blocked_until : 0;
  explanation.under_attack_since = logs.state.attacked_since;
  const auto steps =
      static_cast<std::size_t>(std::max<std::int64_t>(1, std::min<std::int64_t>(60, 3'600'000 / attack.step)));
  explanation.refusals_last_hour = Refusals(logs.state, attack, steps, clock);
  return explanation;
}

}  // namespace sealpost::ratelimit
