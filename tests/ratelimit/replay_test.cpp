#include "ratelimit/replay.h"

#include <doctest/doctest.h>

#include "ratelimit/memory_limiter.h"

using namespace sealpost::ratelimit;

namespace {

TraceEntry Line(std::uint64_t line, std::int64_t at, Category category = Category::kOtp) {
  return {.line = line, .at = at, .local = "ann", .domain = "example.org", .category = category};
}

// Answers every request with one decision, and keeps what it was asked.
struct Scripted {
  Decision decision;
  ReplayClock clock = {};
  std::vector<Request> asked = {};
  std::vector<std::int64_t> times = {};

  std::vector<Replayed> Run(const Trace& trace) {
    return Replay(trace, clock,
                  [this](const Request& request) -> std::expected<Decision, std::string> {
                    asked.push_back(request);
                    times.push_back(clock.ms - ReplayClock::kZero);
                    return decision;
                  })
        .value();
  }
  Replayed One() { return Run({Line(1, 0)}).front(); }
};

}  // namespace

TEST_CASE("a line becomes the request that the service would make of it") {
  Scripted scripted{.decision = {.outcome = Outcome::kAdmitted}};
  TraceEntry entry{.line = 7,
                   .at = 0,
                   .local = "Vic.Tim+x",
                   .domain = "googlemail.com",
                   .category = Category::kInvitation,
                   .client_ip = "192.0.2.1",
                   .key = "k1",
                   .inviter = "u",
                   .workspace = "w",
                   .content = "c",
                   .workspace_verified = true,
                   .trust = Trust::kFull,
                   .confirmed = true};
  scripted.Run({entry});
  REQUIRE(scripted.asked.size() == 1);
  const Request& request = scripted.asked.front();
  CHECK(request.id == "line-7");
  REQUIRE(request.recipients.size() == 1);
  CHECK(request.recipients.front().mailbox == "victim@gmail.com");
  CHECK(request.recipients.front().confirmed);
  CHECK(request.category == Category::kInvitation);
  CHECK(request.trust == Trust::kFull);
  CHECK(request.key == "k1");
  CHECK(request.source == "192.0.2.1");
  CHECK(request.inviter == "u");
  CHECK(request.workspace == "w");
  CHECK(request.workspace_verified);
  CHECK(request.content == "c");
}

TEST_CASE("a trace runs in the order of time, lines of one instant in their order, and is answered in its own") {
  Scripted scripted{.decision = {.outcome = Outcome::kAdmitted}};
  scripted.Run({Line(1, 500), Line(2, 100), Line(3, 500), Line(4, 0)});
  CHECK(scripted.times == std::vector<std::int64_t>{0, 100, 500, 500});
  CHECK(scripted.asked[2].id == "line-1");
  CHECK(scripted.asked[3].id == "line-3");

  ReplayClock clock = {};
  const auto limiter = MakeMemoryLimiter(Policy::Default(), ReplayClock::Now, &clock);
  const Trace trace{Line(1, 29'999), Line(2, 0), Line(3, 30'000)};
  const auto answers = Replay(trace, clock, [&](const Request& request) { return limiter->Admit(request); }).value();
  CHECK(answers[0].answer == Answer::kDenied);
  CHECK(answers[0].rule == "otp-mailbox-30s");
  CHECK(answers[0].retry_after == std::chrono::seconds(1));
  CHECK(answers[1].answer == Answer::kAccepted);
  CHECK(answers[1].rule.empty());
  CHECK(answers[1].retry_after.count() == 0);
  CHECK(answers[2].answer == Answer::kAccepted);
}

TEST_CASE("what an operator says of a domain is heeded") {
  ReplayClock clock;
  Trace trace{Line(1, 0), Line(2, 1)};
  trace[1].domain = "firm.example";
  std::vector<std::string> budgets;
  const IdentityRules identity{.domains = {{.domain = "firm.example", .no_domain_budget = true}}};
  const auto answers = Replay(
      trace, clock,
      [&budgets](const Request& request) {
        budgets.push_back(request.recipients.front().domain);
        return Decision();
      },
      identity);
  CHECK(budgets == std::vector<std::string>{"example.org", ""});
}

TEST_CASE("each outcome has its word") {
  CHECK(AnswerName(Scripted{.decision = {.outcome = Outcome::kAdmitted}}.One().answer) == "accepted");
  CHECK(AnswerName(Scripted{.decision = {.outcome = Outcome::kCoalesced}}.One().answer) == "coalesced");
  CHECK(AnswerName(Scripted{.decision = {.outcome = Outcome::kHeld}}.One().answer) == "held");
  CHECK(AnswerName(Scripted{.decision = {.outcome = Outcome::kDenied}}.One().answer) == "denied");
}

TEST_CASE("a digest and a queue count as held, what is suppressed as denied") {
  const auto answer_of = [](OnLimit on_limit) {
    return Scripted{.decision = {.outcome = Outcome::kDenied, .on_limit = on_limit}}.One().answer;
  };
  CHECK(answer_of(OnLimit::kDigest) == Answer::kHeld);
  CHECK(answer_of(OnLimit::kHold) == Answer::kHeld);
  CHECK(answer_of(OnLimit::kSuppress) == Answer::kDenied);
  CHECK(answer_of(OnLimit::kCoalesce) == Answer::kDenied);
}

TEST_CASE("what is held tells when it would be tried again") {
  const Replayed held =
      Scripted{.decision = {.outcome = Outcome::kHeld, .rule = "receipt-mailbox-1h", .hold = std::chrono::seconds(90)}}
          .One();
  CHECK(held.rule == "receipt-mailbox-1h");
  CHECK(held.retry_after == std::chrono::seconds(90));
}

TEST_CASE("a filling that fails ends the replay with its reason") {
  ReplayClock clock = {};
  const Trace trace{Line(1, 0), Line(2, 1)};
  const auto answers = Replay(trace, clock, [](const Request&) -> std::expected<Decision, std::string> {
    return std::unexpected("Redis is away");
  });
  REQUIRE_FALSE(answers);
  CHECK(answers.error() == "Redis is away");
  CHECK(Replay({}, clock, {})->empty());
}
