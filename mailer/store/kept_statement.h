// A statement of Poco::Data::SQLite that is compiled once. Poco's own (1.11) compiles anew each time it is executed,
// which costs a small statement more than its work does. Internal to session.cpp and sqlite.cpp.
#pragma once

#include <Poco/Data/Binding.h>
#include <Poco/Data/SQLite/SQLiteStatementImpl.h>
#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>

namespace sealpost::store {

// Every parameter is a KeptBinding; the text holds one statement only.
class KeptStatement final : public Poco::Data::SQLite::SQLiteStatementImpl {
 public:
  using SQLiteStatementImpl::SQLiteStatementImpl;

 protected:
  void compileImpl() override {
    if (compiled_) return;
    SQLiteStatementImpl::compileImpl();
    compiled_ = true;
  }
  // "Once more with the next values": never, an execution is one run.
  bool canBind() const override { return false; }

 private:
  bool compiled_ = false;
};

// Always ready to be bound. Poco then goes back to the first parameter after each execution, which otherwise only a
// compilation does.
template <class T>
class KeptBinding final : public Poco::Data::Binding<T> {
 public:
  explicit KeptBinding(T& value) : Poco::Data::Binding<T>(value) {}
  bool canBind() const override { return true; }
};

}  // namespace sealpost::store
