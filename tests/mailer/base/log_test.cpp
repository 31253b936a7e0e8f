#include "mailer/base/log.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <functional>
#include <sstream>
#include <thread>
#include <vector>

#include "mailer/base/clock.h"
#include "mailer/base/json.h"
#include "tests/support/temp_folder.h"

using namespace sealpost::base;

namespace {

// What an action writes to stderr, line by line.
std::vector<std::string> Lines(const std::function<void()>& action) {
  const sealpost::tests::TempFolder folder;
  const int file = ::open(folder.Write("err", "").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  const int before = ::fcntl(2, F_DUPFD_CLOEXEC, 3);
  REQUIRE(::dup2(file, 2) == 2);
  action();
  REQUIRE(::dup2(before, 2) == 2);
  ::close(before);
  ::close(file);
  std::istringstream text(folder.Read("err"));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("an event is one line of JSON: time, level, name, then its fields in order") {
  const auto lines = Lines([] {
    Log log(LogLevel::kInfo);
    log.Info("delivery_attempt", {{"host", "mx.example"}, {"attempt", 3}, {"tls", true}, {"bytes", std::size_t{7}}});
  });
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("{\"ts\":\"20"));
  CHECK(lines[0].ends_with(
      R"(","level":"info","event":"delivery_attempt","host":"mx.example","attempt":3,"tls":true,"bytes":7})"));
  const auto document = JsonDocument::Parse(lines[0]);
  REQUIRE(document.has_value());
  CHECK(FromRfc3339(*document->Root()["ts"].String()).has_value());
}

TEST_CASE("a log writes its own level and those above it") {
  const auto all = [](Log& log) {
    log.Debug("d");
    log.Info("i");
    log.Warn("w");
    log.Error("e");
  };
  const auto count = [&](LogLevel level) {
    return Lines([&] {
             Log log(level);
             all(log);
           })
        .size();
  };
  CHECK(count(LogLevel::kDebug) == 4);
  CHECK(count(LogLevel::kInfo) == 3);
  CHECK(count(LogLevel::kWarn) == 2);
  CHECK(count(LogLevel::kError) == 1);
  CHECK(count(LogLevel::kOff) == 0);
}

TEST_CASE("no field can end its line, fake another or drive a terminal") {
  const std::string hostile = "a\"}\n{\"event\":\"fake\"}\r\x1b[31m\u009b31m\u2028\x7f {} %s \\";
  const auto lines = Lines([&] { Log(LogLevel::kInfo).Warn("e", {{"reply", hostile}, {"na\nme", "x"}}); });
  REQUIRE(lines.size() == 1);
  for (const char c : lines[0]) CHECK((c >= 0x20 && c < 0x7f));
  const auto document = JsonDocument::Parse(lines[0]);
  REQUIRE(document.has_value());
  CHECK(document->Root()["reply"].String() == hostile);
  CHECK(document->Root()["na\nme"].String() == "x");
}

TEST_CASE("bytes that are no UTF-8 still make a line of JSON") {
  const auto lines = Lines([] { Log(LogLevel::kInfo).Info("e", {{"reply", "550 \xff\xc3"}}); });
  REQUIRE(lines.size() == 1);
  CHECK(JsonDocument::Parse(lines[0])->Root()["reply"].String() == "550 \ufffd\ufffd");
}

TEST_CASE("a long field is cut at 1000 bytes, never inside a character") {
  const auto field = [](const std::string& text) {
    const auto lines = Lines([&] { Log(LogLevel::kInfo).Info("e", {{"f", text}}); });
    return std::string(*JsonDocument::Parse(lines.at(0))->Root()["f"].String());
  };
  CHECK(field(std::string(1000, 'x')) == std::string(1000, 'x'));
  CHECK(field(std::string(1001, 'x')) == std::string(1000, 'x'));
  CHECK(field(std::string(999, 'x') + "\U0001F600") == std::string(999, 'x'));
  CHECK(field(std::string(997, 'x') + "\U0001F600") == std::string(997, 'x'));
  CHECK(field(std::string(996, 'x') + "\U0001F600z") == std::string(996, 'x') + "\U0001F600");
  CHECK(field(std::string(5000, '\x80')).size() <= 3 * 1000);
}

TEST_CASE("lines of many threads do not mix") {
  const auto lines = Lines([] {
    Log log(LogLevel::kInfo);
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&log] {
        for (int n = 0; n < 200; ++n) log.Info("e", {{"text", std::string(500, 'x')}});
      });
    }
  });
  CHECK(lines.size() == 800);
  for (const std::string& line : lines) CHECK(JsonDocument::Parse(line).has_value());
}
