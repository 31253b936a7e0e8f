#include "mailer/base/clock.h"

#include <doctest/doctest.h>

#include <limits>

#include "tests/support/manual_clock.h"

using namespace sealpost::base;
using namespace std::chrono_literals;

namespace {

std::int64_t Read(std::string_view text) {
  const auto time = FromRfc3339(text);
  REQUIRE_MESSAGE(time.has_value(), std::string(text));
  return ToMillis(*time);
}

}  // namespace

TEST_CASE("a time is written as RFC 3339 in UTC with milliseconds") {
  CHECK(ToRfc3339(FromMillis(0)) == "1970-01-01T00:00:00.000Z");
  CHECK(ToRfc3339(FromMillis(1'795'428'930'123)) == "2026-11-23T10:15:30.123Z");
  CHECK(ToRfc3339(FromMillis(951'782'400'000)) == "2000-02-29T00:00:00.000Z");
  CHECK(ToRfc3339(FromMillis(-1)) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("a time is written as RFC 5322 wants a Date field") {
  CHECK(ToRfc5322(FromMillis(1'795'428'930'123)) == "Mon, 23 Nov 2026 10:15:30 +0000");
  CHECK(ToRfc5322(FromMillis(0)) == "Thu, 1 Jan 1970 00:00:00 +0000");
}

TEST_CASE("a time outside four digits of a year is written as the nearest that fits") {
  CHECK(ToRfc3339(FromMillis(std::numeric_limits<std::int64_t>::max())) == "9999-12-31T23:59:59.999Z");
  CHECK(ToRfc3339(FromMillis(std::numeric_limits<std::int64_t>::min())) == "0000-01-01T00:00:00.000Z");
}

TEST_CASE("RFC 3339 is read with offsets, fractions and either case") {
  constexpr std::int64_t kMoment = 1'795'428'930'000;
  CHECK(Read("2026-11-23T10:15:30Z") == kMoment);
  CHECK(Read("2026-11-23t10:15:30z") == kMoment);
  CHECK(Read("2026-11-23 10:15:30Z") == kMoment);
  CHECK(Read("2026-11-23T10:15:30+00:00") == kMoment);
  CHECK(Read("2026-11-23T10:15:30-00:00") == kMoment);
  CHECK(Read("2026-11-23T11:45:30+01:30") == kMoment);
  CHECK(Read("2026-11-23T00:15:30-10:00") == kMoment);
  CHECK(Read("2026-11-23T10:15:30.1Z") == kMoment + 100);
  CHECK(Read("2026-11-23T10:15:30.12Z") == kMoment + 120);
  CHECK(Read("2026-11-23T10:15:30.123999999Z") == kMoment + 123);
  CHECK(Read("2016-12-31T23:59:60Z") == Read("2017-01-01T00:00:00Z"));
  CHECK(Read("2024-02-29T00:00:00Z") == 1'709'164'800'000);
}

TEST_CASE("what was written is read back as the same time") {
  for (const std::int64_t millis :
       {0LL, 1LL, -1LL, 1'795'428'930'123LL, 253'402'300'799'999LL, -62'167'219'200'000LL}) {
    CHECK(Read(ToRfc3339(FromMillis(millis))) == millis);
  }
}

TEST_CASE("anything that is no RFC 3339 time is refused with an example of one") {
  for (const char* text : {"",
                           "now",
                           "2026-11-23",
                           "2026-11-23T10:15:30",
                           "2026-11-23T10:15Z",
                           "2026-11-23T24:00:00Z",
                           "2026-11-23T10:60:00Z",
                           "2026-11-23T10:15:61Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-02-29T00:00:00Z",
                           "2026-04-31T00:00:00Z",
                           "2026-11-23T10:15:30.Z",
                           "2026-11-23T10:15:30.1234567890Z",
                           "2026-11-23T10:15:30+0100",
                           "2026-11-23T10:15:30+24:00",
                           "2026-11-23T10:15:30Z ",
                           " 2026-11-23T10:15:30Z",
                           "2026-11-23T10:15:30Zjunk",
                           "-026-11-23T10:15:30Z",
                           "+2026-11-23T10:15:30Z",
                           "2026-1-23T10:15:30Z",
                           "20261123T101530Z"}) {
    const auto time = FromRfc3339(text);
    REQUIRE_MESSAGE(!time.has_value(), text);
    CHECK(time.error().kind == ErrorKind::kInvalid);
    CHECK(time.error().message.find("2026-11-23T10:15:30Z") != std::string::npos);
  }
}

TEST_CASE("the system's clock tells the present and a manual clock what it was told") {
  CHECK(SystemClock().Now() > FromMillis(1'700'000'000'000));
  sealpost::tests::ManualClock clock(FromMillis(1000));
  clock.Advance(500ms);
  CHECK(ToMillis(clock.Now()) == 1500);
  clock.Set(FromMillis(7));
  CHECK(ToMillis(clock.Now()) == 7);
}
