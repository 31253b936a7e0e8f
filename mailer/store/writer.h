// Group commit: one thread with the one writing session runs all the work that waits in one transaction and syncs
// once for all of it. Internal to mailer/store.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "mailer/base/error.h"
#include "mailer/base/log.h"
#include "mailer/store/database.h"
#include "mailer/store/session.h"
#include "mailer/store/sqlite.h"

namespace sealpost::store {

// Thread safe. Destruction finishes the queued work, then empties the write-ahead log.
class Writer {
 public:
  using Done = std::function<void(base::Result<void>)>;

  Writer(std::unique_ptr<Session> session, std::chrono::milliseconds commit_wait, std::size_t commit_size,
         base::Log& log);
  ~Writer();

  // `done` runs on the writer's thread, after the commit or its failure.
  void Post(Database::Work work, Done done);
  bool Writable() const { return writable_; }
  Stats Statistics() const { return {commits_, committed_}; }
  // Whether the caller is the writer's own thread: waiting there for a write would never end.
  bool OnOwnThread() const { return std::this_thread::get_id() == thread_.get_id(); }

 private:
  struct Piece {
    Database::Work work;
    Done done;
    std::chrono::steady_clock::time_point since;
    base::Result<void> result = {};
  };

  void Run(std::stop_token stop);
  // All that waits; nothing at the end, or when it is time to probe a disk that failed.
  std::vector<Piece> Gather(std::stop_token stop);
  void Process(std::vector<Piece>& batch);
  base::Result<void> RunTransaction(std::vector<Piece>& batch);
  base::Result<void> RunPiece(Piece& piece);
  void SetWritable(bool writable);

  const std::chrono::milliseconds commit_wait_;
  const std::size_t commit_size_;
  base::Log& log_;
  std::unique_ptr<Session> session_;
  Checkpointer checkpointer_;
  std::atomic<bool> writable_ = true;
  std::atomic<std::uint64_t> commits_ = 0;
  std::atomic<std::uint64_t> committed_ = 0;
  std::mutex mutex_;
  std::condition_variable_any arrived_;
  std::vector<Piece> waiting_;  // guarded by mutex_
  std::jthread thread_;         // last: it uses all of the above
};

}  // namespace sealpost::store
