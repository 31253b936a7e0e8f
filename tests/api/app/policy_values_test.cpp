#include "api/app/policy_values.h"

#include <doctest/doctest.h>

using namespace sealpost;
using sealpost::ratelimit::Mode;
using std::chrono::seconds;

TEST_CASE("a window is a number and a unit") {
  CHECK(app::ParseWindow("30s") == seconds(30));
  CHECK(app::ParseWindow("10m") == seconds(600));
  CHECK(app::ParseWindow("h") == seconds(3600));
  CHECK(app::ParseWindow("24h") == seconds(86400));
  CHECK(app::ParseWindow("7d") == seconds(604800));
  for (const char* bad : {"", "30", "0s", "8d", "-1h", "1.5h", "1w", "h1", "1 h", "99999999999999999999h", "169h"}) {
    CHECK_MESSAGE(!app::ParseWindow(bad).has_value(), bad);
  }
}

TEST_CASE("a rule is a count in a window, and its mode behind it") {
  const auto plain = app::ParseLimit("5/10m");
  REQUIRE(plain);
  CHECK(plain->count == 5);
  CHECK(plain->window == seconds(600));
  CHECK(plain->mode == Mode::kEnforce);
  CHECK(app::ParseLimit("6/h", Mode::kShadow)->mode == Mode::kShadow);
  CHECK(app::ParseLimit("6/h off", Mode::kShadow)->mode == Mode::kOff);
  CHECK(app::ParseLimit("6/h enforce", Mode::kShadow)->mode == Mode::kEnforce);
  CHECK(app::ParseLimit("0/h")->count == 0);
  for (const char* bad : {"", "6", "/h", "6/", "6/x", "-1/h", "6/h maybe", "6/h  off", "1000001/h", "6 /h", "six/h"}) {
    CHECK_MESSAGE(!app::ParseLimit(bad).has_value(), bad);
  }
}

TEST_CASE("a word that is none is answered with the words there are") {
  CHECK(app::ParseMode("shadow") == Mode::kShadow);
  CHECK(app::ParseMode("shado").error().message == "is one of enforce, shadow, off; did you mean shadow?");
  CHECK(app::ParseLane("application") == sealpost::ratelimit::Lane::kApplication);
  CHECK_FALSE(app::ParseLane("trusted"));
  CHECK(app::ParseOnLimit("digest") == sealpost::ratelimit::OnLimit::kDigest);
  CHECK_FALSE(app::ParseOnLimit("Deny"));
  CHECK(app::ParseOnOutage("hold") == sealpost::ratelimit::OnOutage::kHold);
  CHECK_FALSE(app::ParseOnOutage(""));
}
