#include "mailer/domains/state_json.h"

#include <doctest/doctest.h>

#include "mailer/base/json.h"
#include "tests/mailer/domains/reports.h"

using namespace sealpost;
using namespace sealpost::domains;
using namespace sealpost::domains::tests;
using dns::Outcome;
using dns::Verdict;

namespace {

base::Time AtMillis(std::int64_t millis) {
  return base::FromMillis(millis);
}

base::JsonDocument Parsed(const std::string& json) {
  auto document = base::JsonDocument::Parse(json);
  REQUIRE(document.has_value());
  return std::move(*document);
}

}  // namespace

TEST_CASE("a state comes back from its row, one with a look that could not tell, too") {
  DomainState state;
  TakeIn(state, WithKey(Verdict::kPass), kKeys, AtMillis(1'000));
  TakeIn(state, Bad(), kKeys, AtMillis(2'000));
  TakeIn(state, CouldNotTell(), kKeys, AtMillis(3'000));
  const auto read = FromRow(ToRow("acme.example", state));
  REQUIRE(read);
  CHECK(read->report->outcome == Outcome::kUnknown);
  CHECK(read->checked_at == AtMillis(3'000));
  CHECK(read->known->outcome == Outcome::kNo);
  CHECK(read->known_at == AtMillis(2'000));
  CHECK(read->verdict == Outcome::kNo);
  CHECK(read->since == AtMillis(2'000));
  CHECK(read->failing_since == AtMillis(2'000));
  CHECK(read->seen_keys == state.seen_keys);
  CHECK(read->seen_keys.size() == 1);
}

TEST_CASE("a look that is the known one is kept once") {
  DomainState state;
  TakeIn(state, Good(), {}, AtMillis(1'000));
  const store::DomainCheck row = ToRow("acme.example", state);
  CHECK(row.known_report.empty());
  const auto read = FromRow(row);
  REQUIRE(read);
  CHECK(read->known == read->report);
}

TEST_CASE("before anything could be told there is nothing known") {
  DomainState state;
  TakeIn(state, CouldNotTell(), {}, AtMillis(1'000));
  const auto read = FromRow(ToRow("acme.example", state));
  REQUIRE(read);
  CHECK_FALSE(read->known);
  CHECK_FALSE(read->verdict);
  store::DomainCheck broken = ToRow("acme.example", state);
  broken.report = "?";
  CHECK_FALSE(FromRow(broken));
}

TEST_CASE("a change comes back from its row") {
  const VerdictChange change{AtMillis(5), Outcome::kYes, Outcome::kNo, {{"A", "n", Verdict::kPass, Verdict::kFail}}};
  const VerdictChange read = FromRow(ToRow("acme.example", change));
  CHECK(read.at == change.at);
  CHECK(read.was == change.was);
  CHECK(read.verdict == change.verdict);
  CHECK(read.findings == change.findings);
  const VerdictChange first = FromRow(ToRow("acme.example", VerdictChange{AtMillis(5), {}, Outcome::kNo, {}}));
  CHECK_FALSE(first.was);
}

TEST_CASE("the answer is the report with the times and the history beside it") {
  DomainState state;
  TakeIn(state, Bad(), {}, AtMillis(1'000));
  TakeIn(state, CouldNotTell(), {}, AtMillis(2'000));
  const auto document = Parsed(StateJson(state, {{AtMillis(1'000), {}, Outcome::kNo, {}}}));
  const base::JsonView root = document.Root();
  CHECK(root["schema"].Integer() == 1);
  CHECK(root["domain"].String() == "acme.example");
  CHECK(root["verdict"].String() == "unknown");
  CHECK(root["findings"].Size() == 1);
  CHECK(root["checked_at"].String() == "1970-01-01T00:00:02.000Z");
  CHECK(root["since"].String() == "1970-01-01T00:00:02.000Z");
  CHECK(root["last_known"]["verdict"].String() == "no");
  CHECK(root["last_known"]["checked_at"].String() == "1970-01-01T00:00:01.000Z");
  CHECK(root["failing_since"].String() == "1970-01-01T00:00:01.000Z");
  REQUIRE(root["history"].Size() == 1);
  root["history"].ForEachElement([](std::size_t, base::JsonView change) {
    CHECK(change["was"].IsNull());
    CHECK(change["verdict"].String() == "no");
    return true;
  });
}
