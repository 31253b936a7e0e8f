// The one door to the SQL store (Poco::Data behind it). SQLite: exactly one connection writes and checkpoints,
// owned by the writer's thread (WAL, synchronous=FULL); others only read. Debian 12's SQLite has a WAL bug when
// two connections commit or checkpoint at the same instant, which is why there is one, and why a file lock keeps
// a second process out.
//
// Group commit: Write() queues a piece of work; the writer runs all that wait in one transaction and syncs once.
// Each piece runs inside a savepoint, so a failing one undoes only itself. Within a piece no statement succeeds after
// one that failed: work returns the error it got.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "mailer/base/clock.h"
#include "mailer/base/error.h"
#include "mailer/base/log.h"

namespace sealpost::store {

// A database session as repositories see it; only mailer/store knows what is inside.
class Session;

struct Options {
  std::string url;                           // sqlite:///absolute/path; postgresql:// is not served yet
  std::chrono::milliseconds commit_wait{2};  // how long the writer gathers work before it commits
  std::size_t commit_size = 64;              // pieces of work that end the gathering early
  std::size_t readers = 4;                   // read-only connections
};

struct Stats {
  std::uint64_t commits = 0;    // transactions on disk since the start
  std::uint64_t committed = 0;  // pieces of work they carried
};

// Thread safe. Destruction finishes the queued work first.
class Database {
 public:
  using Work = std::function<base::Result<void>(Session&)>;

  // Takes the lock beside the file, opens, migrates. The error says who holds it or what is wrong with the file.
  static base::Result<std::unique_ptr<Database>> Open(const Options& options, base::Log& log);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Work runs on the writer's thread and captures by reference only what outlives the call; what it throws becomes
  // kInternal. Returns when the work is on disk, with the work's own error, or kUnavailable if it could not be
  // committed.
  base::Result<void> Write(Work work);
  // The same without waiting: `done` is called on the writer's thread after the commit (or the failure).
  void Post(Work work, std::function<void(base::Result<void>)> done);
  // Runs with a read-only session that sees everything committed before the call, and nothing later. Waits for a
  // free one, so work does not call Read itself.
  base::Result<void> Read(const Work& work);

  // False after a failed commit (disk full, I/O error) until one succeeds again: sends are refused then.
  bool Writable() const;
  Stats Statistics() const;

 private:
  struct Impl;
  explicit Database(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sealpost::store
