// A database session over Poco::Data: statements are prepared once and kept, library errors become ours.
// Internal to mailer/store; other rooms only hand a Session& on.
//
// One thread at a time. SQL has placeholders $1..$n, ascending, each once, because Poco binds by position.
// Inside a transaction a failed statement makes all later ones fail until it is rolled back (to its savepoint at
// least): so nothing is half done by work that overlooks an error, and both databases behave alike.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mailer/base/error.h"
#include "mailer/base/log.h"
#include "mailer/store/database.h"

namespace Poco::Data {
class Session;
}

namespace sealpost::store {

struct Blob {
  std::string_view bytes;
};

// One value for a placeholder; views stay the caller's until the statement has run.
class Parameter {
 public:
  Parameter(int value) : value_(std::optional<std::int64_t>(value)) {}
  Parameter(std::int64_t value) : value_(std::optional<std::int64_t>(value)) {}
  Parameter(std::optional<std::int64_t> value) : value_(value) {}
  Parameter(std::string_view value) : value_(value) {}
  Parameter(const std::string& value) : value_(std::string_view(value)) {}
  Parameter(const char* value) : value_(std::string_view(value)) {}
  Parameter(Blob value) : value_(value) {}

  const auto& value() const { return value_; }

 private:
  std::variant<std::optional<std::int64_t>, std::string_view, Blob> value_;
};

enum class Column { kNumber, kText, kBlob };

// The answer to a Select, owned by the caller. Rows and columns count from 0; the column's type is the one asked for.
class Rows {
 public:
  struct Data;
  explicit Rows(std::unique_ptr<Data> data);
  Rows(Rows&&) noexcept;
  Rows& operator=(Rows&&) noexcept;
  ~Rows();

  std::size_t Size() const;
  std::int64_t Number(std::size_t row, std::size_t column) const;  // 0 for NULL
  std::optional<std::int64_t> MaybeNumber(std::size_t row, std::size_t column) const;
  const std::string& Text(std::size_t row, std::size_t column) const;
  std::string_view Bytes(std::size_t row, std::size_t column) const;

 private:
  std::unique_ptr<Data> data_;
};

class Session {
 public:
  // Takes a connected session. The log gets the library's words about failures, which carry no values.
  Session(const Poco::Data::Session& connection, base::Log& log);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Rows changed. kConflict: a unique column holds the value already. kUnavailable: the disk is full or fails, or
  // the file is locked. kInternal: everything else.
  base::Result<std::size_t> Execute(std::string_view sql, std::initializer_list<Parameter> parameters = {});
  base::Result<Rows> Select(std::string_view sql, std::initializer_list<Column> columns,
                            std::initializer_list<Parameter> parameters = {});
  // Several statements without parameters, not kept.
  base::Result<void> RunScript(std::string_view sql);

  base::Result<void> Begin();
  base::Result<void> Commit();
  // Never fails in a way that matters: afterwards no transaction is open.
  void Rollback();
  // One savepoint at a time. An error of Keep or Undo says that the whole transaction is lost.
  base::Result<void> SetSavepoint();
  base::Result<void> KeepSavepoint();
  base::Result<void> UndoSavepoint();

  Poco::Data::Session& Connection();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// What Execute answered where nobody asks how many rows it were.
base::Result<void> Done(base::Result<std::size_t> executed);

// Runs `work`; an exception that leaves it becomes kInternal.
base::Result<void> RunWork(const Database::Work& work, Session& session, base::Log& log);

}  // namespace sealpost::store
