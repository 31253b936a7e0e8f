// Random traces, each decision held against the oracle: nothing admitted that must be refused, nothing refused that
// must be admitted, and everything that is reported is true. SEALPOST_TEST_SEED=N repeats the traces from seed N on.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "tests/contract/fillings.h"
#include "tests/contract/oracle.h"

using namespace sealpost::ratelimit;
using namespace sealpost::tests;

namespace {

constexpr std::uint32_t kTraces = 1000;
constexpr int kSteps = 60;

std::int64_t InSeconds(std::int64_t ms) {
  return std::max<std::int64_t>(1, (ms + 999) / 1000);
}

class Trace {
 public:
  Trace(std::uint32_t seed, Policy policy)
      : random_(seed), name_(std::to_string(seed)), policy_(policy), oracle_(std::move(policy)) {}

  // The first thing that is wrong; empty if nothing is.
  std::string Run(Limiter& limiter, SetTime& time) {
    for (int step = 0; step < kSteps; ++step) {
      MoveTime(time);
      if (!requests_.empty() && Pick(8) == 0) {
        const Request& request = requests_[Pick(requests_.size())];
        limiter.Refund(request);
        oracle_.Refund(request, time.ms);
        continue;
      }
      const Request request = AnyRequest(step);
      const std::string wrong = Judge(limiter.Admit(request), request, time.ms);
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
                    .trusted = Pick(4) == 0};
    const bool confirmed = Pick(3) == 0;
    for (const char* mailbox : {"a@", "b@", "c@"}) {
      if (Pick(2) == 0) Add(request, mailbox, confirmed);
    }
    if (request.recipients.empty()) Add(request, "a@", confirmed);
    return request;
  }

  void Add(Request& request, const std::string& mailbox, bool confirmed) const {
    request.recipients.push_back({.mailbox = mailbox + name_, .confirmed = confirmed});
  }

  std::string Judge(const Decision& decision, const Request& request, std::int64_t clock) {
    const std::vector<std::string> refusing = oracle_.Refusing(request, clock);
    if (decision.admitted() != refusing.empty()) {
      return decision.admitted() ? "admitted one too many" : "refused by " + decision.rule + " without a reason";
    }
    if (decision.refused != refusing) return "the wrong mailboxes are named";
    if (!decision.admitted()) return JudgeRefusal(decision, request, clock);
    oracle_.Accept(request, clock);
    accepted_.push_back(clock);
    return JudgeReport(decision, request, clock);
  }

  std::string JudgeRefusal(const Decision& decision, const Request& request, std::int64_t clock) const {
    const std::int64_t retry = decision.retry_after.count();
    if (retry < 1) return "retry_after below a second";
    if (!oracle_.Refusing(request, clock + retry * 1000).empty()) return "retry_after is too early";
    const std::int64_t just_before = clock + (retry - 1) * 1000;
    if (oracle_.Refusing(request, just_before).empty()) return "retry_after is too late";
    std::int64_t last = 0;
    bool rule_refuses = false;
    bool reset_true = false;
    for (const std::string& mailbox : decision.refused) {
      last = std::max(last, oracle_.Newest(mailbox));
      for (const Oracle::Rule& rule : oracle_.RulesOf(request)) {
        if (rule.name != decision.rule || !oracle_.Refuses(mailbox, rule, just_before)) continue;
        rule_refuses = true;
        reset_true |= InSeconds(oracle_.ResetAt(mailbox, rule, clock) - clock) == decision.reset.count();
      }
    }
    if (!rule_refuses) return decision.rule + " is not the rule that refuses longest";
    if (!reset_true) return "reset is wrong for a refusal";
    if (decision.remaining != 0) return "something remains after a refusal";
    return last == decision.last_sent_at ? "" : "last_sent_at is wrong";
  }

  std::string JudgeReport(const Decision& decision, const Request& request, std::int64_t clock) const {
    std::int64_t least = INT64_MAX;
    std::int64_t latest = 0;
    bool rule_among_them = false;
    for (const Recipient& recipient : request.recipients) {
      const std::string& mailbox = recipient.mailbox;
      for (const Oracle::Rule& rule : oracle_.RulesOf(request)) {
        const std::int64_t remaining = rule.limit.count - oracle_.Used(mailbox, rule, clock);
        const std::int64_t reset_at = oracle_.ResetAt(mailbox, rule, clock);
        if (remaining > least || (remaining == least && reset_at < latest)) continue;
        const bool same = remaining == least && reset_at == latest;
        rule_among_them = (same && rule_among_them) || rule.name == decision.rule;
        least = remaining;
        latest = reset_at;
      }
    }
    if (decision.remaining != least) return "remaining is wrong";
    if (decision.reset.count() != InSeconds(latest - clock)) return "reset is wrong";
    if (!rule_among_them) return decision.rule + " is not the rule nearest to refusing";
    return decision.retry_after.count() == 0 && decision.last_sent_at == 0 ? "" : "an admission tells of a refusal";
  }

  std::mt19937 random_;
  const std::string name_;
  const Policy policy_;
  Oracle oracle_;
  Category favourite_ = Category::kUncategorized;
  std::vector<Request> requests_;
  std::vector<std::int64_t> accepted_;
};

// Few enough messages per rule that a short trace meets every rule.
Policy NarrowPolicy() {
  Policy policy = Policy::Default();
  policy.all = {{std::chrono::hours(1), 7}, {std::chrono::hours(24), 11}};
  for (auto& own : policy.categories) {
    for (Limit& limit : own.mailbox)
      limit.count = std::min(limit.count, limit.window > std::chrono::hours(1) ? 6U : 4U);
  }
  return policy;
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
  F shipped(Policy::Default());
  F narrow(NarrowPolicy());
  for (std::uint32_t seed = base; seed != base + traces; ++seed) {
    F& filling = seed % 2 == 0 ? shipped : narrow;
    Trace trace(seed, seed % 2 == 0 ? Policy::Default() : NarrowPolicy());
    const std::string wrong = trace.Run(*filling.limiter, filling.time);
    CHECK_MESSAGE(wrong.empty(), std::string(F::kName) << ", seed " << seed << ", " << wrong);
  }
}
