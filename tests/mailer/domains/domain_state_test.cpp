#include "mailer/domains/domain_state.h"

#include <doctest/doctest.h>

#include "tests/mailer/domains/reports.h"

using namespace sealpost;
using namespace sealpost::domains;
using namespace sealpost::domains::tests;
using namespace std::chrono_literals;
using dns::Outcome;
using dns::Verdict;

namespace {

struct Watched {
  std::optional<VerdictChange> See(dns::Report report, std::chrono::seconds at) {
    return TakeIn(state, std::move(report), kKeys, At(at));
  }
  DomainState state;
};

}  // namespace

TEST_CASE("the first verdict is news, the same one again is none") {
  Watched watched;
  const auto first = watched.See(Bad(), 0s);
  REQUIRE(first);
  CHECK_FALSE(first->was);
  CHECK(first->verdict == Outcome::kNo);
  CHECK(first->Worse());
  CHECK(first->findings == std::vector<FindingChange>{{"SPF-NONE", "acme.example", Verdict::kPass, Verdict::kFail}});
  CHECK_FALSE(watched.See(Bad(), 60s));
  CHECK(watched.state.since == At(0s));
  CHECK(watched.state.checked_at == At(60s));
}

TEST_CASE("a first look that finds all well is no bad news") {
  Watched watched;
  const auto first = watched.See(Good(), 0s);
  REQUIRE(first);
  CHECK_FALSE(first->Worse());
  CHECK(first->findings.empty());
}

TEST_CASE("a verdict that changes names the findings that changed, and no others") {
  Watched watched;
  watched.See(ReportOf({FindingOf("SPF-NONE", Verdict::kPass), FindingOf("TTL", Verdict::kInfo),
                        FindingOf("DMARC-RUA", Verdict::kWarn)}),
              0s);
  const auto change = watched.See(ReportOf({FindingOf("SPF-NONE", Verdict::kFail), FindingOf("TTL", Verdict::kPass),
                                            FindingOf("DMARC-RUA", Verdict::kWarn)}),
                                  10s);
  REQUIRE(change);
  CHECK(change->was == Outcome::kYes);
  CHECK(change->verdict == Outcome::kNo);
  CHECK(change->findings == std::vector<FindingChange>{{"SPF-NONE", "acme.example", Verdict::kPass, Verdict::kFail}});
}

TEST_CASE("of several findings with one id and name the worst counts") {
  const dns::Report before = ReportOf({FindingOf("SPF-IP-PASS", Verdict::kPass)});
  const dns::Report after =
      ReportOf({FindingOf("SPF-IP-PASS", Verdict::kFail), FindingOf("SPF-IP-PASS", Verdict::kPass)});
  const auto changes = CompareFindings(&before, after);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].verdict == Verdict::kFail);
  CHECK(FailingIds(ReportOf({FindingOf("B", Verdict::kFail), FindingOf("A", Verdict::kFail),
                             FindingOf("B", Verdict::kFail), FindingOf("C", Verdict::kWarn)})) ==
        std::vector<std::string>{"B", "A"});
}

TEST_CASE("one look that could not tell is no news and touches nothing that was known") {
  Watched watched;
  watched.See(Bad(), 0s);
  CHECK_FALSE(watched.See(CouldNotTell(), 60s));
  CHECK(watched.state.verdict == Outcome::kNo);
  CHECK(watched.state.report->outcome == Outcome::kUnknown);
  CHECK(watched.state.known->outcome == Outcome::kNo);
  CHECK(watched.state.known_at == At(0s));
  CHECK(watched.state.failing_since == At(0s));
  CHECK(OutcomeSince(watched.state) == At(60s));
  CHECK_FALSE(watched.See(Bad(), 120s));
  CHECK(OutcomeSince(watched.state) == At(0s));
}

TEST_CASE("two in a row that could not tell are news, and so is the end of it") {
  Watched watched;
  watched.See(Good(), 0s);
  watched.See(CouldNotTell(), 60s);
  const auto lost = watched.See(CouldNotTell(), 120s);
  REQUIRE(lost);
  CHECK(lost->verdict == Outcome::kUnknown);
  CHECK(lost->Worse());
  CHECK(lost->findings.at(0).verdict == Verdict::kUnknown);
  const auto back = watched.See(Good(), 180s);
  REQUIRE(back);
  CHECK(back->was == Outcome::kUnknown);
  CHECK_FALSE(back->Worse());
  CHECK(back->findings.at(0).was == Verdict::kUnknown);
}

TEST_CASE("failing begins with the first no and ends with a yes, whatever could not be told between") {
  Watched watched;
  watched.See(Bad(), 10s);
  watched.See(CouldNotTell(), 20s);
  watched.See(CouldNotTell(), 30s);
  watched.See(Bad(), 40s);
  CHECK(watched.state.failing_since == At(10s));
  watched.See(Good(), 50s);
  CHECK_FALSE(watched.state.failing_since);
}

TEST_CASE("a key is seen when its record matches, and stays so while that cannot be told") {
  Watched watched;
  watched.See(WithKey(Verdict::kFail, "DKIM-NONE"), 0s);
  CHECK(watched.state.seen_keys.empty());
  watched.See(WithKey(Verdict::kPass), 1s);
  CHECK(watched.state.seen_keys.at(kKeyName) == kKeys[0].record);
  watched.See(WithKey(Verdict::kUnknown), 2s);
  CHECK(watched.state.seen_keys.size() == 1);
  watched.See(Good(), 3s);
  CHECK(watched.state.seen_keys.size() == 1);
}

TEST_CASE("a key that is missing, revoked or another is lost") {
  for (const char* id : {"DKIM-NONE", "DKIM-REVOKED", "DKIM-KEYMATCH", "DKIM-MULTI"}) {
    for (const Verdict verdict : {Verdict::kFail, Verdict::kWarn}) {
      Watched watched;
      watched.See(WithKey(Verdict::kPass), 0s);
      watched.See(WithKey(verdict, id), 1s);
      CHECK_MESSAGE(watched.state.seen_keys.empty(), id);
    }
  }
}

TEST_CASE("a warning about a record that matches takes nothing away, in whatever case its name came") {
  Watched watched;
  dns::Report report = WithKey(Verdict::kPass);
  report.findings[1].name = "S2._DomainKey.ACME.example";
  report.findings.push_back(FindingOf("DKIM-TEST", Verdict::kWarn, kKeyName));
  watched.See(report, 0s);
  CHECK(watched.state.seen_keys.size() == 1);
}

TEST_CASE("a key that is no longer signed with is forgotten") {
  Watched watched;
  watched.See(WithKey(Verdict::kPass), 0s);
  TakeIn(watched.state, WithKey(Verdict::kPass), {}, At(1s));
  CHECK(watched.state.seen_keys.empty());
}

TEST_CASE("looks are an interval apart, give or take a tenth") {
  Watched watched;
  watched.See(Good(), 0s);
  const Schedule schedule;
  CHECK(Delay(watched.state, schedule, 0.5) == 3'600s);
  CHECK(Delay(watched.state, schedule, 0) == 3'240s);
  CHECK(Delay(watched.state, schedule, 1) == 3'960s);
}

TEST_CASE("what could not be told is asked again after a minute, then two, up to the interval") {
  Watched watched;
  const Schedule schedule{.interval = 300s};
  const std::chrono::seconds expected[] = {60s, 120s, 240s, 300s, 300s};
  for (const auto wait : expected) {
    watched.See(CouldNotTell(), 0s);
    CHECK(Delay(watched.state, schedule, 0.5) == wait);
  }
  for (int i = 0; i < 100; ++i) watched.See(CouldNotTell(), 0s);
  CHECK(Delay(watched.state, schedule, 0.5) == 300s);
  watched.See(Bad(), 0s);
  watched.See(CouldNotTell(), 0s);
  CHECK(Delay(watched.state, schedule, 0.5) == 60s);
}

TEST_CASE("a failing domain is looked at just when its grace is over") {
  Watched watched;
  const Schedule schedule{.grace = 4'000s};
  watched.See(Bad(), 0s);
  CHECK(Delay(watched.state, schedule, 0.5) == 3'600s);
  watched.See(Bad(), 3'600s);
  CHECK(Delay(watched.state, schedule, 0.5) == 400s);
  watched.See(Bad(), 4'000s);
  CHECK(Delay(watched.state, schedule, 0.5) == 3'600s);
}
