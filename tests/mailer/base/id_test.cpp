#include "mailer/base/id.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace sealpost::base;

TEST_CASE("a fresh identifier is a UUID of version 7 that begins with its time") {
  // The example of RFC 9562 A.6: 2022-02-22T19:22:22.000Z.
  const std::string id = NewId(FromMillis(0x017F22E279B0));
  CHECK(id.starts_with("017f22e2-79b0-7"));
  CHECK(id.size() == 36);
  CHECK(std::string("89ab").find(id[19]) != std::string::npos);
  CHECK(IsId(id));
}

TEST_CASE("identifiers sort by time and do not repeat within one millisecond") {
  std::set<std::string> seen;
  std::string before;
  for (std::int64_t millis = 1'700'000'000'000; millis < 1'700'000'001'000; ++millis) {
    const std::string id = NewId(FromMillis(millis));
    CHECK(before < id);
    before = id;
  }
  for (int i = 0; i < 2000; ++i) seen.insert(NewId(FromMillis(1'700'000'000'000)));
  CHECK(seen.size() == 2000);
}

TEST_CASE("an identifier is read in either case and written in lower case") {
  const auto bytes = ParseId("017F22E2-79B0-7CC3-98C4-DC0C0C07398F");
  REQUIRE(bytes.has_value());
  CHECK((*bytes)[0] == 0x01);
  CHECK((*bytes)[15] == 0x8f);
  CHECK(FormatId(*bytes) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  CHECK(IsId("00000000-0000-0000-0000-000000000000"));
  CHECK(IsId("f47ac10b-58cc-4372-a567-0e02b2c3d479"));
}

TEST_CASE("what only looks like an identifier is none") {
  for (const char* text : {"", "017f22e279b07cc398c4dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
                           "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff", "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
                           "017f22e2+79b0-7cc3-98c4-dc0c0c07398f", "{17f22e2-79b0-7cc3-98c4-dc0c0c07398}",
                           "017f22e-279b0-7cc3-98c4-dc0c0c07398f", " 17f22e2-79b0-7cc3-98c4-dc0c0c07398f"}) {
    CHECK_MESSAGE(!IsId(text), text);
  }
}
