#include "templates/entities.h"

#include <doctest/doctest.h>

using namespace sealpost::templates;

namespace {

std::string Decoded(std::string_view text) {
  std::string out;
  return DecodeEntity(text, out) == text.size() ? out : "(left)";
}

}  // namespace

TEST_CASE("Character references are decoded") {
  CHECK(Decoded("&amp;") == "&");
  CHECK(Decoded("&lt;") == "<");
  CHECK(Decoded("&eacute;") == "\xc3\xa9");
  CHECK(Decoded("&nbsp;") == "\xc2\xa0");
  CHECK(Decoded("&yuml;") == "\xc3\xbf");
  CHECK(Decoded("&euro;") == "\xe2\x82\xac");
  CHECK(Decoded("&#233;") == "\xc3\xa9");
  CHECK(Decoded("&#xE9;") == "\xc3\xa9");
  CHECK(Decoded("&#X1f600;") == "\xf0\x9f\x98\x80");
}

TEST_CASE("Numbers that name no character become the replacement character") {
  for (const char* text : {"&#0;", "&#xD800;", "&#x110000;", "&#7;", "&#127;", "&#x85;"}) {
    CHECK(Decoded(text) == "\xef\xbf\xbd");
  }
}

TEST_CASE("What is no reference is left alone") {
  for (const char* text :
       {"&", "&;", "&#;", "&#x;", "&#-1;", "&#12a;", "&#99999999999;", "&nonsense;", "&amp", "&AMP;", "& a;"}) {
    CAPTURE(text);
    std::string out;
    CHECK(DecodeEntity(text, out) == 0);
    CHECK(out.empty());
  }
}
