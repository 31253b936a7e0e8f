// What a limiter must decide, worked out the slow and obvious way: every accepted message is kept for ever and every
// question counts them all. Shares nothing with the fillings but the numbers of the policy.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ratelimit/limiter.h"

namespace sealpost::tests {

class Oracle {
 public:
  using Category = ratelimit::Category;
  using Limits = std::vector<ratelimit::Limit>;
  using Names = std::vector<std::string>;

  enum class Lane { kAnonymous, kTrusted, kApplication, kReserved };
  enum class Which { kSameCategory, kSameTrust, kSameLane, kAllButAlerts };

  // One rule over one pile of messages, and what this request adds to the pile.
  struct Judgement {
    std::string name;
    ratelimit::Limit limit;
    std::string pile;
    Which which = Which::kSameLane;
    std::int64_t units = 1;
    std::set<std::size_t> recipients;
    bool hints = false;  // half of it asks for a challenge
  };

  explicit Oracle(ratelimit::Policy policy) : policy_(std::move(policy)) {}

  static Lane LaneOf(const ratelimit::Request& request) {
    using enum Category;
    const bool code = request.category == kOtp || request.category == kPasswordReset;
    if (code && request.trust != ratelimit::Trust::kNone) return Lane::kTrusted;
    if (request.category == kSecurityAlert) return Lane::kReserved;
    const bool application =
        request.category == kNotification || request.category == kReceipt || request.category == kUncategorized;
    return application ? Lane::kApplication : Lane::kAnonymous;
  }

  // Enforced and shadow rules alike.
  std::vector<Judgement> JudgementsOf(const ratelimit::Request& request, std::int64_t clock) const {
    std::vector<Judgement> all;
    for (std::size_t i = 0; i < request.recipients.size(); ++i) AddMailbox(request, i, all);
    if (LaneOf(request) == Lane::kAnonymous) AddAnonymous(request, all);
    AddKey(request, clock, all);
    return all;
  }

  bool Refuses(const ratelimit::Request& request, const Judgement& rule, std::int64_t clock) const {
    return Used(request, rule, clock) + rule.units > rule.limit.count;
  }

  // The enforced rules that refuse.
  std::vector<Judgement> Refusing(const ratelimit::Request& request, const std::vector<Judgement>& rules,
                                  std::int64_t clock) const {
    std::vector<Judgement> refusing;
    for (const Judgement& rule : rules) {
      if (rule.limit.mode == ratelimit::Mode::kEnforce && Refuses(request, rule, clock)) refusing.push_back(rule);
    }
    return refusing;
  }

  // Messages that stand in a rule's window.
  std::int64_t Used(const ratelimit::Request& request, const Judgement& rule, std::int64_t clock) const {
    std::int64_t used = 0;
    for (const auto& [time, units] : Counted(request, rule, clock)) used += units;
    return used;
  }

  // When the first of the messages counted now leaves the window; of none, the request itself.
  std::int64_t ResetAt(const ratelimit::Request& request, const Judgement& rule, std::int64_t clock) const {
    std::int64_t first = Held(rule.pile, clock);
    for (const auto& [time, units] : Counted(request, rule, clock)) first = std::min(first, time);
    return first + rule.limit.window.count() * 1000;
  }

  std::int64_t Newest(const std::string& mailbox) const { return NewestOf("mailbox " + mailbox); }

  void Block(const std::string& mailbox, std::int64_t until) { blocked_[mailbox] = until; }
  bool Blocked(const std::string& mailbox, std::int64_t clock) const {
    const auto found = blocked_.find(mailbox);
    return found != blocked_.end() && found->second > clock;
  }
  std::int64_t BlockedUntil(const std::string& mailbox) const { return blocked_.at(mailbox); }

  // The id of an equal message that was sent a moment ago.
  std::string Earlier(const ratelimit::Request& request, std::int64_t clock) const {
    const auto found = contents_.find(ContentOf(request));
    const std::int64_t duplicate = policy_.For(request.category).duplicate.count() * 1000;
    if (request.content.empty() || duplicate == 0 || found == contents_.end()) return {};
    return clock - found->second.first < duplicate ? found->second.second : std::string();
  }

  bool UnderAttack(const std::string& mailbox) const { return attacked_.contains(mailbox); }

  // Attacks that have ebbed away end with the next question about the mailbox.
  Names Recover(const ratelimit::Request& request, std::int64_t clock) {
    Names recovered;
    for (const auto& recipient : request.recipients) {
      if (!attacked_.contains(recipient.mailbox) || Refusals(recipient.mailbox, 60, clock) >= 5) continue;
      attacked_.erase(recipient.mailbox);
      recovered.push_back(recipient.mailbox);
    }
    return recovered;
  }

  // The mailboxes that come under attack by this refusal.
  Names Refuse(const ratelimit::Request& request, const std::vector<Judgement>& refusing, std::int64_t clock) {
    std::set<std::size_t> mailboxes;
    for (const Judgement& rule : refusing) {
      const bool own = rule.pile.starts_with("mailbox ") || rule.pile.starts_with("unconfirmed ") ||
                       rule.pile.starts_with("workspace ");
      if (own) mailboxes.insert(rule.recipients.begin(), rule.recipients.end());
    }
    Names attacked;
    for (const std::size_t i : mailboxes) {
      const std::string& mailbox = request.recipients[i].mailbox;
      refusals_[mailbox].push_back(MinuteOf(mailbox, clock));
      if (Refusals(mailbox, 10, clock) >= 20 && attacked_.insert(mailbox).second) attacked.push_back(mailbox);
    }
    return attacked;
  }

  void Accept(const ratelimit::Request& request, const std::vector<Judgement>& rules, std::int64_t clock) {
    std::set<std::string> charged;
    for (const Judgement& rule : rules) {
      if (rule.units == 0 || !charged.insert(rule.pile).second) continue;
      Sent sent{Held(rule.pile, clock), request.id, request.category, request.trust, LaneOf(request), rule.units};
      if (IsShared(rule.pile)) Join(piles_[rule.pile], sent);
      piles_[rule.pile].push_back(sent);
    }
    if (!request.content.empty()) contents_[ContentOf(request)] = {clock, request.id};
  }

  void Refund(const ratelimit::Request& request) {
    for (auto& [name, pile] : piles_) {
      std::erase_if(pile, [&](const Sent& sent) { return sent.id == request.id && !sent.joined; });
    }
    std::erase_if(contents_, [&](const auto& content) { return content.second.second == request.id; });
  }

 private:
  struct Sent {
    std::int64_t time;
    std::string id;
    Category category;
    ratelimit::Trust trust;
    Lane lane;
    std::int64_t units;
    bool joined = false;
  };

  // In some piles the messages of a second are one, at the time of the last of them, and for good.
  static bool IsShared(const std::string& pile) {
    return pile.starts_with("domain ") || pile.starts_with("source ") || pile == "net" || pile.starts_with("key ");
  }
  static void Join(std::vector<Sent>& pile, Sent& sent) {
    if (pile.empty() || pile.back().time / 1000 != sent.time / 1000) return;
    const std::int64_t newest = pile.back().time;
    for (auto before = pile.rbegin(); before != pile.rend() && before->time == newest; ++before) {
      const bool same = sent.lane == Lane::kTrusted ? before->trust == sent.trust : before->category == sent.category;
      if (before->lane != sent.lane || !same) return;
      before->time = sent.time;
      before->joined = sent.joined = true;
    }
  }

  static std::string ContentOf(const ratelimit::Request& request) {
    std::set<std::string> mailboxes;
    for (const auto& recipient : request.recipients) mailboxes.insert(recipient.mailbox);
    std::string text = std::to_string(static_cast<int>(request.category)) + request.content;
    for (const std::string& mailbox : mailboxes) text += "|" + mailbox;
    return text;
  }

  static void Add(std::vector<Judgement>& all, const std::string& name, const Limits& limits, Judgement what) {
    for (const ratelimit::Limit& limit : limits) {
      if (limit.mode == ratelimit::Mode::kOff) continue;
      what.name = ratelimit::RuleName(name, limit);
      what.limit = limit;
      all.push_back(what);
      all.back().hints = what.hints && limit.count >= 3 && limit.window >= std::chrono::minutes(10);
    }
  }

  void AddMailbox(const ratelimit::Request& request, std::size_t index, std::vector<Judgement>& all) const {
    const auto& [mailbox, family, domain, confirmed] = request.recipients[index];
    const Lane lane = LaneOf(request);
    const auto& own = policy_.For(request.category);
    const std::string name(ratelimit::CategoryName(request.category));
    Judgement what;
    what.pile = "mailbox " + mailbox;
    what.recipients = {index};
    if (lane == Lane::kTrusted) {
      const bool captcha = request.trust == ratelimit::Trust::kCaptcha;
      what.which = Which::kSameTrust;
      Add(all, captcha ? "captcha-mailbox" : "trusted-mailbox", captcha ? policy_.captcha : policy_.trusted, what);
    } else {
      what.which = Which::kSameCategory;
      what.hints = lane == Lane::kAnonymous;
      Add(all, name + "-mailbox", own.mailbox, what);
    }
    what.which = Which::kSameLane;
    what.hints = true;
    if (lane == Lane::kAnonymous) {
      Add(all, "umbrella-mailbox", confirmed ? policy_.umbrella_confirmed : policy_.umbrella_unconfirmed, what);
      what.hints = false;
      if (UnderAttack(mailbox)) Add(all, "attack-mailbox", policy_.attack.anonymous, what);
    }
    what.hints = false;
    what.which = Which::kAllButAlerts;
    if (lane != Lane::kReserved) Add(all, "all-mailbox", policy_.all, what);
    if (lane == Lane::kTrusted) return;
    what.which = Which::kSameCategory;
    what.pile = "unconfirmed " + mailbox;
    if (!confirmed) Add(all, name + "-mailbox", own.unconfirmed, what);
    what.pile = "workspace " + request.workspace + " " + mailbox;
    if (!request.workspace.empty()) Add(all, name + "-workspace", own.workspace, what);
  }

  void AddAnonymous(const ratelimit::Request& request, std::vector<Judgement>& all) const {
    std::map<std::string, Judgement> families, domains;
    Judgement source, inviter;
    source.hints = true;
    source.units = inviter.units = 0;
    const bool brought_in = request.workspace_verified && !request.inviter.empty() &&
                            !policy_.For(request.category).inviter_verified.empty();
    const auto add = [](Judgement& what, std::size_t index) {
      what.recipients.insert(index);
      what.units = static_cast<std::int64_t>(what.recipients.size());
    };
    for (std::size_t i = 0; i < request.recipients.size(); ++i) {
      const auto& [mailbox, family, domain, confirmed] = request.recipients[i];
      if (!family.empty() && family != mailbox) add(families[family], i);
      if (!confirmed && !domain.empty() && !brought_in) add(domains[domain], i);
      if (!confirmed) add(source, i);
      add(inviter, i);
    }
    for (auto& [family, what] : families) {
      what.pile = "family " + family;
      Add(all, "umbrella-family", policy_.family, what);
    }
    for (auto& [domain, what] : domains) {
      what.pile = "domain " + domain;
      Add(all, "umbrella-domain", policy_.domain, what);
    }
    if (!request.source.empty() && source.units > 0) {
      source.pile = "source " + request.source;
      Add(all, "umbrella-source", policy_.source, source);
      source.pile = "net";  // all sources of a trace are in one
      Add(all, "umbrella-source_net", policy_.source_net, source);
    }
    if (request.inviter.empty()) return;
    const auto& own = policy_.For(request.category);
    inviter.which = Which::kSameCategory;
    inviter.pile = "inviter " + request.inviter;
    Add(all, std::string(ratelimit::CategoryName(request.category)) + "-inviter",
        request.workspace_verified ? own.inviter_verified : own.inviter, inviter);
  }

  void AddKey(const ratelimit::Request& request, std::int64_t clock, std::vector<Judgement>& all) const {
    constexpr std::int64_t kMemory = 25 * 3'600'000;
    const Lane lane = LaneOf(request);
    if (request.key.empty() || lane == Lane::kReserved) return;
    Judgement what;
    what.which = lane == Lane::kTrusted ? Which::kSameTrust : Which::kSameLane;
    what.pile = "key " + request.key;
    what.units = 0;
    for (std::size_t i = 0; i < request.recipients.size(); ++i) {
      const auto& recipient = request.recipients[i];
      if (recipient.confirmed) continue;
      what.recipients.insert(i);
      if (Newest(recipient.mailbox) <= clock - kMemory) ++what.units;
    }
    Limits limits = policy_.key;
    for (ratelimit::Limit& limit : limits) {
      if (lane == Lane::kApplication) limit.mode = ratelimit::Mode::kShadow;
    }
    if (what.units > 0) Add(all, "new-key", limits, what);
  }

  // A clock that ran backward stands still until it has caught up.
  std::int64_t Held(const std::string& pile, std::int64_t clock) const { return std::max(clock, NewestOf(pile)); }

  std::int64_t NewestOf(const std::string& pile) const {
    const auto found = piles_.find(pile);
    return found == piles_.end() || found->second.empty() ? 0 : found->second.back().time;
  }

  std::vector<std::pair<std::int64_t, std::int64_t>> Counted(const ratelimit::Request& request, const Judgement& rule,
                                                             std::int64_t clock) const {
    std::vector<std::pair<std::int64_t, std::int64_t>> counted;
    const auto found = piles_.find(rule.pile);
    if (found == piles_.end()) return counted;
    const std::int64_t now = Held(rule.pile, clock);
    for (const Sent& sent : found->second) {
      if (now - sent.time >= rule.limit.window.count() * 1000) continue;
      const bool same_lane = sent.lane == LaneOf(request);
      const bool counts = rule.which == Which::kAllButAlerts   ? sent.lane != Lane::kReserved
                          : rule.which == Which::kSameCategory ? same_lane && sent.category == request.category
                          : rule.which == Which::kSameTrust    ? same_lane && sent.trust == request.trust
                                                               : same_lane;
      if (counts) counted.emplace_back(sent.time, sent.units);
    }
    return counted;
  }

  // Refusals are known by the minute, and held at the newest.
  std::int64_t MinuteOf(const std::string& mailbox, std::int64_t clock) const {
    const auto found = refusals_.find(mailbox);
    return std::max(clock / 60'000, found == refusals_.end() || found->second.empty() ? 0 : found->second.back());
  }

  std::int64_t Refusals(const std::string& mailbox, std::int64_t minutes, std::int64_t clock) const {
    const auto found = refusals_.find(mailbox);
    if (found == refusals_.end()) return 0;
    const std::int64_t now = MinuteOf(mailbox, clock);
    return std::ranges::count_if(found->second, [&](std::int64_t minute) { return minute > now - minutes; });
  }

  ratelimit::Policy policy_;
  std::map<std::string, std::vector<Sent>> piles_;
  std::map<std::string, std::pair<std::int64_t, std::string>> contents_;
  std::map<std::string, std::int64_t> blocked_;
  std::map<std::string, std::vector<std::int64_t>> refusals_;
  std::set<std::string> attacked_;
};

}  // namespace sealpost::tests
