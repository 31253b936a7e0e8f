#include "mailer/delivery/dial_gate.h"

#include "mailer/base/random.h"

namespace sealpost::delivery {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

std::optional<DialPermit> DialGate::Enter(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (healthy_ || (prober_ == 0 && Clock::now() >= not_before_)) {
      const DialPermit permit{++last_id_, outages_};
      prober_ = healthy_ ? 0 : permit.id;
      return permit;
    }
    if (stop.stop_requested()) {
      return std::nullopt;
    }
    const std::uint64_t seen = version_;
    const auto changed = [&] { return version_ != seen; };
    if (prober_ != 0) {
      changed_.wait(lock, stop, changed);
    } else {
      changed_.wait_until(lock, stop, not_before_, changed);
    }
  }
}

void DialGate::Unused(const DialPermit& permit) {
  std::lock_guard lock(mutex_);
  Release(permit);
}

void DialGate::Opened(const DialPermit&) {
  std::lock_guard lock(mutex_);
  ++connected_;
  if (failures_ == 0) {
    Heal();
  }
}

bool DialGate::Failed(const DialPermit& permit) {
  std::lock_guard lock(mutex_);
  Release(permit);
  return BeginOutage(permit) && connected_ == 0;
}

void DialGate::Proven(const DialPermit& permit) {
  std::lock_guard lock(mutex_);
  // A connection from before the outage still working does not show that new ones are welcome.
  if (permit.outage == outages_ && (!healthy_ || failures_ > 0)) {
    Heal();
  }
}

void DialGate::Troubled(const DialPermit& permit) {
  std::lock_guard lock(mutex_);
  BeginOutage(permit);
}

void DialGate::Closed(const DialPermit& permit) {
  std::lock_guard lock(mutex_);
  --connected_;
  Release(permit);
}

bool DialGate::BeginOutage(const DialPermit& permit) {
  if (permit.outage != outages_) {
    return false;
  }
  ++outages_;
  ++failures_;
  healthy_ = false;
  not_before_ = Clock::now() + pauses_.After(failures_, base::RandomUnit());
  Changed();
  return true;
}

void DialGate::Release(const DialPermit& permit) {
  if (prober_ == permit.id) {
    prober_ = 0;
    Changed();
  }
}

void DialGate::Heal() {
  healthy_ = true;
  failures_ = 0;
  prober_ = 0;
  Changed();
}

void DialGate::Changed() {
  ++version_;
  changed_.notify_all();
}

}  // namespace sealpost::delivery
