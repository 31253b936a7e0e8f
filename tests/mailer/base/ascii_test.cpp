#include "mailer/base/ascii.h"

#include <doctest/doctest.h>

TEST_CASE("only ASCII letters have a lower case here") {
  CHECK(sealpost::base::ToLower("X-TeaM[Ä]") == "x-team[Ä]");
}
