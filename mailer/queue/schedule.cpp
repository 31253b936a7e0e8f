#include "mailer/queue/schedule.h"

#include <algorithm>

namespace sealpost::queue {

base::Time Schedule::ExpiresAt(const model::Job& job) const {
  const auto lifetime = job.category == "otp" ? options_.code_lifetime : options_.lifetime;
  const base::Time by_category = job.scheduled_at.value_or(job.created_at) + lifetime;
  return job.expires_at ? std::min(*job.expires_at, by_category) : by_category;
}

std::optional<base::Time> Schedule::NextAttempt(const model::Job& job, base::Time now, double random) const {
  const base::Backoff& backoff = job.category == "otp" ? options_.code_retry : options_.retry;
  const base::Time next = now + backoff.After(job.delivery.attempts, random);
  if (next >= ExpiresAt(job)) return std::nullopt;
  return next;
}

}  // namespace sealpost::queue
