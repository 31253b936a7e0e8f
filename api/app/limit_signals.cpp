#include "api/app/limit_signals.h"

#include <utility>

namespace sealpost::app {

namespace {

using ratelimit::Decision;

class Telling final : public ratelimit::Limiter {
 public:
  Telling(std::unique_ptr<ratelimit::Limiter> limiter, ratelimit::Policy policy, SignalBook& book,
          ratelimit::SourceWatch& sources, base::Metrics& metrics)
      : limiter_(std::move(limiter)), policy_(std::move(policy)), book_(book), sources_(sources), metrics_(metrics) {}

  Decision Admit(const ratelimit::Request& request) override {
    Decision decision = limiter_->Admit(request);
    if (IsAnonymous(request)) sources_.Note(request.source);
    // Without a mailbox that refuses no rule did: the category waits for its counters.
    if (!decision.refused.empty()) {
      metrics_.Count("sealpost_limit_refusals_total", {{"category", std::string(policy_.NameOf(request.category))},
                                                       {"scope", decision.scope},
                                                       {"rule", decision.rule}});
    }
    for (const std::string& rule : decision.shadow) metrics_.Count("sealpost_limit_shadow_total", {{"rule", rule}});
    for (const ratelimit::Signal& signal : decision.signals) book_.Tell(signal);
    return decision;
  }
  void Refund(const ratelimit::Request& request) override { limiter_->Refund(request); }
  Decision Check(const ratelimit::Request& request) override { return limiter_->Check(request); }
  ratelimit::Explanation Explain(const ratelimit::Recipient& recipient) override {
    return limiter_->Explain(recipient);
  }
  bool Block(const std::string& mailbox, std::int64_t until) override { return limiter_->Block(mailbox, until); }
  bool Unblock(const std::string& mailbox) override { return limiter_->Unblock(mailbox); }
  bool Reset(const std::string& mailbox) override {
    const bool everywhere = limiter_->Reset(mailbox);
    book_.TellForgotten(mailbox);
    return everywhere;
  }
  ratelimit::AttackState Recover(const std::string& mailbox) override { return limiter_->Recover(mailbox); }
  bool Seed(const std::string& mailbox, const std::vector<ratelimit::Accepted>& accepted) override {
    return limiter_->Seed(mailbox, accepted);
  }
  bool Degraded() const override { return limiter_->Degraded(); }
  void CheckHealth() override { limiter_->CheckHealth(); }
  std::uint64_t Generation() const override { return limiter_->Generation(); }

 private:
  // Whether the rules over sources are for it.
  bool IsAnonymous(const ratelimit::Request& request) const {
    const auto& category = policy_.For(request.category);
    return category.lane == ratelimit::Lane::kAnonymous &&
           !(request.trust != ratelimit::Trust::kNone && category.trusted);
  }

  std::unique_ptr<ratelimit::Limiter> limiter_;
  ratelimit::Policy policy_;
  SignalBook& book_;
  ratelimit::SourceWatch& sources_;
  base::Metrics& metrics_;
};

}  // namespace

std::unique_ptr<ratelimit::Limiter> TellSignals(std::unique_ptr<ratelimit::Limiter> limiter, ratelimit::Policy policy,
                                                SignalBook& book, ratelimit::SourceWatch& sources,
                                                base::Metrics& metrics) {
  return std::make_unique<Telling>(std::move(limiter), std::move(policy), book, sources, metrics);
}

}  // namespace sealpost::app
