// `sealpost limits replay` as a person runs it.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/support/process.h"
#include "tests/support/redis_server.h"
#include "tests/support/temp_folder.h"

using namespace sealpost::tests;

namespace {

struct Desk {
  TempFolder folder;
  std::string trace =
      folder.Write("trace.jsonl", R"({"t": 0, "to": "ann@example.org", "category": "otp"})"
                                  "\n"
                                  R"({"t": 10.5, "to": "Ann@example.org", "category": "otp", "key": "k2"})"
                                  "\n"
                                  R"({"t": 11, "to": "ann@example.org", "category": "otp", "trust": "device"})"
                                  "\n");

  Outcome Replay(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {SEALPOST_BINARY, "limits", "replay"});
    return Run(arguments, {.environment = {}, .folder = {}, .error_file = folder.File("errors")});
  }
  std::string errors() const { return folder.Read("errors"); }
};

constexpr const char* kAnswers = R"({"line":1,"decision":"accepted","rule":"","retry_after":0})"
                                 "\n"
                                 R"({"line":2,"decision":"denied","rule":"otp-mailbox-30s","retry_after":20})"
                                 "\n"
                                 R"({"line":3,"decision":"accepted","rule":"","retry_after":0})"
                                 "\n";

}  // namespace

TEST_CASE("a replay answers line by line, the same over memory and over Redis") {
  const Desk desk;
  const RedisServer redis;
  const Outcome memory = desk.Replay({"--trace", desk.trace});
  CHECK(memory.exit_code == 0);
  CHECK(memory.output == kAnswers);
  const Outcome shared = desk.Replay({"--trace", desk.trace, "--store", redis.Url()});
  CHECK(shared.exit_code == 0);
  CHECK(shared.output == kAnswers);
  CHECK(desk.errors().empty());
}

TEST_CASE("a policy of one's own decides instead of the shipped one, and a summary tells of it") {
  const Desk desk;
  const std::string policy = desk.folder.Write("policy.toml", "[categories.otp]\nmailbox = [\"2/h\"]\n");
  const Outcome outcome = desk.Replay({"--trace", desk.trace, "--policy", policy, "--summary"});
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.output.find("otp       3      3\n") != std::string::npos);
}

TEST_CASE("the page about traces shows what its example is answered") {
  const Desk desk;
  std::ifstream file(SEALPOST_SOURCE_DIR "/ratelimit/docs/replay.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  const auto shown = [&](std::size_t from) {
    const std::size_t start = page.find("```jsonl\n", from) + 9;
    return page.substr(start, page.find("```", start) - start);
  };
  const std::string example = shown(0);
  const std::string answers = shown(page.find(example) + example.size());
  REQUIRE(std::ranges::count(example, '\n') == 3);
  CHECK(desk.Replay({"--trace", desk.folder.Write("page.jsonl", example)}).output == answers);
}

TEST_CASE("what cannot be replayed is told on stderr, with the exit code of its kind") {
  const Desk desk;
  const std::string bad = desk.folder.Write("bad.jsonl", "{\"t\": 0, \"to\": \"nobody\", \"category\": \"otp\"}\n");
  const std::string policy = desk.folder.Write("bad.toml", "[umbrela]\n");
  const auto refused = [&desk](const std::vector<std::string>& arguments, int exit_code, const std::string& words) {
    desk.folder.Write("errors", "");
    const Outcome outcome = desk.Replay(arguments);
    CHECK(outcome.exit_code == exit_code);
    CHECK(outcome.output.empty());
    CAPTURE(desk.errors());
    CHECK(desk.errors().find(words) != std::string::npos);
  };
  refused({}, 2, "--trace");
  refused({"--trace", desk.folder.File("none")}, 2, "none");
  refused({"--trace", bad}, 2, "bad.jsonl:1: to: ");
  refused({"--trace", desk.trace, "--policy", policy}, 2, "did you mean umbrella?");
  refused({"--trace", desk.trace, "--store", "http://127.0.0.1"}, 2, "--store");
  refused({"--trace", desk.trace, "--store", "redis+unix://" + desk.folder.File("none.sock")}, 3, "Redis");
}
