#include "api/app/signal_book.h"

#include <utility>

#include "mailer/base/id.h"
#include "mailer/store/limit_signals.h"
#include "ratelimit/identity.h"

namespace sealpost::app {

namespace {

using ratelimit::AttackState;
using ratelimit::Signal;

constexpr std::chrono::days kKeptFor{90};
constexpr std::size_t kKeptAtMost = 100'000;
constexpr std::size_t kSweepEvery = 1'000;
constexpr std::size_t kOpenAtMost = 10'000;
constexpr std::chrono::seconds kAskAgain{60};
constexpr std::size_t kAskedAtOnce = 200;  // all of them within a minute, a second's share at a time

}  // namespace

void SignalBook::Tell(const Signal& signal) {
  const base::Time now = parts_.clock.Now();
  // The id of an API key is no secret, and an operator has to find it.
  const std::string subject = signal.kind == Signal::Kind::kKeySurge
                                  ? signal.subject
                                  : ratelimit::MailboxKey(parts_.subject_key, signal.subject);
  const std::string kind(ratelimit::NameOf(signal.kind));
  parts_.metrics.Count("sealpost_limit_signals_total", {{"kind", kind}});
  parts_.log.Warn("limit_signal", {{"kind", kind}, {"subject", subject}});
  if (signal.kind == Signal::Kind::kUnderAttack) {
    const auto open = open_.Lock();
    if (open->size() < kOpenAtMost) open->insert_or_assign(signal.subject, now + kAskAgain);
  }
  if (signal.kind == Signal::Kind::kRecovered) open_.Lock()->erase(signal.subject);
  const bool sweep = ++told_ % kSweepEvery == 0;
  parts_.database.Post([row = store::LimitSignal{base::NewId(now), now, kind, subject}](
                           store::Session& session) { return store::InsertLimitSignal(session, row); },
                       [&log = parts_.log](const base::Result<void>& kept) {
                         if (!kept) log.Warn("limit_signal_not_kept", {{"error", kept.error().message}});
                       });
  if (sweep) Sweep();
  if (listener_) listener_(signal);
}

void SignalBook::TellForgotten(const std::string& mailbox) {
  const bool was_open = open_.Lock()->erase(mailbox) != 0;
  if (was_open) Tell({Signal::Kind::kRecovered, mailbox});
}

std::vector<std::string> SignalBook::Due() {
  const base::Time now = parts_.clock.Now();
  std::vector<std::string> due;
  const auto open = open_.Lock();
  for (auto& [mailbox, ask_at] : *open) {
    if (now < ask_at) continue;
    if (due.size() == kAskedAtOnce) break;
    ask_at = now + kAskAgain;
    due.push_back(mailbox);
  }
  return due;
}

void SignalBook::LookAfter(ratelimit::Limiter& limiter) {
  for (const std::string& mailbox : Due()) {
    const AttackState state = limiter.Recover(mailbox);
    if (state == AttackState::kGoesOn) continue;
    // Where a request has told the end, it is open no more. An attack that was lost with the counters has ended, too.
    if (open_.Lock()->erase(mailbox) != 0) Tell({Signal::Kind::kRecovered, mailbox});
  }
}

void SignalBook::Sweep() {
  const base::Time since = parts_.clock.Now() - kKeptFor;
  parts_.database.Post(
      [since](store::Session& session) { return store::SweepLimitSignals(session, since, kKeptAtMost); },
      [](const base::Result<void>&) {});
}

}  // namespace sealpost::app
