// What becomes of what the limiter tells: a line in the log, a number in the metrics, a row in the store. Open attacks
// are looked after, so that their end is told when it comes and not with the next request. Mailboxes, sources and
// domains are keyed hashes everywhere but in the memory of this process.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "mailer/base/clock.h"
#include "mailer/base/guarded.h"
#include "mailer/base/log.h"
#include "mailer/base/metrics.h"
#include "mailer/store/database.h"
#include "ratelimit/limiter.h"

namespace sealpost::app {

struct SignalBookParts {
  store::Database& database;
  const base::Clock& clock;
  base::Log& log;
  base::Metrics& metrics;
  std::string subject_key;  // of ratelimit::MailboxKey, as in the audit
};

// Thread safe. All that `parts` names outlives it; nothing waits for the store.
class SignalBook {
 public:
  using Listener = std::function<void(const ratelimit::Signal&)>;

  explicit SignalBook(SignalBookParts parts) : parts_(std::move(parts)) {}
  // Who hears of every signal as well. Before the first one.
  void HeardBy(Listener listener) { listener_ = std::move(listener); }

  void Tell(const ratelimit::Signal& signal);
  // The limiter was made to forget the mailbox: if it was under attack, that is told as the end.
  void TellForgotten(const std::string& mailbox);
  // Asks about the open attacks, each once a minute, and tells their end. Meant for about once a second.
  void LookAfter(ratelimit::Limiter& limiter);
  // Removes from the store what is older than 90 days, and beyond 100,000 signals the oldest; that is also done while
  // many are told.
  void Sweep();

 private:
  std::vector<std::string> Due();

  SignalBookParts parts_;
  Listener listener_;
  std::atomic<std::size_t> told_ = 0;
  // Mailboxes under attack, as far as this process was told, and when to ask again. At most 10,000: of further ones the
  // end is told with the next request.
  base::Guarded<std::map<std::string, base::Time>> open_;
};

}  // namespace sealpost::app
