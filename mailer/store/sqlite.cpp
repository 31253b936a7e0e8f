#include "mailer/store/sqlite.h"

#include <Poco/Data/SQLite/SessionImpl.h>
#include <Poco/Data/SQLite/Utility.h>
#include <Poco/Data/Session.h>
#include <Poco/Exception.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "mailer/store/kept_statement.h"

namespace sealpost::store {

using base::ErrorKind;
using base::Fail;
using base::Result;

namespace {

// 16 MB of 4 KB pages: long enough that two syncs a checkpoint do not matter, short enough that writing them out
// holds the next commit up for tens of milliseconds only.
constexpr int kCheckpointPages = 4000;

sqlite3* Handle(const Poco::Data::Session& connection) {
  return Poco::Data::SQLite::Utility::dbHandle(connection);
}

base::Error CannotUse(const std::string& path, const std::string& why) {
  return {ErrorKind::kUnavailable, "cannot use the store " + path + ": " + why, "store.url"};
}

Result<void> SyncFolder(const std::string& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0 || ::fsync(descriptor) != 0) {
    const std::string why = std::strerror(errno);
    if (descriptor >= 0) ::close(descriptor);
    return std::unexpected(CannotUse(folder, why));
  }
  ::close(descriptor);
  return {};
}

Result<void> SetPragmas(Session& session, Access access) {
  // Temporary data stays in memory: mail does not belong in /tmp.
  for (const char* pragma : {"PRAGMA main.synchronous = FULL", "PRAGMA wal_autocheckpoint = 0", "PRAGMA mmap_size = 0",
                             "PRAGMA busy_timeout = 5000", "PRAGMA foreign_keys = ON", "PRAGMA temp_store = MEMORY",
                             "PRAGMA main.journal_size_limit = 67108864", "PRAGMA trusted_schema = OFF"}) {
    if (auto done = session.RunScript(pragma); !done) return done;
  }
  if (access == Access::kReadOnly) return session.RunScript("PRAGMA query_only = ON");
  auto mode = session.Select("PRAGMA main.journal_mode = WAL", {Column::kText});
  if (!mode) return std::unexpected(std::move(mode.error()));
  if (mode->Size() != 1 || mode->Text(0, 0) != "wal") {
    return Fail(ErrorKind::kUnavailable, "its file system cannot hold a write-ahead log: use a local disk");
  }
  return {};
}

ErrorKind KindOf(int extended_code) {
  if (extended_code == SQLITE_CONSTRAINT_UNIQUE || extended_code == SQLITE_CONSTRAINT_PRIMARYKEY) {
    return ErrorKind::kConflict;
  }
  switch (extended_code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
    case SQLITE_READONLY:
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FULL:
    case SQLITE_CANTOPEN:
      return ErrorKind::kUnavailable;
    default:
      return ErrorKind::kInternal;
  }
}

}  // namespace

Result<void> PrepareFile(const std::string& path) {
  const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made >= 0) {
    ::close(made);
    return SyncFolder(std::filesystem::path(path).parent_path());
  }
  const int found = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (found < 0) return std::unexpected(CannotUse(path, std::strerror(errno)));
  ::close(found);
  return {};
}

Result<std::unique_ptr<Session>> Connect(const std::string& path, Access access, base::Log& log) {
  try {
    const Poco::AutoPtr<Poco::Data::SessionImpl> connection(new Poco::Data::SQLite::SessionImpl(path));
    auto session = std::make_unique<Session>(Poco::Data::Session(connection), log);
    if (auto set = SetPragmas(*session, access); !set) return std::unexpected(CannotUse(path, set.error().message));
    return session;
  } catch (const Poco::Exception& error) {
    return std::unexpected(CannotUse(path, error.displayText()));
  }
}

base::Error Describe(const Poco::Data::Session& connection, const Poco::Exception& error, base::Log& log) {
  const int code = sqlite3_extended_errcode(Handle(connection));
  const ErrorKind kind = KindOf(code);
  if (kind == ErrorKind::kConflict) return {kind, "it exists already"};
  log.Error("store_statement_failed", {{"code", code}, {"what", error.displayText()}});
  if (kind == ErrorKind::kInternal) return {kind, "the store refused a statement"};
  switch (code & 0xff) {
    case SQLITE_FULL:
      return {kind, "the disk of the store is full: free some space"};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {kind, "the file is damaged or no SQLite database: restore it from a backup"};
    case SQLITE_READONLY:
      return {kind, "the store is read-only here"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {kind, "another program keeps the store locked: try again"};
    default:
      return {kind, "the disk of the store fails: try again"};
  }
}

Poco::Data::Statement MakeStatement(Poco::Data::Session& connection) {
  return Poco::Data::Statement(new KeptStatement(*connection.impl(), Handle(connection)));
}

std::size_t Changes(const Poco::Data::Session& connection) {
  return static_cast<std::size_t>(sqlite3_changes(Handle(connection)));
}

bool InTransaction(const Poco::Data::Session& connection) {
  return sqlite3_get_autocommit(Handle(connection)) == 0;
}

Checkpointer::Checkpointer(Session& writer) : writer_(writer) {
  sqlite3_wal_hook(
      Handle(writer_.Connection()),
      [](void* pages, sqlite3*, const char*, int count) {
        *static_cast<int*>(pages) = count;
        return SQLITE_OK;
      },
      &pages_);
}

Checkpointer::~Checkpointer() {
  sqlite3_wal_hook(Handle(writer_.Connection()), nullptr, nullptr);
}

void Checkpointer::RunIfDue() {
  // Fewer pages than moved: the log was begun anew since, which a later and longer log would not show any more.
  // Counting from the last time keeps a reader that holds an old snapshot from causing a checkpoint after every commit.
  if (pages_ < pages_moved_) pages_moved_ = 0;
  if (pages_ - pages_moved_ < kCheckpointPages) return;
  pages_moved_ = pages_;
  // A failure is logged where it happens and loses nothing: the log keeps the pages for the next time.
  std::ignore = writer_.RunScript("PRAGMA main.wal_checkpoint(PASSIVE)");
}

void Checkpointer::Finish() {
  std::ignore = writer_.RunScript("PRAGMA main.wal_checkpoint(TRUNCATE)");
}

}  // namespace sealpost::store
