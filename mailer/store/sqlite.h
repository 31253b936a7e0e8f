// What only SQLite has: its file, its pragmas, its error codes, its write-ahead log. Internal to mailer/store.
#pragma once

#include <memory>
#include <string>

#include "mailer/base/error.h"
#include "mailer/base/log.h"
#include "mailer/store/session.h"

namespace Poco {
class Exception;
}
namespace Poco::Data {
class Statement;
}

namespace sealpost::store {

enum class Access { kReadWrite, kReadOnly };

// Makes the file (mode 0600) if there is none and syncs its folder. Errors name the path. Only under the lock: a
// process that opens and closes the file loses the locks its SQLite holds on it (POSIX record locks).
base::Result<void> PrepareFile(const std::string& path);
// A connection with its pragmas set: WAL, synchronous=FULL, no checkpoints of its own, no mmap.
base::Result<std::unique_ptr<Session>> Connect(const std::string& path, Access access, base::Log& log);

// Our error for what the library threw just now on this connection; the library's words go to the log.
base::Error Describe(const Poco::Data::Session& connection, const Poco::Exception& error, base::Log& log);
// A statement to be run many times, its parameters bound with KeptBinding.
Poco::Data::Statement MakeStatement(Poco::Data::Session& connection);
// Rows changed by the latest INSERT, UPDATE or DELETE.
std::size_t Changes(const Poco::Data::Session& connection);
bool InTransaction(const Poco::Data::Session& connection);

// Moves the write-ahead log into the file, always on the writing connection and thread: SQLite before 3.51.3 may
// damage the file when two connections commit or checkpoint at the same instant.
class Checkpointer {
 public:
  // Watches the commits of `writer`, which outlives it.
  explicit Checkpointer(Session& writer);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  // Checkpoints if the log has grown past its bound since the last time. Call between commits.
  void RunIfDue();
  // Moves everything and empties the log; for the end, when no reader is left.
  void Finish();

 private:
  Session& writer_;
  int pages_ = 0;        // in the log after the latest commit
  int pages_moved_ = 0;  // in the log when it was last checkpointed
};

}  // namespace sealpost::store
