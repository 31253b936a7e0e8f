#include "mailer/base/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "mailer/base/clock.h"
#include "mailer/base/json.h"

namespace sealpost::base {
namespace {

constexpr std::size_t kFieldLimit = 1000;  // bytes

spdlog::level::level_enum LibraryLevel(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kOff:
      break;
  }
  return spdlog::level::off;
}

std::string_view Name(LogLevel level) {
  constexpr std::string_view kNames[] = {"debug", "info", "warn", "error", "off"};
  return kNames[static_cast<std::size_t>(level)];
}

// Never in the middle of a character.
std::string_view Cut(std::string_view text) {
  if (text.size() <= kFieldLimit) return text;
  std::size_t end = kFieldLimit;
  while (end > kFieldLimit - 4 && (text[end] & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace

struct Log::Impl {
  explicit Impl(LogLevel level) : logger("sealpost", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger.set_level(LibraryLevel(level));
    logger.set_pattern("%v");
  }

  void Write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
    if (!logger.should_log(LibraryLevel(level))) return;
    JsonWriter line;
    line.BeginObject().Key("ts").String(ToRfc3339(SystemClock().Now()));
    line.Key("level").String(Name(level)).Key("event").String(event);
    for (const LogField& field : fields) {
      line.Key(field.name);
      field.raw ? line.Raw(field.text) : line.String(Cut(field.text));
    }
    const std::string text = line.EndObject().Take();
    logger.log(LibraryLevel(level), spdlog::string_view_t(text.data(), text.size()));
  }

  spdlog::logger logger;
};

Log::Log(LogLevel level) : impl_(std::make_unique<Impl>(level)) {}
Log::~Log() = default;

void Log::Debug(std::string_view event, std::initializer_list<LogField> fields) {
  impl_->Write(LogLevel::kDebug, event, fields);
}

void Log::Info(std::string_view event, std::initializer_list<LogField> fields) {
  impl_->Write(LogLevel::kInfo, event, fields);
}

void Log::Warn(std::string_view event, std::initializer_list<LogField> fields) {
  impl_->Write(LogLevel::kWarn, event, fields);
}

void Log::Error(std::string_view event, std::initializer_list<LogField> fields) {
  impl_->Write(LogLevel::kError, event, fields);
}

}  // namespace sealpost::base
