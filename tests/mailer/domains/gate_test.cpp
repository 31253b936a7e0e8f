#include "mailer/domains/gate.h"

#include <doctest/doctest.h>

#include "tests/mailer/domains/reports.h"

using namespace sealpost;
using namespace sealpost::domains;
using namespace sealpost::domains::tests;
using namespace std::chrono_literals;

namespace {

DomainState After(std::vector<std::pair<dns::Report, std::chrono::seconds>> looks) {
  DomainState state;
  for (auto& [report, at] : looks) TakeIn(state, std::move(report), {}, At(at));
  return state;
}

const GatePolicy kBlocking{Gate::kBlock, 100s};

}  // namespace

TEST_CASE("the words of the configuration") {
  CHECK(ParseGate("off") == Gate::kOff);
  CHECK(ParseGate("warn") == Gate::kWarn);
  CHECK(ParseGate("block") == Gate::kBlock);
}

TEST_CASE("mail is refused when a look says no after the grace period") {
  CHECK_FALSE(Refuses(kBlocking, After({{Bad(), 0s}})));
  CHECK_FALSE(Refuses(kBlocking, After({{Bad(), 0s}, {Bad(), 99s}})));
  CHECK(Refuses(kBlocking, After({{Bad(), 0s}, {Bad(), 100s}})));
  CHECK(Refuses({Gate::kBlock, 0s}, After({{Bad(), 0s}})));
}

TEST_CASE("only block refuses") {
  const DomainState failing = After({{Bad(), 0s}, {Bad(), 1'000s}});
  CHECK_FALSE(Refuses({Gate::kWarn, 0s}, failing));
  CHECK_FALSE(Refuses({Gate::kOff, 0s}, failing));
}

TEST_CASE("what could not be told begins no block, and ends none") {
  CHECK_FALSE(Refuses(kBlocking, DomainState()));
  CHECK_FALSE(Refuses({Gate::kBlock, 0s}, After({{CouldNotTell(), 0s}, {CouldNotTell(), 1'000s}})));
  CHECK_FALSE(Refuses(kBlocking, After({{Bad(), 0s}, {CouldNotTell(), 500s}, {CouldNotTell(), 1'000s}})));
  CHECK(Refuses(kBlocking, After({{Bad(), 0s}, {Bad(), 100s}, {CouldNotTell(), 200s}})));
}

TEST_CASE("a look that finds all well ends a block, and the next failure has its own grace") {
  CHECK_FALSE(Refuses(kBlocking, After({{Bad(), 0s}, {Bad(), 100s}, {Good(), 101s}})));
  CHECK_FALSE(Refuses(kBlocking, After({{Bad(), 0s}, {Bad(), 100s}, {Good(), 101s}, {Bad(), 150s}})));
}

TEST_CASE("a refusal names the domain, what fails, since when, and what mends it") {
  const std::string text = RefusalText("acme.example", After({{Bad(), 0s}, {CouldNotTell(), 60s}}));
  for (const char* part :
       {"acme.example", "SPF-NONE", "2026-01-01T00:00:00.000Z", "`sealpost check acme.example`", "?fresh=true"}) {
    CHECK_MESSAGE(text.find(part) != std::string::npos, text);
  }
}

TEST_CASE("the operator is told of a failing domain unless the gate is off") {
  const DomainState failing = After({{Bad(), 0s}});
  const std::string text = TroubleText({Gate::kWarn, 0s}, "acme.example", failing);
  for (const char* part : {"acme.example", "may not authenticate", "SPF-NONE", "2026-01-01T00:00:00.000Z"}) {
    CHECK_MESSAGE(text.find(part) != std::string::npos, text);
  }
  CHECK(TroubleText({Gate::kBlock, 0s}, "acme.example", failing).find("is refused") != std::string::npos);
  CHECK(TroubleText({Gate::kOff, 0s}, "acme.example", failing).empty());
  CHECK(TroubleText({Gate::kWarn, 0s}, "acme.example", After({{Good(), 0s}})).empty());
  CHECK(TroubleText({Gate::kWarn, 0s}, "acme.example", After({{CouldNotTell(), 0s}})).empty());
}
