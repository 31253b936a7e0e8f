// Read-only sessions, lent one at a time. Internal to mailer/store.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "mailer/base/error.h"
#include "mailer/base/log.h"
#include "mailer/store/database.h"
#include "mailer/store/session.h"

namespace sealpost::store {

// Thread safe.
class ReadPool {
 public:
  ReadPool(std::vector<std::unique_ptr<Session>> sessions, base::Log& log);

  // Waits for a free session; the work sees one snapshot, taken at its first statement.
  base::Result<void> Read(const Database::Work& work);

 private:
  std::unique_ptr<Session> Borrow();
  void Return(std::unique_ptr<Session> session);

  base::Log& log_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Session>> free_;  // guarded by mutex_
};

}  // namespace sealpost::store
