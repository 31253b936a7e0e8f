// The limiter with ears: what becomes known with a decision (an attack, a surge, a rule in shadow mode that would have
// refused) becomes a line in the log and a number in the metrics. Mailboxes, sources and domains are keyed hashes
// there.
#pragma once

#include <memory>
#include <string>

#include "mailer/base/log.h"
#include "mailer/base/metrics.h"
#include "ratelimit/limiter.h"

namespace sealpost::app {

// `subject_key` hides what a signal is about, as it does in the audit. Log and metrics outlive the limiter.
std::unique_ptr<ratelimit::Limiter> TellSignals(std::unique_ptr<ratelimit::Limiter> limiter, std::string subject_key,
                                                base::Log& log, base::Metrics& metrics);

}  // namespace sealpost::app
