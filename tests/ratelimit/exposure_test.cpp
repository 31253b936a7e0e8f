#include "ratelimit/exposure.h"
#include "tests/ratelimit/times.h"

#include <doctest/doctest.h>

using namespace sealpost::ratelimit;
using sealpost::tests::kHour;

namespace {

struct History {
  Trace trace;
  std::vector<Replayed> answers;

  History& Add(std::int64_t at, const std::string& local, const std::string& domain, Answer answer = Answer::kAccepted,
               Category category = Category::kOtp) {
    trace.push_back({.line = trace.size() + 1, .at = at, .local = local, .domain = domain, .category = category});
    answers.push_back({.answer = answer, .rule = answer == Answer::kDenied ? "otp-mailbox-1h" : ""});
    return *this;
  }
  Exposure Measure(Counted counted = Counted::kAll) const {
    return MeasureExposure(trace, answers, Policy::Default(), counted);
  }
};

}  // namespace

TEST_CASE("a window that is exactly an hour wide has already lost its oldest message") {
  History history;
  history.Add(0, "ann", "example.org").Add(kHour - 1, "ann", "example.org").Add(kHour, "ann", "example.org");
  const Exposure exposure = history.Measure();
  CHECK(exposure.mailbox.hour.count == 2);
  CHECK(exposure.mailbox.hour.who == "ann@example.org");
  CHECK(exposure.mailbox.hour.at == kHour - 1);
  CHECK(exposure.mailbox.day.count == 3);
}

TEST_CASE("the fullest hour is found wherever it begins") {
  History history;
  for (const std::int64_t minute : {0, 50, 55, 70, 80, 100, 190}) history.Add(minute * 60'000, "ann", "example.org");
  CHECK(history.Measure().mailbox.hour.count == 5);
}

TEST_CASE("a trace out of order is measured by its times") {
  History history;
  history.Add(3 * kHour, "ann", "example.org").Add(0, "ann", "example.org").Add(1, "ann", "example.org");
  CHECK(history.Measure().mailbox.hour.count == 2);
}

TEST_CASE("spellings of one mailbox count together, tags of an unknown domain only as a family") {
  History history;
  history.Add(0, "v.ictim", "gmail.com").Add(1, "victim+a", "googlemail.com");
  history.Add(2, "bob+a", "example.org").Add(3, "bob+b", "example.org").Add(4, "bob", "example.org");
  const Exposure exposure = history.Measure();
  CHECK(exposure.mailbox.hour.count == 2);
  CHECK(exposure.mailbox.hour.who == "victim@gmail.com");
  CHECK(exposure.family.hour.count == 3);
  CHECK(exposure.family.hour.who == "bob@example.org");
  CHECK(exposure.domain.hour.count == 3);
  CHECK(exposure.domain.hour.who == "example.org");
}

TEST_CASE("only what was accepted reaches anybody") {
  History history;
  history.Add(0, "ann", "example.org");
  history.Add(1, "ann", "example.org", Answer::kDenied).Add(2, "ann", "example.org", Answer::kHeld);
  history.Add(3, "ann", "example.org", Answer::kCoalesced);
  CHECK(history.Measure().mailbox.day.count == 1);
}

TEST_CASE("what an application sends by itself, or asks for with trust, is not anonymous") {
  History history;
  history.Add(0, "ann", "example.org", Answer::kAccepted, Category::kReceipt).Add(1, "ann", "example.org");
  history.Add(2, "ann", "example.org");
  history.trace.back().trust = Trust::kFull;
  CHECK(history.Measure(Counted::kAnonymous).mailbox.hour.count == 1);
  CHECK(history.Measure(Counted::kAll).mailbox.hour.count == 3);
  // Trust moves only the categories that it is meant for.
  history.Add(3, "ann", "example.org", Answer::kAccepted, Category::kInvitation);
  history.trace.back().trust = Trust::kFull;
  CHECK(history.Measure(Counted::kAnonymous).mailbox.hour.count == 2);
}

TEST_CASE("answers are told by category, with the rule that stood there most often") {
  History history;
  history.Add(0, "ann", "example.org").Add(1, "ann", "example.org", Answer::kDenied);
  history.Add(2, "ann", "example.org", Answer::kDenied).Add(3, "ann", "example.org", Answer::kDenied);
  history.answers.back().rule = "otp-mailbox-30s";
  history.Add(4, "ann", "example.org", Answer::kHeld, Category::kNotification);
  const auto tallies = TallyCategories(history.trace, history.answers);
  REQUIRE(tallies.size() == 2);
  CHECK(tallies[0].category == Category::kOtp);
  CHECK(tallies[0].asked == 4);
  CHECK(tallies[0].accepted == 1);
  CHECK(tallies[0].denied == 3);
  CHECK(tallies[0].MostFrequentRule() == "otp-mailbox-1h");
  CHECK(tallies[1].held == 1);
  CHECK(tallies[1].MostFrequentRule().empty());
}

TEST_CASE("served is who got the message, or had just got the same") {
  History history;
  for (const Answer answer : {Answer::kAccepted, Answer::kCoalesced, Answer::kHeld, Answer::kDenied}) {
    history.Add(0, "ann", "example.org", answer);
    history.trace.back().legitimate = true;
  }
  history.Add(0, "ann", "example.org", Answer::kDenied);
  const Service service = MeasureService(history.trace, history.answers);
  CHECK(service.asked == 4);
  CHECK(service.served == 2);
  CHECK(service.Share() == 0.5);
  CHECK(MeasureService({}, {}).Share() == 1);
}

TEST_CASE("the flood is shown hour by hour") {
  History history;
  history.Add(0, "bob", "example.org");
  history.Add(10, "ann", "example.org").Add(11, "ann", "example.org", Answer::kDenied);
  history.Add(5 * kHour, "ann+x", "example.org", Answer::kDenied);
  const Flood flood = FindFlood(history.trace, history.answers);
  CHECK(flood.family == "ann@example.org");
  CHECK(flood.asked == 3);
  REQUIRE(flood.hours.size() == 2);
  CHECK(flood.hours[0].asked == 2);
  CHECK(flood.hours[0].accepted == 1);
  CHECK(flood.hours[1].hour == 5);
  CHECK(flood.hours[1].accepted == 0);
}

TEST_CASE("nothing comes of an empty trace") {
  CHECK(History().Measure().mailbox.hour.count == 0);
  CHECK(TallyCategories({}, {}).empty());
  CHECK(FindFlood({}, {}).family.empty());
}
