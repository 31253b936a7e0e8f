#include "api/dev/script.h"

#include <doctest/doctest.h>

using namespace sealpost;
using namespace sealpost::dev;

namespace {

base::Result<ScriptedAnswer> Read(std::string_view json) {
  const auto document = base::JsonDocument::Parse(json);
  REQUIRE(document);
  return ReadScriptedAnswer(document->Root());
}

}  // namespace

TEST_CASE("a scripted answer is read with its defaults") {
  const auto answer = Read(R"({"match": "*@example.com", "reply": "451 4.7.1 later"})");
  REQUIRE(answer);
  CHECK(answer->match == "*@example.com");
  CHECK(answer->reply.code == 451);
  CHECK(answer->reply.text == "4.7.1 later");
  CHECK(answer->times == 1);
  CHECK(answer->stage == Stage::kRcpt);
  CHECK(Read(R"({"match": "*", "reply": "421", "times": 3, "stage": "mail"})")->times == 3);
  CHECK(Read(R"({"match": "*", "reply": "354 go", "stage": "data"})"));
}

TEST_CASE("a scripted answer that makes no sense is refused by member") {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"reply": "451 x"})", "match"},
      {R"({"match": "", "reply": "451 x"})", "match"},
      {R"({"match": 1, "reply": "451 x"})", "match"},
      {R"({"match": "*"})", "reply"},
      {R"({"match": "*", "reply": "451x"})", "reply"},
      {R"({"match": "*", "reply": "199 x"})", "reply"},
      {R"({"match": "*", "reply": "600 x"})", "reply"},
      {R"({"match": "*", "reply": "45"})", "reply"},
      {R"({"match": "*", "reply": "451 a\r\n250 b"})", "reply"},
      {R"({"match": "*", "reply": "354 x"})", "reply"},
      {R"({"match": "*", "reply": "250 x", "stage": "data"})", "reply"},
      {R"({"match": "*", "reply": "451 x", "times": 0})", "times"},
      {R"({"match": "*", "reply": "451 x", "times": "2"})", "times"},
      {R"({"match": "*", "reply": "451 x", "stage": "quit"})", "stage"},
      {R"({"match": "*", "reply": "451 x", "time": 2})", "time"},
      {R"([])", ""},
  };
  for (const auto& [json, field] : cases) {
    const auto answer = Read(json);
    CHECK_MESSAGE(!answer, json);
    if (!answer) CHECK(answer.error().field == field);
  }
}

TEST_CASE("patterns: stars, case and corners") {
  CHECK(MatchesPattern("*", ""));
  CHECK(MatchesPattern("*", "a@b"));
  CHECK(MatchesPattern("A@B.example", "a@b.EXAMPLE"));
  CHECK(MatchesPattern("*@example.com", "a@example.com"));
  CHECK(MatchesPattern("a*b*c", "a1b2b3c"));
  CHECK(MatchesPattern("a**", "a"));
  CHECK_FALSE(MatchesPattern("*@example.com", "a@example.org"));
  CHECK_FALSE(MatchesPattern("a", "ab"));
  CHECK_FALSE(MatchesPattern("a*b", "a"));
  CHECK_FALSE(MatchesPattern("", "a"));
  CHECK_FALSE(MatchesPattern(std::string(100, '*') + "x", std::string(10'000, 'a')));
}

TEST_CASE("answers are used up in order, each at its stage") {
  Script script;
  CHECK(script.Add({.match = "*@a", .reply = {451, "one"}, .times = 2, .stage = Stage::kRcpt}));
  CHECK(script.Add({.match = "*", .reply = {550, "two"}, .times = 1, .stage = Stage::kRcpt}));
  CHECK_FALSE(script.Take(Stage::kDot, {"x@a"}));
  CHECK(script.Take(Stage::kRcpt, {"x@a"})->text == "one");
  CHECK(script.List()[0].times == 1);
  CHECK(script.Take(Stage::kRcpt, {"x@b", "x@a"})->text == "one");
  CHECK(script.Take(Stage::kRcpt, {"x@a"})->text == "two");
  CHECK_FALSE(script.Take(Stage::kRcpt, {"x@a"}));
  CHECK(script.List().empty());
}

TEST_CASE("the script is bounded and can be cleared") {
  Script script;
  for (std::size_t i = 0; i < Script::kMostAnswers; ++i) CHECK(script.Add({.match = "*", .reply = {}}));
  CHECK(script.Add({.match = "*", .reply = {}}).error().kind == base::ErrorKind::kInvalid);
  CHECK(script.Clear() == Script::kMostAnswers);
  CHECK(script.Add({.match = "*", .reply = {}}));
}
