#include "ratelimit/plan.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "ratelimit/source.h"

namespace sealpost::ratelimit {
namespace {

constexpr std::int64_t kSurgeAgain = 3'600'000;
constexpr std::size_t kSurgesAtMost = 10'000;
constexpr std::uint8_t kUnitsAtMost = 255;

// At least one second when there is anything to wait for: a Retry-After of 0 invites a loop.
std::chrono::seconds SecondsUntil(std::int64_t at, std::int64_t clock) {
  return std::chrono::seconds(std::max<std::int64_t>(1, (at - clock + 999) / 1000));
}

class Planner {
 public:
  Planner(const RuleBook& book, const Request& request)
      : request_(request), rules_(book.For(request.category, request.trust)) {
    plan_.rules = &rules_;
    plan_.request_id = request.id;
    plan_.id = ShortId(request.id);
  }

  Plan Make() {
    std::unordered_set<std::string_view> seen;
    for (const Recipient& recipient : request_.recipients) {
      if (!seen.insert(recipient.mailbox).second) continue;
      const auto index = static_cast<std::uint16_t>(recipients_.size());
      recipients_.push_back(&recipient);
      plan_.mailboxes.push_back(recipient.mailbox);
      plan_.unconfirmed.push_back(!recipient.confirmed);
      plan_.counters.push_back({.rules = recipient.confirmed ? &rules_.confirmed_mailbox : &rules_.Of(Kind::kMailbox),
                                .subject = recipient.mailbox,
                                .recipients = {index}});
    }
    for (std::size_t i = 0; i < recipients_.size(); ++i) AddOf(*recipients_[i], static_cast<std::uint16_t>(i));
    if (!recipients_.empty()) AddShared();
    AddContent();
    return std::move(plan_);
  }

 private:
  // A firm brings its own people in: the inviter's budget counts them, the domain's does not.
  bool IsBroughtIn() const {
    return request_.workspace_verified && !request_.inviter.empty() && !rules_.verified_inviter.rules.empty();
  }

  void AddOf(const Recipient& recipient, std::uint16_t index) {
    if (!recipient.confirmed) Add(rules_.Of(Kind::kUnconfirmed), recipient.mailbox, index);
    if (!recipient.family.empty() && recipient.family != recipient.mailbox) {
      Add(rules_.Of(Kind::kFamily), recipient.family, index);
    }
    if (!recipient.confirmed && !recipient.domain.empty() && !IsBroughtIn())
      Add(rules_.Of(Kind::kDomain), recipient.domain, index);
    if (!request_.workspace.empty()) {
      // The length keeps apart what a separator could not.
      Add(rules_.Of(Kind::kWorkspace),
          std::to_string(request_.workspace.size()) + ':' + request_.workspace + recipient.mailbox, index);
    }
  }

  void AddShared() {
    const auto source = ParseSource(request_.source);
    for (std::size_t i = 0; i < recipients_.size(); ++i) {
      const auto index = static_cast<std::uint16_t>(i);
      if (!request_.inviter.empty()) {
        Add(request_.workspace_verified ? rules_.verified_inviter : rules_.Of(Kind::kInviter), request_.inviter, index);
      }
      if (recipients_[i]->confirmed) continue;
      if (source) Add(rules_.Of(Kind::kSource), source->prefix, index);
      if (source) Add(rules_.Of(Kind::kSourceNet), source->net, index);
      if (!request_.key.empty()) Add(rules_.Of(Kind::kKey), request_.key, index);
    }
  }

  // One more recipient of a counter, which is there once however many it has.
  void Add(const RuleSet& rules, std::string_view subject, std::uint16_t index) {
    if (rules.rules.empty()) return;
    const auto known = std::ranges::find_if(plan_.counters, [&](const Counter& counter) {
      return counter.rules->kind == rules.kind && counter.subject == subject;
    });
    if (known == plan_.counters.end()) {
      plan_.counters.push_back({.rules = &rules, .subject = std::string(subject), .recipients = {index}});
      return;
    }
    known->recipients.push_back(index);
    if (known->units < kUnitsAtMost) ++known->units;
  }

  void AddContent() {
    if (request_.content.empty() || rules_.duplicate == 0 || plan_.mailboxes.empty()) return;
    std::vector<std::string_view> sorted = plan_.mailboxes;
    std::ranges::sort(sorted);
    plan_.content = std::to_string(static_cast<int>(rules_.category)) + ':' + std::to_string(request_.content.size()) +
                    ':' + request_.content;
    for (const std::string_view mailbox : sorted) (plan_.content += '\n') += mailbox;
  }

  const Request& request_;
  const CategoryRules& rules_;
  std::vector<const Recipient*> recipients_;
  Plan plan_;
};

void AddRefused(const Plan& plan, const Verdict& verdict, Decision& decision) {
  std::vector<bool> refused(plan.mailboxes.size());
  for (const std::size_t index : verdict.refused) {
    for (const std::uint16_t recipient : plan.counters[index].recipients) refused[recipient] = true;
  }
  for (std::size_t i = 0; i < refused.size(); ++i) {
    if (!refused[i]) continue;
    decision.refused.emplace_back(plan.mailboxes[i]);
    if (i < verdict.newest.size()) decision.last_sent_at = std::max(decision.last_sent_at, verdict.newest[i]);
  }
}

void AddStanding(const Plan& plan, const Verdict& verdict, Decision& decision) {
  if (!verdict.standing) return;
  const Standing& standing = *verdict.standing;
  if (verdict.blocked) {
    decision.rule = "recipient-block";
    decision.scope = "recipient";
  } else {
    const Rule& rule = plan.counters[standing.counter].rules->rules[standing.rule];
    decision.rule = rule.name;
    decision.scope = rule.scope;
    decision.limit = rule.limit;
  }
  decision.remaining = static_cast<std::uint32_t>(standing.remaining);
  decision.reset = SecondsUntil(standing.reset_at, verdict.clock);
  if (standing.retry_at != 0) decision.retry_after = SecondsUntil(standing.retry_at, verdict.clock);
}

std::optional<Signal::Kind> SurgeOf(Kind kind) {
  if (kind == Kind::kSource || kind == Kind::kSourceNet) return Signal::Kind::kSourceSurge;
  if (kind == Kind::kKey) return Signal::Kind::kKeySurge;
  if (kind == Kind::kDomain) return Signal::Kind::kDomainSurge;
  return std::nullopt;
}

void AddSignals(const Plan& plan, const Verdict& verdict, SurgeGate& gate, Decision& decision) {
  const auto mailbox = [&plan](std::size_t index) { return std::string(plan.mailboxes[index]); };
  for (const std::size_t index : verdict.attacked) {
    decision.signals.push_back({Signal::Kind::kUnderAttack, mailbox(index)});
  }
  for (const std::size_t index : verdict.recovered) {
    decision.signals.push_back({Signal::Kind::kRecovered, mailbox(index)});
  }
  const auto surge = [&](std::size_t index) {
    const Counter& counter = plan.counters[index];
    const auto kind = SurgeOf(counter.rules->kind);
    if (!kind || !gate.Open(CounterName(counter.rules->kind, counter.subject), verdict.clock)) return;
    decision.signals.push_back({*kind, counter.subject});
  };
  if (!verdict.blocked) std::ranges::for_each(verdict.refused, surge);
  for (const auto& [counter, rule] : verdict.shadow) surge(counter);
}

}  // namespace

Plan MakePlan(const RuleBook& book, const Request& request) {
  return Planner(book, request).Make();
}

Log EntriesOf(const RuleBook& book, Kind kind, const std::vector<Accepted>& accepted) {
  Log log;
  for (const Accepted& each : accepted) {
    const CategoryRules& rules = book.For(each.category, each.trust);
    if (kind == Kind::kUnconfirmed && (each.confirmed || rules.Of(kind).rules.empty())) continue;
    log.push_back({.time = each.at, .tag = rules.tag, .count = 1, .id = ShortId(each.id)});
  }
  std::ranges::stable_sort(log, {}, &Entry::time);
  return log;
}

std::string CounterName(Kind kind, std::string_view subject) {
  return (std::string(KindName(kind)) += ':').append(subject);
}

std::string StateName(std::string_view mailbox) {
  return std::string("state:").append(mailbox);
}

std::string ContentName(const Plan& plan) {
  return "content:" + plan.content;
}

bool SurgeGate::Open(const std::string& name, std::int64_t now) {
  const std::scoped_lock lock(mutex_);
  const auto told = told_.find(name);
  if (told != told_.end() && now < told->second + kSurgeAgain) return false;
  if (told_.size() >= kSurgesAtMost) {
    std::erase_if(told_, [now](const auto& each) { return now >= each.second + kSurgeAgain; });
    // More surges in an hour than anybody reads: some are told twice.
    if (told_.size() >= kSurgesAtMost) told_.clear();
  }
  told_[name] = now;
  return true;
}

Decision Decide(const Plan& plan, const Verdict& verdict, SurgeGate& gate) {
  Decision decision;
  decision.outcome = verdict.outcome;
  decision.on_limit = plan.rules->on_limit;
  decision.earlier_id = verdict.earlier_id;
  decision.under_attack = verdict.under_attack;
  if (verdict.half_spent) decision.challenge = "captcha";
  AddStanding(plan, verdict, decision);
  for (const auto& [counter, rule] : verdict.shadow) {
    const std::string& name = plan.counters[counter].rules->rules[rule].name;
    if (std::ranges::find(decision.shadow, name) == decision.shadow.end()) decision.shadow.push_back(name);
  }
  AddSignals(plan, verdict, gate, decision);
  if (verdict.outcome != Outcome::kDenied) return decision;
  AddRefused(plan, verdict, decision);
  const bool waits = decision.on_limit == OnLimit::kHold || decision.on_limit == OnLimit::kDigest;
  if (waits && !verdict.blocked) {
    decision.outcome = Outcome::kHeld;
    decision.hold = decision.retry_after;
  }
  return decision;
}

}  // namespace sealpost::ratelimit
