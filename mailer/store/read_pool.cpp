#include "mailer/store/read_pool.h"

#include <utility>

namespace sealpost::store {

ReadPool::ReadPool(std::vector<std::unique_ptr<Session>> sessions, base::Log& log)
    : log_(log), free_(std::move(sessions)) {}

base::Result<void> ReadPool::Read(const Database::Work& work) {
  auto session = Borrow();
  auto result = session->Begin();
  if (result) result = RunWork(work, *session, log_);
  // Also after a failure: an open snapshot would keep the write-ahead log from being emptied.
  session->Rollback();
  Return(std::move(session));
  return result;
}

std::unique_ptr<Session> ReadPool::Borrow() {
  std::unique_lock lock(mutex_);
  returned_.wait(lock, [this] { return !free_.empty(); });
  auto session = std::move(free_.back());
  free_.pop_back();
  return session;
}

void ReadPool::Return(std::unique_ptr<Session> session) {
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(session));
  }
  returned_.notify_one();
}

}  // namespace sealpost::store
