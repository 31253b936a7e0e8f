// The limiter with ears: what becomes known with a decision (an attack, a surge, which rule refused, which one in
// shadow mode would have) is told to the book of signals and counted in the metrics; where anonymous requests say that
// they come from is noted.
#pragma once

#include <memory>

#include "api/app/signal_book.h"
#include "mailer/base/metrics.h"
#include "ratelimit/limiter.h"
#include "ratelimit/source_watch.h"

namespace sealpost::app {

// `policy` is the limiter's own. Everything else outlives the limiter.
std::unique_ptr<ratelimit::Limiter> TellSignals(std::unique_ptr<ratelimit::Limiter> limiter, ratelimit::Policy policy,
                                                SignalBook& book, ratelimit::SourceWatch& sources,
                                                base::Metrics& metrics);

}  // namespace sealpost::app
