// Random traces, each decision held against the oracle: nothing admitted that must be refused, nothing refused that
// must be admitted, and everything that is reported is true. SEALPOST_TEST_SEED=N repeats the traces from seed N on.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "tests/contract/fillings.h"
#include "tests/contract/oracle.h"

using namespace sealpost::ratelimit;
using namespace sealpost::tests;

namespace {

using Decided = sealpost::ratelimit::Outcome;

constexpr std::uint32_t kTraces = 1000;
constexpr int kSteps = 60;

std::int64_t InSeconds(std::int64_t ms) {
  return std::max<std::int64_t>(1, (ms + 999) / 1000);
}

// Two tagged addresses of one family, its own, one at a free mailer, and one of another domain.
struct Address {
  const char* mailbox;
  const char* family;
  const char* domain;
};
constexpr Address kAddresses[] = {
    {"a+1@x", "a@x", "x"}, {"a+2@x", "a@x", "x"}, {"a@x", "a@x", "x"}, {"b@free", "", ""}, {"c@y", "c@y", "y"}};

std::string NetOf(std::uint32_t seed) {
  char text[32];
  std::snprintf(text, sizeof text, "2001:%x:%x:", seed >> 16, seed & 0xFFFF);
  return text;
}

class Trace {
 public:
  Trace(std::uint32_t seed, Policy policy)
      : random_(seed), name_(std::to_string(seed)), net_(NetOf(seed)), oracle_(std::move(policy)) {}

  // The first thing that is wrong; empty if nothing is.
  std::string Run(Limiter& limiter, SetTime& time) {
    for (int step = 0; step < kSteps; ++step) {
      MoveTime(time);
      if (!requests_.empty() && Pick(8) == 0) {
        const Request& request = requests_[Pick(requests_.size())];
        limiter.Refund(request);
        oracle_.Refund(request);
        continue;
      }
      if (Pick(30) == 0) {
        const std::string mailbox = kAddresses[Pick(std::size(kAddresses))].mailbox + name_;
        const std::int64_t until = Pick(3) == 0 ? 0 : time.ms + Between(1, 7'200'000);
        limiter.Block(mailbox, until);
        oracle_.Block(mailbox, until);
        continue;
      }
      if (Pick(10) == 0) {
        const std::string mailbox = kAddresses[Pick(std::size(kAddresses))].mailbox + name_;
        if (limiter.Recover(mailbox) == Recovery(mailbox, time.ms)) continue;
        return "step " + std::to_string(step) + ": the state of an attack is wrong";
      }
      const Request request = AnyRequest(step);
      const Decision foreseen = Pick(3) == 0 ? limiter.Check(request) : Decision{.limit = {}};
      const Decision decision = limiter.Admit(request);
      std::string wrong = Judge(decision, request, time.ms);
      if (!foreseen.rule.empty() && !Same(foreseen, decision)) wrong = "the dry run said something else";
      if (!wrong.empty()) return "step " + std::to_string(step) + ": " + wrong;
      requests_.push_back(request);
    }
    return {};
  }

 private:
  std::size_t Pick(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }
  std::int64_t Between(std::int64_t least, std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(least, most)(random_);
  }

  AttackState Recovery(const std::string& mailbox, std::int64_t clock) {
    if (!oracle_.UnderAttack(mailbox)) return AttackState::kNone;
    const bool over = !oracle_.Recover({.id = "", .recipients = {{.mailbox = mailbox}}}, clock).empty();
    return over ? AttackState::kEnded : AttackState::kGoesOn;
  }

  // Bursts, pauses, jumps back, and often exactly to the edge of some window.
  void MoveTime(SetTime& time) {
    switch (Pick(12)) {
      case 0:
      case 1:
        break;
      case 2:
        time.ms -= Between(1, 300'000);
        break;
      case 3:
        time.ms += Between(600'000, 7'200'000);
        break;
      case 4:
        if (Pick(4) == 0) time.ms += Between(7'200'000, 100'000'000);
        break;
      case 5:
      case 6:
      case 7:
        ToTheEdge(time);
        break;
      default:
        time.ms += Between(1, 90'000);
    }
  }

  void ToTheEdge(SetTime& time) {
    constexpr std::int64_t kWindows[] = {20, 30, 60, 600, 3600, 86400};
    if (accepted_.empty()) return;
    const std::int64_t edge = accepted_[Pick(accepted_.size())] + kWindows[Pick(std::size(kWindows))] * 1000;
    const std::int64_t target = edge + Between(-1, 1);
    if (target > time.ms) time.ms = target;
  }

  Request AnyRequest(int step) {
    if (step % 15 == 0) favourite_ = static_cast<Category>(Pick(9));
    Request request{.id = name_ + "-" + std::to_string(step),
                    .recipients = {},
                    .category = Pick(3) != 0 ? favourite_ : static_cast<Category>(Pick(9)),
                    .trust = static_cast<Trust>(Pick(4) % kTrusts)};
    while (request.recipients.empty()) {
      for (const Address& address : kAddresses) {
        if (Pick(2) != 0) continue;
        request.recipients.push_back({.mailbox = address.mailbox + name_,
                                      .family = address.family + name_,
                                      .domain = *address.domain == 0 ? "" : address.domain + name_,
                                      .confirmed = Pick(3) == 0});
      }
    }
    if (Pick(3) != 0) request.key = "key" + std::to_string(Pick(2)) + name_;
    if (Pick(3) != 0) request.source = net_ + std::to_string(Pick(3)) + "::" + std::to_string(Pick(9));
    if (Pick(3) != 0) request.inviter = "inviter" + name_;
    if (Pick(3) == 0) request.workspace = "workspace" + std::to_string(Pick(2)) + name_;
    request.workspace_verified = Pick(4) == 0;
    if (Pick(2) == 0) request.content = "content" + std::to_string(Pick(3));
    return request;
  }

  // The oracle knows a source by its /64.
  static Request Known(Request request) {
    request.source = request.source.substr(0, request.source.find("::"));
    return request;
  }

  static bool Same(const Decision& a, const Decision& b) {
    return a.outcome == b.outcome && a.rule == b.rule && a.refused == b.refused && a.retry_after == b.retry_after &&
           a.remaining == b.remaining && a.shadow == b.shadow && a.challenge == b.challenge &&
           a.earlier_id == b.earlier_id && a.signals.empty();
  }

  std::string Judge(const Decision& decision, const Request& asked, std::int64_t clock) {
    const Request request = Known(asked);
    const Oracle::Lane lane = Oracle::LaneOf(request);
    const bool blockable = lane == Oracle::Lane::kAnonymous || lane == Oracle::Lane::kApplication;
    const auto recovered = blockable ? oracle_.Recover(request, clock) : Oracle::Names{};
    if (Told(decision, Signal::Kind::kRecovered) != recovered) return "the wrong recoveries are told";
    if (const auto blocked = blockable ? BlockedOf(request, clock) : Oracle::Names{}; !blocked.empty()) {
      return JudgeBlock(decision, blocked, clock);
    }
    if (const std::string earlier = oracle_.Earlier(request, clock); !earlier.empty()) {
      return decision.outcome == Decided::kCoalesced && decision.earlier_id == earlier ? "" : "not coalesced";
    }
    const auto rules = oracle_.JudgementsOf(request, clock);
    const auto refusing = oracle_.Refusing(request, rules, clock);
    if (decision.admitted() != refusing.empty()) {
      return decision.admitted() ? "admitted one too many, by " + refusing.front().name
                                 : "refused by " + decision.rule + " without a reason";
    }
    if (const std::string wrong = JudgeHints(decision, request, rules, clock); !wrong.empty()) return wrong;
    if (!decision.admitted()) {
      const std::string wrong = JudgeRefusal(decision, request, rules, clock);
      const auto attacked =
          lane == Oracle::Lane::kAnonymous ? oracle_.Refuse(request, refusing, clock) : Oracle::Names{};
      return Told(decision, Signal::Kind::kUnderAttack) == attacked ? wrong : "the wrong attacks are told";
    }
    // As it stood before: what joins others by the second moves them.
    std::string wrong = JudgeReport(decision, request, rules, clock);
    oracle_.Accept(request, rules, clock);
    accepted_.push_back(clock);
    return wrong;
  }

  static Oracle::Names Told(const Decision& decision, Signal::Kind kind) {
    Oracle::Names subjects;
    for (const Signal& signal : decision.signals) {
      if (signal.kind == kind) subjects.push_back(signal.subject);
    }
    std::ranges::sort(subjects);
    return subjects;
  }

  Oracle::Names BlockedOf(const Request& request, std::int64_t clock) const {
    Oracle::Names blocked;
    for (const Recipient& recipient : request.recipients) {
      if (oracle_.Blocked(recipient.mailbox, clock)) blocked.push_back(recipient.mailbox);
    }
    return blocked;
  }

  std::string JudgeBlock(const Decision& decision, const Oracle::Names& blocked, std::int64_t clock) const {
    std::int64_t until = 0;
    for (const std::string& mailbox : blocked) until = std::max(until, oracle_.BlockedUntil(mailbox));
    if (decision.outcome != Decided::kDenied || decision.rule != "recipient-block") return "not blocked by its owner";
    if (decision.refused != blocked) return "the wrong mailboxes are blocked";
    return decision.retry_after.count() == InSeconds(until - clock) ? "" : "the block ends at another time";
  }

  std::string JudgeHints(const Decision& decision, const Request& request, const std::vector<Oracle::Judgement>& rules,
                         std::int64_t clock) const {
    std::set<std::string> shadow;
    bool half_spent = false;
    bool under_attack = false;
    for (const Oracle::Judgement& rule : rules) {
      if (rule.limit.mode == Mode::kShadow && oracle_.Refuses(request, rule, clock)) shadow.insert(rule.name);
      const std::int64_t spent = oracle_.Used(request, rule, clock) + rule.units;
      half_spent = half_spent || (rule.hints && spent * 2 >= rule.limit.count);
    }
    if (std::set(decision.shadow.begin(), decision.shadow.end()) != shadow) return "the wrong rules in shadow";
    if (decision.challenge.empty() == half_spent) return "the challenge is wrong";
    const Oracle::Lane lane = Oracle::LaneOf(request);
    for (const Recipient& recipient : request.recipients) {
      under_attack = under_attack || oracle_.UnderAttack(recipient.mailbox);
    }
    const bool tells = lane == Oracle::Lane::kAnonymous || lane == Oracle::Lane::kApplication;
    if (tells && under_attack && !decision.under_attack) return "the attack is not told";
    return {};
  }

  std::string JudgeRefusal(const Decision& decision, const Request& request,
                           const std::vector<Oracle::Judgement>& rules, std::int64_t clock) const {
    const std::int64_t retry = decision.retry_after.count();
    const bool waits = request.category == Category::kReceipt || request.category == Category::kNotification;
    if ((decision.outcome == Decided::kHeld) != waits) return "held or denied, the wrong one";
    if (waits && decision.hold != decision.retry_after) return "held for another time";
    if (retry < 1) return "retry_after below a second";
    if (!oracle_.Refusing(request, rules, clock + retry * 1000).empty()) return "retry_after is too early";
    const std::int64_t just_before = clock + (retry - 1) * 1000;
    if (oracle_.Refusing(request, rules, just_before).empty()) return "retry_after is too late";
    std::set<std::size_t> refused;
    bool rule_refuses = false;
    bool reset_true = false;
    for (const Oracle::Judgement& rule : oracle_.Refusing(request, rules, clock)) {
      refused.insert(rule.recipients.begin(), rule.recipients.end());
      if (rule.name != decision.rule || !oracle_.Refuses(request, rule, just_before)) continue;
      rule_refuses = true;
      reset_true |= InSeconds(oracle_.ResetAt(request, rule, clock) - clock) == decision.reset.count();
    }
    Oracle::Names names;
    std::int64_t last = 0;
    for (const std::size_t i : refused) {
      names.push_back(request.recipients[i].mailbox);
      last = std::max(last, oracle_.Newest(names.back()));
    }
    if (decision.refused != names) return "the wrong mailboxes are named";
    if (!rule_refuses) return decision.rule + " is not the rule that refuses longest";
    if (!reset_true) return "reset is wrong for a refusal";
    if (decision.remaining != 0) return "something remains after a refusal";
    // What is older than any window may be forgotten.
    if (decision.last_sent_at == 0 && clock - last > 24 * 3'600'000) return {};
    return last == decision.last_sent_at ? "" : "last_sent_at is wrong";
  }

  std::string JudgeReport(const Decision& decision, const Request& request, const std::vector<Oracle::Judgement>& rules,
                          std::int64_t clock) const {
    std::int64_t least = INT64_MAX;
    std::int64_t latest = 0;
    bool rule_among_them = false;
    for (const Oracle::Judgement& rule : rules) {
      if (rule.limit.mode == Mode::kShadow) continue;
      const std::int64_t remaining = rule.limit.count - oracle_.Used(request, rule, clock) - rule.units;
      const std::int64_t reset_at = oracle_.ResetAt(request, rule, clock);
      if (remaining > least || (remaining == least && reset_at < latest)) continue;
      const bool same = remaining == least && reset_at == latest;
      rule_among_them = (same && rule_among_them) || rule.name == decision.rule;
      least = remaining;
      latest = reset_at;
    }
    if (decision.remaining != least) return "remaining is wrong";
    if (decision.reset.count() != InSeconds(latest - clock)) return "reset is wrong";
    if (!rule_among_them) return decision.rule + " is not the rule nearest to refusing";
    return decision.retry_after.count() == 0 && decision.last_sent_at == 0 ? "" : "an admission tells of a refusal";
  }

  std::mt19937 random_;
  const std::string name_;
  const std::string net_;
  Oracle oracle_;
  Category favourite_ = Category::kUncategorized;
  std::vector<Request> requests_;
  std::vector<std::int64_t> accepted_;
};

// Few enough messages per rule that a short trace meets every rule; no rule below what one request may bring.
Policy NarrowPolicy() {
  constexpr std::chrono::hours kHour{1};
  constexpr std::chrono::hours kDay{24};
  Policy policy = Policy::Default();
  policy.all = {{kHour, 7}, {kDay, 11}};
  policy.family = {{kHour, 5}, {kDay, 8}};
  policy.domain = {{kHour, 6}, {kDay, 9}};
  policy.source = {{std::chrono::minutes(10), 5}, {kHour, 8, Mode::kShadow}};
  policy.source_net = {{kHour, 12}};
  policy.key = {{kHour, 6}};
  for (auto& own : policy.categories) {
    for (Limit& limit : own.mailbox) limit.count = std::min(limit.count, limit.window > kHour ? 6U : 4U);
    for (Limit& limit : own.inviter) limit.count = 7;
  }
  return policy;
}

// A loose category behind which the rules around the mailbox are met, and refusals come in crowds.
Policy LoosePolicy() {
  Policy policy = NarrowPolicy();
  policy.umbrella_unconfirmed = {{std::chrono::hours(1), 9, Mode::kShadow}};
  policy.umbrella_confirmed = {};
  policy.all = {{std::chrono::hours(24), 200, Mode::kOff}};
  policy.attack.anonymous = {{std::chrono::hours(1), 2}};
  for (auto& own : policy.categories) own.mailbox = {{std::chrono::hours(1), 30}};
  return policy;
}

Policy PolicyOf(std::uint32_t seed) {
  return seed % 3 == 0 ? Policy::Default() : seed % 3 == 1 ? NarrowPolicy() : LoosePolicy();
}

}  // namespace

TEST_CASE_TEMPLATE("a thousand random traces are decided as the oracle decides them", F, MemoryFilling, RedisFilling,
                   FallbackFilling) {
  const char* chosen = std::getenv("SEALPOST_TEST_SEED");
  const std::uint32_t base =
      chosen != nullptr ? static_cast<std::uint32_t>(std::stoul(chosen)) : std::random_device{}();
  // The fallback only passes on what Redis decides.
  const std::uint32_t traces = std::is_same_v<F, FallbackFilling> ? kTraces / 5 : kTraces;
  MESSAGE(std::string(F::kName) << ": seeds " << base << " to " << base + traces - 1);
  F fillings[3] = {F(PolicyOf(0)), F(PolicyOf(1)), F(PolicyOf(2))};
  for (std::uint32_t seed = base; seed != base + traces; ++seed) {
    F& filling = fillings[seed % 3];
    Trace trace(seed, PolicyOf(seed));
    const std::string wrong = trace.Run(*filling.limiter, filling.time);
    CHECK_MESSAGE(wrong.empty(), std::string(F::kName) << ", seed " << seed << ", " << wrong);
  }
}
