#include "api/app/policy_values.h"

#include <doctest/doctest.h>

using namespace sealpost::app;
using sealpost::ratelimit::Mode;
using std::chrono::seconds;

TEST_CASE("a window is a number and a unit") {
  CHECK(ParseWindow("30s") == seconds(30));
  CHECK(ParseWindow("10m") == seconds(600));
  CHECK(ParseWindow("h") == seconds(3600));
  CHECK(ParseWindow("24h") == seconds(86400));
  CHECK(ParseWindow("7d") == seconds(604800));
  for (const char* bad : {"", "30", "0s", "8d", "-1h", "1.5h", "1w", "h1", "1 h", "99999999999999999999h", "169h"}) {
    CHECK_MESSAGE(!ParseWindow(bad).has_value(), bad);
  }
}

TEST_CASE("a rule is a count in a window, and its mode behind it") {
  const auto plain = ParseLimit("5/10m");
  REQUIRE(plain);
  CHECK(plain->count == 5);
  CHECK(plain->window == seconds(600));
  CHECK(plain->mode == Mode::kEnforce);
  CHECK(ParseLimit("6/h", Mode::kShadow)->mode == Mode::kShadow);
  CHECK(ParseLimit("6/h off", Mode::kShadow)->mode == Mode::kOff);
  CHECK(ParseLimit("6/h enforce", Mode::kShadow)->mode == Mode::kEnforce);
  CHECK(ParseLimit("0/h")->count == 0);
  for (const char* bad : {"", "6", "/h", "6/", "6/x", "-1/h", "6/h maybe", "6/h  off", "1000001/h", "6 /h", "six/h"}) {
    CHECK_MESSAGE(!ParseLimit(bad).has_value(), bad);
  }
}

TEST_CASE("a word that is none is answered with the words there are") {
  CHECK(ParseMode("shadow") == Mode::kShadow);
  CHECK(ParseMode("shado").error().message == "is one of enforce, shadow, off; did you mean shadow?");
  CHECK(ParseLane("application") == sealpost::ratelimit::Lane::kApplication);
  CHECK_FALSE(ParseLane("trusted"));
  CHECK(ParseOnLimit("digest") == sealpost::ratelimit::OnLimit::kDigest);
  CHECK_FALSE(ParseOnLimit("Deny"));
  CHECK(ParseOnOutage("hold") == sealpost::ratelimit::OnOutage::kHold);
  CHECK_FALSE(ParseOnOutage(""));
}
