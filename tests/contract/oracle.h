// What a limiter must decide, worked out the slow and obvious way: every accepted message is kept for ever and every
// question counts them all. Shares nothing with the fillings but the numbers of the policy.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ratelimit/limiter.h"

namespace sealpost::tests {

class Oracle {
 public:
  using Category = ratelimit::Category;

  // What a rule counts: messages of these categories, sent with trust or without, or both.
  struct Rule {
    std::string name;
    ratelimit::Limit limit;
    std::vector<Category> categories;
    bool trusted = true;
    bool untrusted = true;
  };

  explicit Oracle(ratelimit::Policy policy) : policy_(std::move(policy)) {}

  std::vector<Rule> RulesOf(const ratelimit::Request& request) const {
    std::vector<Rule> rules;
    const auto add = [&rules](const std::string& name, const std::vector<ratelimit::Limit>& limits, const Rule& what) {
      for (const ratelimit::Limit& limit : limits) {
        rules.push_back(what);
        rules.back().name = ratelimit::RuleName(name + "-mailbox", limit);
        rules.back().limit = limit;
      }
    };
    const Category category = request.category;
    if (Trusted(request)) {
      add("trusted", policy_.trusted, {.name = {}, .limit = {}, .categories = kAnonymous, .untrusted = false});
    } else {
      add(std::string(ratelimit::CategoryName(category)), policy_.For(category).mailbox,
          {.name = {}, .limit = {}, .categories = {category}, .trusted = false});
      if (std::ranges::find(kAnonymous, category) != kAnonymous.end()) {
        add("umbrella",
            request.recipients.front().confirmed ? policy_.umbrella_confirmed : policy_.umbrella_unconfirmed,
            {.name = {}, .limit = {}, .categories = kAnonymous, .trusted = false});
      }
    }
    if (category != Category::kSecurityAlert) add("all", policy_.all, {.name = {}, .limit = {}, .categories = kAll});
    return rules;
  }

  // Messages to one mailbox that stand in a rule's window.
  std::int64_t Used(const std::string& mailbox, const Rule& rule, std::int64_t clock) const {
    return static_cast<std::int64_t>(Counted(mailbox, rule, clock).size());
  }

  bool Refuses(const std::string& mailbox, const Rule& rule, std::int64_t clock) const {
    return Used(mailbox, rule, clock) >= rule.limit.count;
  }

  // When the first of the messages counted now leaves the window.
  std::int64_t ResetAt(const std::string& mailbox, const Rule& rule, std::int64_t clock) const {
    const std::vector<std::int64_t> times = Counted(mailbox, rule, clock);
    return *std::ranges::min_element(times) + Length(rule);
  }

  std::vector<std::string> Refusing(const ratelimit::Request& request, std::int64_t clock) const {
    std::vector<std::string> refusing;
    for (const auto& [mailbox, family, domain, confirmed] : request.recipients) {
      const auto refuses = [&](const Rule& rule) { return Refuses(mailbox, rule, clock); };
      if (std::ranges::any_of(RulesOf(request), refuses)) refusing.push_back(mailbox);
    }
    return refusing;
  }

  std::int64_t Newest(const std::string& mailbox) const {
    const auto found = sent_.find(mailbox);
    return found == sent_.end() || found->second.empty() ? 0 : found->second.back().time;
  }

  void Accept(const ratelimit::Request& request, std::int64_t clock) {
    for (const auto& [mailbox, family, domain, confirmed] : request.recipients) {
      sent_[mailbox].push_back({Held(mailbox, clock), request.id, request.category, Trusted(request)});
    }
  }

  void Refund(const ratelimit::Request& request, std::int64_t clock) {
    for (const auto& [mailbox, family, domain, confirmed] : request.recipients) {
      const std::int64_t now = Held(mailbox, clock);
      std::erase_if(sent_[mailbox],
                    [&](const Sent& sent) { return sent.id == request.id && now - sent.time < 600'000; });
    }
  }

 private:
  struct Sent {
    std::int64_t time;
    std::string id;
    Category category;
    bool trusted;
  };

  inline static const std::vector<Category> kAnonymous{Category::kOtp, Category::kPasswordReset,
                                                       Category::kSignupConfirmation, Category::kInvitation,
                                                       Category::kContactAck};
  inline static const std::vector<Category> kAll{
      Category::kOtp,        Category::kPasswordReset, Category::kInvitation, Category::kSignupConfirmation,
      Category::kContactAck, Category::kNotification,  Category::kReceipt,    Category::kUncategorized};

  static bool Trusted(const ratelimit::Request& request) {
    return request.trusted && (request.category == Category::kOtp || request.category == Category::kPasswordReset);
  }

  static std::int64_t Length(const Rule& rule) { return rule.limit.window.count() * 1000; }

  // A clock that ran backward stands still until it has caught up.
  std::int64_t Held(const std::string& mailbox, std::int64_t clock) const { return std::max(clock, Newest(mailbox)); }

  std::vector<std::int64_t> Counted(const std::string& mailbox, const Rule& rule, std::int64_t clock) const {
    const auto found = sent_.find(mailbox);
    std::vector<std::int64_t> times;
    if (found == sent_.end()) return times;
    const std::int64_t now = Held(mailbox, clock);
    for (const Sent& sent : found->second) {
      const bool trust = sent.trusted ? rule.trusted : rule.untrusted;
      const bool category = std::ranges::find(rule.categories, sent.category) != rule.categories.end();
      if (trust && category && now - sent.time < Length(rule)) times.push_back(sent.time);
    }
    return times;
  }

  ratelimit::Policy policy_;
  std::map<std::string, std::vector<Sent>> sent_;
};

}  // namespace sealpost::tests
