#include "api/app/trace_reader.h"

#include <doctest/doctest.h>

#include "tests/support/temp_folder.h"

using namespace sealpost;
using ratelimit::Category;

namespace {

base::Result<ratelimit::Trace> ParsedTrace(std::string_view text) {
  return app::ParseTrace(text, "a.jsonl", ratelimit::Policy::Default());
}

std::string TraceFault(std::string_view text) {
  const auto trace = ParsedTrace(text);
  return trace ? "" : trace.error().message;
}

}  // namespace

TEST_CASE("a full line gives everything it says") {
  const auto line = ParsedTrace(
      R"({"t": 12.5, "to": "Ann.Lee@EXAMPLE.org", "category": "otp", "client_ip": "192.0.2.1", "key": "k1", )"
      R"("template": "code", "inviter": "u", "workspace": "w", "workspace_verified": true, "trust": "session", )"
      R"("confirmed": true, "content": "id", "legitimate": true})");
  REQUIRE(line);
  REQUIRE(line->size() == 1);
  const ratelimit::TraceEntry& entry = line->front();
  CHECK(entry.line == 1);
  CHECK(entry.at == 12'500);
  CHECK(entry.local == "Ann.Lee");
  CHECK(entry.domain == "example.org");
  CHECK(entry.category == Category::kOtp);
  CHECK(entry.client_ip == "192.0.2.1");
  CHECK(entry.key == "k1");
  CHECK(entry.template_name == "code");
  CHECK(entry.inviter == "u");
  CHECK(entry.workspace == "w");
  CHECK(entry.content == "id");
  CHECK(entry.workspace_verified);
  CHECK(entry.trust == ratelimit::Trust::kFull);
  CHECK(entry.confirmed);
  CHECK(entry.legitimate);
}

TEST_CASE("time, recipient and category are enough; null says nothing") {
  const auto trace = ParsedTrace(
      R"({"t": 0, "to": "a@b.example", "category": "password-reset", "trust": null, "confirmed": null, "key": null})");
  REQUIRE(trace);
  CHECK(trace->front().category == Category::kPasswordReset);
  CHECK(trace->front().trust == ratelimit::Trust::kNone);
  CHECK_FALSE(trace->front().confirmed);
  CHECK(trace->front().client_ip.empty());
}

TEST_CASE("a captcha is other trust than a session") {
  const auto trace = ParsedTrace(R"({"t": 0, "to": "a@b.example", "category": "otp", "trust": "captcha"})");
  REQUIRE(trace);
  CHECK(trace->front().trust == ratelimit::Trust::kCaptcha);
}

TEST_CASE("empty lines and line ends of Windows are passed over, and lines keep their numbers") {
  const std::string line = R"({"t": 1, "to": "a@b.example", "category": "otp"})";
  const auto trace = ParsedTrace("\n" + line + "\r\n \t\n" + line);
  REQUIRE(trace);
  REQUIRE(trace->size() == 2);
  CHECK((*trace)[0].line == 2);
  CHECK((*trace)[1].line == 4);
  CHECK(ParsedTrace("")->empty());
}

TEST_CASE("spellings of an address are kept for the engine to see through") {
  const auto trace = ParsedTrace(R"({"t": 1, "to": "\"vic.tim\"@googlemail.com", "category": "otp"})"
                                 "\n"
                                 R"({"t": 1, "to": "Ann <ann+tag@b.example>", "category": "otp"})");
  REQUIRE(trace);
  CHECK((*trace)[0].local == "\"vic.tim\"");
  CHECK((*trace)[1].local == "ann+tag");
}

TEST_CASE("a bad line is named, and the member in it") {
  const std::string good = R"({"t": 1, "to": "a@b.example", "category": "otp"})";
  CHECK(TraceFault(good + "\n{}").starts_with("a.jsonl:2: t: is missing"));
  CHECK(TraceFault(R"({"t": "1", "to": "a@b.example", "category": "otp"})").starts_with("a.jsonl:1: t: "));
  CHECK(TraceFault(R"({"t": -1, "to": "a@b.example", "category": "otp"})").starts_with("a.jsonl:1: t: "));
  CHECK(TraceFault(R"({"t": 1767225600000, "to": "a@b.example", "category": "otp"})").starts_with("a.jsonl:1: t: "));
  CHECK(TraceFault(R"({"t": 1, "category": "otp"})").starts_with("a.jsonl:1: to: "));
  CHECK(TraceFault(R"({"t": 1, "to": "nobody", "category": "otp"})").starts_with("a.jsonl:1: to: "));
  CHECK(TraceFault(R"({"t": 1, "to": ["a@b.example"], "category": "otp"})").starts_with("a.jsonl:1: to: "));
  CHECK(TraceFault(R"({"t": 1, "to": "a@b.example"})").starts_with("a.jsonl:1: category: "));
  CHECK(TraceFault(R"({"t": 1, "to": "a@b.example", "category": "otpp"})").ends_with("; did you mean otp?"));
  CHECK(TraceFault(R"({"t": 1, "to": "a@b.example", "category": "otp", "trust": "me"})")
            .starts_with("a.jsonl:1: trust: "));
  CHECK(TraceFault(R"({"t": 1, "to": "a@b.example", "category": "otp", "trust": true})")
            .starts_with("a.jsonl:1: trust: "));
  CHECK(TraceFault(R"({"t": 1, "to": "a@b.example", "category": "otp", "confirmed": 1})")
            .starts_with("a.jsonl:1: confirmed: must be true or false"));
  CHECK(TraceFault(R"({"t": 1, "to": "a@b.example", "category": "otp", "key": 7})").starts_with("a.jsonl:1: key: "));
}

TEST_CASE("what is no JSON object is no line") {
  for (const char* bad : {"nonsense", "[1]", "\"t\"", "{\"t\": 1", "null", "{\"t\": 1e999}", "\x01"}) {
    CHECK_MESSAGE(TraceFault(bad).starts_with("a.jsonl:1: "), bad);
  }
  CHECK_FALSE(TraceFault(std::string(100'000, '[')).empty());
}

TEST_CASE("a misspelt member is an error, a member of the file's own is not") {
  const std::string start = R"({"t": 1, "to": "a@b.example", "category": "otp", )";
  CHECK(TraceFault(start + R"("confimed": true})") == "a.jsonl:1: confirmed: is misspelt as confimed");
  CHECK(TraceFault(start + R"("Trust": "session"})") == "a.jsonl:1: trust: is misspelt as Trust");
  CHECK(TraceFault(start + R"("ip": "192.0.2.1", "note": "x", "id": 7, "from": "me", "status": 200})").empty());
}

TEST_CASE("a policy's own categories are known") {
  ratelimit::Policy policy = ratelimit::Policy::Default();
  policy.categories.push_back({.category = Category{9}, .lane = ratelimit::Lane::kAnonymous, .name = "magic_link"});
  const auto trace = app::ParseTrace(R"({"t": 1, "to": "a@b.example", "category": "Magic-Link"})", "a.jsonl", policy);
  REQUIRE(trace);
  CHECK(trace->front().category == Category{9});
}

TEST_CASE("a file that cannot be read is named") {
  const sealpost::tests::TempFolder folder;
  const std::string path = folder.File("none.jsonl");
  const auto trace = app::ReadTrace(path, ratelimit::Policy::Default());
  REQUIRE_FALSE(trace);
  CHECK(trace.error().message.find(path) != std::string::npos);
  const std::string written = folder.Write("a.jsonl", R"({"t": 1, "to": "a@b.example", "category": "otp"})");
  CHECK(app::ReadTrace(written, ratelimit::Policy::Default())->size() == 1);
}
