#include "api/http/census.h"

#include <sys/socket.h>

#include <utility>

namespace sealpost::http {

std::unique_ptr<Census::Entry> Census::Enter(int socket, const std::string& key, std::size_t limit) {
  const std::lock_guard lock(mutex_);
  if (!key.empty()) {
    std::size_t& count = counts_[key];
    if (count >= limit) return nullptr;
    ++count;
  }
  std::unique_ptr<Entry> entry(new Entry(*this, socket, key));
  entry->place_ = entries_.insert(entries_.end(), entry.get());
  return entry;
}

Census::Entry::~Entry() {
  const std::lock_guard lock(census_.mutex_);
  census_.entries_.erase(place_);
  if (!key_.empty()) {
    const auto count = census_.counts_.find(key_);
    if (--count->second == 0) census_.counts_.erase(count);
  }
  // Told under the lock: the waiter may destroy the census as soon as it sees it empty.
  if (census_.entries_.empty()) census_.emptied_.notify_all();
}

void Census::Shutdown(bool only_idle) {
  // Under the lock no entry can leave, so no socket number here can belong to somebody else by now.
  const std::lock_guard lock(mutex_);
  for (const Entry* entry : entries_) {
    if (only_idle && !entry->idle_) continue;
    ::shutdown(entry->socket_, only_idle ? SHUT_RD : SHUT_RDWR);
  }
}

bool Census::WaitEmpty(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return emptied_.wait_until(lock, deadline, [&] { return entries_.empty(); });
}

bool BodyBudget::Lease::GrowTo(std::size_t bytes) {
  const auto more = static_cast<std::ptrdiff_t>(bytes) - held_;
  if (more <= 0) return true;
  if (budget_.left_.fetch_sub(more) < more) {
    budget_.left_ += more;
    return false;
  }
  held_ += more;
  return true;
}

}  // namespace sealpost::http
