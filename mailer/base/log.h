// Structured log: one JSON object a line on stderr, fields escaped. Never hand it a secret, an address or a path
// with a token in it: mailboxes are logged by keyed hash, requests by their route pattern.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace sealpost::base {

enum class LogLevel { kDebug, kInfo, kWarn, kError, kOff };

struct LogField {
  LogField(std::string_view n, std::string_view v) : name(n), text(v) {}
  LogField(std::string_view n, const std::string& v) : name(n), text(v) {}
  LogField(std::string_view n, const char* v) : name(n), text(v) {}
  LogField(std::string_view n, std::int64_t v) : name(n), text(std::to_string(v)), raw(true) {}
  LogField(std::string_view n, int v) : name(n), text(std::to_string(v)), raw(true) {}
  LogField(std::string_view n, std::size_t v) : name(n), text(std::to_string(v)), raw(true) {}
  LogField(std::string_view n, bool v) : name(n), text(v ? "true" : "false"), raw(true) {}
  std::string name;
  std::string text;
  bool raw = false;  // written without quotes
};

// Thread safe. `event` is a stable snake_case word ("delivery_attempt"); field text is cut at 1,000 bytes.
class Log {
 public:
  explicit Log(LogLevel level);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void Debug(std::string_view event, std::initializer_list<LogField> fields = {});
  void Info(std::string_view event, std::initializer_list<LogField> fields = {});
  void Warn(std::string_view event, std::initializer_list<LogField> fields = {});
  void Error(std::string_view event, std::initializer_list<LogField> fields = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sealpost::base
