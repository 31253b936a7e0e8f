#include "mailer/base/nearest.h"

#include <doctest/doctest.h>

#include <array>

using namespace sealpost::base;

TEST_CASE("the distance of two texts is the least number of slips") {
  CHECK(EditDistance("", "") == 0);
  CHECK(EditDistance("abc", "") == 3);
  CHECK(EditDistance("kitten", "sitting") == 3);
  CHECK(EditDistance("mailbox", "mailbox") == 0);
}

TEST_CASE("the nearest name is suggested, and none when none is near") {
  constexpr std::array<std::string_view, 3> kKnown{"mailbox", "lane", "duplicate"};
  CHECK(Nearest("malbox", kKnown) == "mailbox");
  CHECK(Nearest("duplicates", kKnown) == "duplicate");
  CHECK(Nearest("colour", kKnown).empty());
  CHECK(Nearest("", kKnown).empty());
  CHECK(Nearest(std::string(1'000'000, 'a'), kKnown).empty());
  CHECK(DidYouMean("lanes", kKnown) == "; did you mean lane?");
  CHECK(DidYouMean("colour", kKnown).empty());
}
