#include "mailer/store/session.h"

#include <Poco/Data/LOB.h>
#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>
#include <Poco/Exception.h>
#include <Poco/Nullable.h>

#include <algorithm>
#include <deque>
#include <exception>
#include <unordered_map>
#include <utility>

#include "mailer/store/kept_statement.h"
#include "mailer/store/sqlite.h"

namespace sealpost::store {

using base::ErrorKind;
using base::Fail;
using base::Result;
using MaybeInt = Poco::Nullable<Poco::Int64>;

struct Rows::Data {
  struct Values {
    std::vector<MaybeInt> numbers;
    std::vector<std::string> texts;
    std::vector<Poco::Data::BLOB> blobs;
  };
  // A deque, because Poco keeps references to the elements of a prepared statement's own.
  std::deque<Values> columns;
  std::size_t size = 0;
};

Rows::Rows(std::unique_ptr<Data> data) : data_(std::move(data)) {}
Rows::Rows(Rows&&) noexcept = default;
Rows& Rows::operator=(Rows&&) noexcept = default;
Rows::~Rows() = default;

std::size_t Rows::Size() const {
  return data_->size;
}

std::int64_t Rows::Number(std::size_t row, std::size_t column) const {
  return MaybeNumber(row, column).value_or(0);
}

std::optional<std::int64_t> Rows::MaybeNumber(std::size_t row, std::size_t column) const {
  const auto& value = data_->columns.at(column).numbers.at(row);
  if (value.isNull()) return std::nullopt;
  return value.value();
}

const std::string& Rows::Text(std::size_t row, std::size_t column) const {
  return data_->columns.at(column).texts.at(row);
}

std::string_view Rows::Bytes(std::size_t row, std::size_t column) const {
  const auto& blob = data_->columns.at(column).blobs.at(row);
  return {reinterpret_cast<const char*>(blob.rawContent()), blob.size()};
}

namespace {

// A statement and the places Poco binds from and extracts into: it keeps references, so they live as long.
class Prepared {
 public:
  Prepared(Poco::Data::Session& connection, std::string_view sql, std::initializer_list<Column> columns,
           std::initializer_list<Parameter> parameters)
      : sql_(sql), statement_(MakeStatement(connection)) {
    statement_ << sql_;
    for (const Parameter& parameter : parameters) AddSlot(parameter);
    for (const Column column : columns) AddColumn(column);
  }

  std::string_view Sql() const { return sql_; }

  void Run(std::initializer_list<Parameter> parameters) {
    auto slot = slots_.begin();
    for (const Parameter& parameter : parameters) Fill(*slot++, parameter);
    for (auto& column : answer_.columns) Clear(column);
    statement_.execute();
    for (auto& used : slots_) used.blob.clear(true);  // a body may be 25 MB: not kept with the statement
  }

  std::unique_ptr<Rows::Data> TakeAnswer() {
    auto taken = std::make_unique<Rows::Data>();
    for (auto& column : answer_.columns) {
      taken->size = std::max({column.numbers.size(), column.texts.size(), column.blobs.size()});
      taken->columns.push_back(std::exchange(column, {}));
    }
    return taken;
  }

 private:
  struct Slot {
    MaybeInt number;
    std::string text;
    Poco::Data::BLOB blob;
  };

  void AddSlot(const Parameter& parameter) {
    Slot& slot = slots_.emplace_back();
    if (std::holds_alternative<std::optional<std::int64_t>>(parameter.value())) {
      statement_.addBind(new KeptBinding<MaybeInt>(slot.number));
    } else if (std::holds_alternative<std::string_view>(parameter.value())) {
      statement_.addBind(new KeptBinding<std::string>(slot.text));
    } else {
      statement_.addBind(new KeptBinding<Poco::Data::BLOB>(slot.blob));
    }
  }

  void AddColumn(Column column) {
    auto& values = answer_.columns.emplace_back();
    if (column == Column::kNumber) {
      statement_, Poco::Data::Keywords::into(values.numbers);
    } else if (column == Column::kText) {
      statement_, Poco::Data::Keywords::into(values.texts);
    } else {
      statement_, Poco::Data::Keywords::into(values.blobs);
    }
  }

  static void Fill(Slot& slot, const Parameter& parameter) {
    if (const auto* number = std::get_if<std::optional<std::int64_t>>(&parameter.value())) {
      slot.number.clear();
      if (*number) slot.number = Poco::Int64{**number};
    } else if (const auto* text = std::get_if<std::string_view>(&parameter.value())) {
      slot.text.assign(*text);
    } else {
      const std::string_view bytes = std::get<Blob>(parameter.value()).bytes;
      slot.blob.assignRaw(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    }
  }

  static void Clear(Rows::Data::Values& values) {
    values.numbers.clear();
    values.texts.clear();
    values.blobs.clear();
  }

  std::string sql_;
  std::deque<Slot> slots_;
  Rows::Data answer_;
  Poco::Data::Statement statement_;
};

}  // namespace

struct Session::Impl {
  Impl(const Poco::Data::Session& connected, base::Log& used_log) : connection(connected), log(used_log) {}

  Prepared& Find(std::string_view sql, std::initializer_list<Column> columns,
                 std::initializer_list<Parameter> parameters) {
    if (const auto found = statements.find(sql); found != statements.end()) return *found->second;
    auto made = std::make_unique<Prepared>(connection, sql, columns, parameters);
    const std::string_view key = made->Sql();
    return *statements.emplace(key, std::move(made)).first->second;
  }

  // Runs `step` with the prepared statement. A failed statement is thrown away: half stepped it would hold its
  // snapshot of the database.
  template <class Step>
  auto Run(std::string_view sql, std::initializer_list<Column> columns, std::initializer_list<Parameter> parameters,
           Step step) -> Result<decltype(step(std::declval<Prepared&>()))> {
    if (failed) return Fail(ErrorKind::kInternal, "the store's transaction has failed already");
    try {
      return step(Find(sql, columns, parameters));
    } catch (const Poco::Exception& error) {
      base::Error ours = Describe(connection, error, log);
      statements.erase(sql);
      failed = in_transaction;
      return std::unexpected(std::move(ours));
    }
  }

  Result<void> Control(std::string_view sql) {
    auto done = Run(sql, {}, {}, [](Prepared& statement) {
      statement.Run({});
      return true;
    });
    if (!done) return std::unexpected(std::move(done.error()));
    return {};
  }

  Poco::Data::Session connection;
  base::Log& log;
  std::unordered_map<std::string_view, std::unique_ptr<Prepared>> statements;  // views into the statements' own text
  bool in_transaction = false;
  bool failed = false;
};

Session::Session(const Poco::Data::Session& connection, base::Log& log)
    : impl_(std::make_unique<Impl>(connection, log)) {}
Session::~Session() = default;

Poco::Data::Session& Session::Connection() {
  return impl_->connection;
}

Result<std::size_t> Session::Execute(std::string_view sql, std::initializer_list<Parameter> parameters) {
  return impl_->Run(sql, {}, parameters, [&](Prepared& statement) {
    statement.Run(parameters);
    return Changes(impl_->connection);
  });
}

Result<Rows> Session::Select(std::string_view sql, std::initializer_list<Column> columns,
                             std::initializer_list<Parameter> parameters) {
  return impl_->Run(sql, columns, parameters, [&](Prepared& statement) {
    statement.Run(parameters);
    return Rows(statement.TakeAnswer());
  });
}

Result<void> Session::RunScript(std::string_view sql) {
  if (impl_->failed) return Fail(ErrorKind::kInternal, "the store's transaction has failed already");
  try {
    Poco::Data::Statement statement(impl_->connection);
    statement << std::string(sql);
    statement.execute();
    return {};
  } catch (const Poco::Exception& error) {
    impl_->failed = impl_->in_transaction;
    return std::unexpected(Describe(impl_->connection, error, impl_->log));
  }
}

Result<void> Session::Begin() {
  auto begun = impl_->Control("BEGIN");
  impl_->in_transaction = begun.has_value();
  return begun;
}

Result<void> Session::Commit() {
  auto done = impl_->Control("COMMIT");
  if (done) impl_->in_transaction = false;
  return done;
}

void Session::Rollback() {
  impl_->failed = false;
  impl_->in_transaction = false;
  // SQLite ends a transaction by itself after some disk errors; then there is nothing left to roll back.
  if (InTransaction(impl_->connection)) std::ignore = impl_->Control("ROLLBACK");
}

Result<void> Session::SetSavepoint() {
  return impl_->Control("SAVEPOINT piece");
}

Result<void> Session::KeepSavepoint() {
  return impl_->Control("RELEASE SAVEPOINT piece");
}

Result<void> Session::UndoSavepoint() {
  impl_->failed = false;
  if (auto undone = impl_->Control("ROLLBACK TO SAVEPOINT piece"); !undone) return undone;
  return KeepSavepoint();
}

base::Result<void> Done(base::Result<std::size_t> executed) {
  if (!executed) return std::unexpected(std::move(executed.error()));
  return {};
}

Result<void> RunWork(const Database::Work& work, Session& session, base::Log& log) {
  try {
    return work(session);
  } catch (const std::exception& error) {
    log.Error("store_work_threw", {{"what", error.what()}});
  } catch (...) {
    log.Error("store_work_threw");
  }
  return Fail(ErrorKind::kInternal, "the store's work failed");
}

}  // namespace sealpost::store
