#include "mailer/base/utf8.h"

#include <doctest/doctest.h>

using sealpost::base::Utf8Length;

TEST_CASE("the first character has its length, whatever stands behind it") {
  CHECK(Utf8Length("a\xFF") == 1);
  CHECK(Utf8Length("\xC3\xA9\x80") == 2);
  CHECK(Utf8Length("\xE2\x82\xAC") == 3);
  CHECK(Utf8Length("\xF0\x9F\x98\x80x") == 4);
  CHECK(Utf8Length(std::string_view("\0", 1)) == 1);
}

TEST_CASE("what is empty, cut off, overlong or no character has none") {
  for (const char* bad : {"", "\x80", "\xC3", "\xC3(", "\xC0\x80", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xE2\x82",
                          "\xE2\x82(", "\xF0\x8F\xBF\xBF", "\xF0\x9F\x98", "\xF4\x90\x80\x80", "\xFF"})
    CHECK(Utf8Length(bad) == 0);
}
