#include "mailer/recipients/mask.h"

#include <doctest/doctest.h>

using sealpost::recipients::Mask;

TEST_CASE("a page shows the first letter of an address and its domain, and never half a letter") {
  CHECK(Mask({"ann", "example.org"}) == "a***@example.org");
  CHECK(Mask({"\xC3\xA4nn", "example.org"}) == "***@example.org");
  CHECK(Mask({"\"a b\"", "example.org"}) == "***@example.org");
}
