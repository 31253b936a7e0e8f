#include "mailer/submit/in_flight.h"

namespace sealpost::submit {

InFlight::Mark InFlight::Add(const std::string& id) {
  const std::lock_guard lock(mutex_);
  ids_.insert(id);
  return {this, id};
}

bool InFlight::AwaitEnd(const std::string& id, std::chrono::milliseconds wait) {
  std::unique_lock lock(mutex_);
  if (!ids_.contains(id)) return false;
  return ended_.wait_for(lock, wait, [&] { return !ids_.contains(id); });
}

void InFlight::Remove(const std::string& id) {
  const std::lock_guard lock(mutex_);
  ids_.erase(id);
  ended_.notify_all();
}

}  // namespace sealpost::submit
