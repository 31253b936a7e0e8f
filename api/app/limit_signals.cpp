#include "api/app/limit_signals.h"

#include <string_view>
#include <utility>

#include "ratelimit/identity.h"

namespace sealpost::app {

namespace {

using ratelimit::Decision;
using ratelimit::Signal;

std::string_view KindName(Signal::Kind kind) {
  constexpr std::string_view kNames[] = {"recipient.under_attack", "recipient.recovered", "source.surge", "key.surge",
                                         "domain.surge"};
  return kNames[static_cast<std::size_t>(kind)];
}

class Telling final : public ratelimit::Limiter {
 public:
  Telling(std::unique_ptr<ratelimit::Limiter> limiter, std::string subject_key, base::Log& log, base::Metrics& metrics)
      : limiter_(std::move(limiter)), subject_key_(std::move(subject_key)), log_(log), metrics_(metrics) {}

  Decision Admit(const ratelimit::Request& request) override {
    Decision decision = limiter_->Admit(request);
    for (const std::string& rule : decision.shadow) metrics_.Count("sealpost_limit_shadow_total", {{"rule", rule}});
    for (const Signal& signal : decision.signals) Tell(signal);
    return decision;
  }
  void Refund(const ratelimit::Request& request) override { limiter_->Refund(request); }
  Decision Check(const ratelimit::Request& request) override { return limiter_->Check(request); }
  ratelimit::Explanation Explain(const ratelimit::Recipient& recipient) override {
    return limiter_->Explain(recipient);
  }
  bool Block(const std::string& mailbox, std::int64_t until) override { return limiter_->Block(mailbox, until); }
  bool Unblock(const std::string& mailbox) override { return limiter_->Unblock(mailbox); }
  bool Reset(const std::string& mailbox) override { return limiter_->Reset(mailbox); }
  bool Seed(const std::string& mailbox, const std::vector<ratelimit::Accepted>& accepted) override {
    return limiter_->Seed(mailbox, accepted);
  }
  bool Degraded() const override { return limiter_->Degraded(); }
  void CheckHealth() override { limiter_->CheckHealth(); }
  std::uint64_t Generation() const override { return limiter_->Generation(); }

 private:
  void Tell(const Signal& signal) {
    const std::string_view kind = KindName(signal.kind);
    metrics_.Count("sealpost_limit_signals_total", {{"kind", std::string(kind)}});
    // The id of an API key is no secret, and an operator has to find it.
    const std::string subject =
        signal.kind == Signal::Kind::kKeySurge ? signal.subject : ratelimit::MailboxKey(subject_key_, signal.subject);
    log_.Warn("limit_signal", {{"kind", kind}, {"subject", subject}});
  }

  std::unique_ptr<ratelimit::Limiter> limiter_;
  std::string subject_key_;
  base::Log& log_;
  base::Metrics& metrics_;
};

}  // namespace

std::unique_ptr<ratelimit::Limiter> TellSignals(std::unique_ptr<ratelimit::Limiter> limiter, std::string subject_key,
                                                base::Log& log, base::Metrics& metrics) {
  return std::make_unique<Telling>(std::move(limiter), std::move(subject_key), log, metrics);
}

}  // namespace sealpost::app
