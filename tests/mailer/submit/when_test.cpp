#include "mailer/submit/when.h"

#include <doctest/doctest.h>

#include <iterator>
#include <random>
#include <string>

using namespace sealpost;
using namespace std::chrono_literals;
using submit::ParseWhen;
using submit::WhenToSend;

namespace {

// A Thursday.
const base::Time kThursday = *base::FromRfc3339("2026-01-01T10:15:30.500Z");

std::string When(std::string_view text, base::Time now = kThursday) {
  const auto time = ParseWhen(text, now);
  return time ? base::ToRfc3339(*time) : "?";
}

submit::Refusal RefusedTime(std::string_view text, std::optional<base::Time> expires_at = std::nullopt) {
  const auto time = WhenToSend(text, kThursday, expires_at);
  REQUIRE_FALSE(time.has_value());
  return time.error();
}

}  // namespace

TEST_CASE("an exact time counts with its offset") {
  CHECK(When("2026-01-02T09:00:00Z") == "2026-01-02T09:00:00.000Z");
  CHECK(When("2026-01-02T09:00:00.123+02:00") == "2026-01-02T07:00:00.123Z");
  CHECK(When("2025-12-31T00:00:00Z") == "2025-12-31T00:00:00.000Z");
}

TEST_CASE("a while from now is counted to the millisecond") {
  CHECK(When("in 1 min") == "2026-01-01T10:16:30.500Z");
  CHECK(When("in 90 seconds") == "2026-01-01T10:17:00.500Z");
  CHECK(When("In 2 Hours") == "2026-01-01T12:15:30.500Z");
  CHECK(When("in 3 days") == "2026-01-04T10:15:30.500Z");
  CHECK(When("in 1 week") == "2026-01-08T10:15:30.500Z");
  for (const char* hour : {"in an hour", "in a hour", "in 1h", "in 1 hr", "in 60 mins", "  in  60m ", "in 3600s"}) {
    CAPTURE(hour);
    CHECK(When(hour) == "2026-01-01T11:15:30.500Z");
  }
}

TEST_CASE("a day has its time in UTC, and without one the time it is now") {
  CHECK(When("today at 5pm") == "2026-01-01T17:00:00.000Z");
  CHECK(When("today at 9am") == "2026-01-01T09:00:00.000Z");
  CHECK(When("tomorrow at 9am") == "2026-01-02T09:00:00.000Z");
  CHECK(When("Tomorrow at 9:30 PM") == "2026-01-02T21:30:00.000Z");
  CHECK(When("tomorrow at 14:30:15 UTC") == "2026-01-02T14:30:15.000Z");
  CHECK(When("tomorrow 9am") == "2026-01-02T09:00:00.000Z");
  CHECK(When("tomorrow at 0:05") == "2026-01-02T00:05:00.000Z");
  CHECK(When("tomorrow") == "2026-01-02T10:15:30.500Z");
  CHECK(When("tomorrow", *base::FromRfc3339("2026-12-31T23:59:59Z")) == "2027-01-01T23:59:59.000Z");
}

TEST_CASE("noon is 12 pm and midnight 12 am") {
  CHECK(When("tomorrow at noon") == "2026-01-02T12:00:00.000Z");
  CHECK(When("tomorrow at 12pm") == "2026-01-02T12:00:00.000Z");
  CHECK(When("tomorrow at midnight") == "2026-01-02T00:00:00.000Z");
  CHECK(When("tomorrow at 12:15 am GMT") == "2026-01-02T00:15:00.000Z");
}

TEST_CASE("a weekday is the next time it is that") {
  CHECK(When("friday at 14:30") == "2026-01-02T14:30:00.000Z");
  CHECK(When("wed at 1pm") == "2026-01-07T13:00:00.000Z");
  CHECK(When("thursday at 10:16") == "2026-01-01T10:16:00.000Z");
  CHECK(When("thursday at 10:15") == "2026-01-08T10:15:00.000Z");
  CHECK(When("Thursday") == "2026-01-08T10:15:30.500Z");
  CHECK(When("sunday") == "2026-01-04T10:15:30.500Z");
}

TEST_CASE("what is not said in one of these forms is not guessed") {
  for (const char* text : {"",
                           " ",
                           "soon",
                           "in",
                           "in min",
                           "in 1",
                           "in 1 month",
                           "in -1 min",
                           "in 1.5 hours",
                           "in 1234567 s",
                           "in 1 min 2",
                           "today",
                           "tomorrow at",
                           "tomorrow at 9",
                           "tomorrow at 9:5",
                           "tomorrow at 24:00",
                           "tomorrow at 13pm",
                           "tomorrow at 0am",
                           "tomorrow at 9:60",
                           "tomorrow at 1:2:3:4",
                           "tomorrow at 10:00:00:00",
                           "tomorrow 9",
                           "friday at 3pm ET",
                           "next friday",
                           "at 5pm",
                           "2026-01-02",
                           "2026-01-02T09:00:00",
                           "1767225600",
                           "tomorrow at :",
                           "tomorrow at 9am pm",
                           "tomorrow at utc"}) {
    CAPTURE(text);
    CHECK(When(text) == "?");
  }
  CHECK(ParseWhen("soon", kThursday).error().find("tomorrow at 9am") != std::string::npos);
}

TEST_CASE("words in any order are refused, or are a time that is not far") {
  const char* const words[] = {"in", "at",  "a",    "1",    "30",    "9",    ":",   "min",      "hours", "days",
                               "z",  "utc", "noon", "9:30", "00:00", "12pm", "sun", "tomorrow", "today", "friday"};
  std::mt19937 random(7);
  int read = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string text = words[random() % std::size(words)];
    for (std::size_t more = random() % 4; more > 0; --more)
      text += std::string(" ") + words[random() % std::size(words)];
    const auto time = ParseWhen(text, kThursday);
    if (!time) continue;
    ++read;
    CAPTURE(text);
    REQUIRE(*time >= std::chrono::floor<std::chrono::days>(kThursday));
    REQUIRE(*time <= kThursday + std::chrono::days(30));
  }
  CHECK(read > 100);
}

TEST_CASE("what has just passed is sent now, what has long passed is refused") {
  CHECK(*WhenToSend("2026-01-01T10:15:00Z", kThursday, std::nullopt) == kThursday);
  CHECK(*WhenToSend("2026-01-01T10:14:30.500Z", kThursday, std::nullopt) == kThursday);
  const submit::Refusal refusal = RefusedTime("today at 10am");
  CHECK(refusal.field == "/scheduled_at");
  CHECK(refusal.message.find("2026-01-01T10:00:00.000Z") != std::string::npos);
  CHECK(RefusedTime("never").field == "/scheduled_at");
}

TEST_CASE("30 days ahead are taken, and no millisecond more") {
  CHECK(*WhenToSend("in 30 days", kThursday, std::nullopt) == kThursday + 720h);
  CHECK(RefusedTime("2026-01-31T10:15:30.501Z").message.find("30 days") != std::string::npos);
  CHECK(RefusedTime("in 999999 weeks").message.find("30 days") != std::string::npos);
}

TEST_CASE("a message may not expire before it is sent") {
  CHECK(WhenToSend("in 1 hour", kThursday, kThursday + 1h + 1ms).has_value());
  CHECK(RefusedTime("in 1 hour", kThursday + 1h).field == "/expires_at");
}
