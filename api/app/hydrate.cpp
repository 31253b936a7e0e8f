#include "api/app/hydrate.h"

#include <unordered_map>
#include <utility>
#include <vector>

#include "mailer/store/audit.h"
#include "ratelimit/identity.h"

namespace sealpost::app {

namespace {

constexpr std::chrono::hours kBack{24};
constexpr std::size_t kEmailsInBatch = 500;

}  // namespace

bool Hydrator::IsDue() {
  const std::uint64_t generation = parts_.limiter.Generation();
  const bool degraded = parts_.limiter.Degraded();
  // Also at every start: what was sent while Redis was away, or after its last snapshot, the last process knew alone.
  const bool due = generation_ != generation;
  generation_ = generation;
  was_degraded_ = degraded;
  return due;
}

void Hydrator::Begin() {
  since_ = parts_.clock.Now() - kBack;
  before_.clear();
  of_let_out_ = false;
  seeded_ = 0;
  running_ = true;
}

// With each batch anew: an administrator does not wait for the last one.
base::Result<void> Hydrator::ReadResets(store::Session& session) {
  const auto resets = store::AuditSince(session, "limits.reset", since_);
  if (!resets) return std::unexpected(resets.error());
  forgotten_.clear();
  for (const auto& reset : *resets) forgotten_.try_emplace(reset.subject, reset.at);
  return {};
}

bool Hydrator::WasForgotten(const store::AcceptedDelivery& delivery) const {
  if (forgotten_.empty()) return false;
  const auto reset = forgotten_.find(ratelimit::MailboxKey(parts_.subject_key, delivery.mailbox));
  return reset != forgotten_.end() && delivery.at <= reset->second;
}

void Hydrator::Seed(const store::AcceptedPage& page) {
  std::unordered_map<std::string, std::vector<ratelimit::Accepted>> by_mailbox;
  for (const auto& delivery : page.deliveries) {
    if (WasForgotten(delivery)) continue;
    by_mailbox[delivery.mailbox].push_back(
        {.id = delivery.id,
         .at = base::ToMillis(delivery.at),
         .category = parts_.policy.Find(delivery.category).value_or(ratelimit::Category::kUncategorized),
         .trust = ratelimit::ParseTrust(delivery.trust).value_or(ratelimit::Trust::kNone),
         .confirmed = delivery.confirmed});
  }
  for (const auto& [mailbox, accepted] : by_mailbox) {
    parts_.limiter.Seed(mailbox, accepted);
    seeded_ += accepted.size();
  }
}

base::Result<void> Hydrator::SeedBatch() {
  const std::scoped_lock lock(batch_);
  store::AcceptedPage page;
  const auto read = parts_.database.Read([&](store::Session& session) -> base::Result<void> {
    auto found = of_let_out_ ? store::LetOutBefore(session, before_, since_, kEmailsInBatch)
                             : store::AcceptedBefore(session, before_, since_, kEmailsInBatch);
    if (!found) return std::unexpected(found.error());
    page = std::move(*found);
    return ReadResets(session);
  });
  if (!read) return read;
  Seed(page);
  before_ = page.next;
  running_ = !page.next.empty() || !of_let_out_;
  of_let_out_ = of_let_out_ || page.next.empty();
  if (!running_ && seeded_ != 0) parts_.log.Info("limiter_hydrated", {{"messages", seeded_}});
  return {};
}

bool Hydrator::Reset(const std::string& mailbox) {
  const std::scoped_lock lock(batch_);
  return parts_.limiter.Reset(mailbox);
}

bool Hydrator::Step() {
  const bool first = !generation_;
  const bool was_degraded = was_degraded_;
  const bool due = IsDue();
  base::Result<void> done;
  // The blocks are few and told anew whenever they may be unknown: after a loss, and after an outage during which only
  // this process was told.
  if (first || due || (was_degraded && !was_degraded_)) done = parts_.blocks.Restore();
  if (done && due) Begin();
  if (done && running_) done = SeedBatch();
  if (done) return running_;
  parts_.log.Error("limiter_not_hydrated", {{"error", done.error().message}});
  running_ = false;
  generation_.reset();
  return false;
}

}  // namespace sealpost::app
