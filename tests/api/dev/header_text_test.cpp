#include "api/dev/header_text.h"

#include <doctest/doctest.h>

using namespace sealpost::dev;

TEST_CASE("encoded words are decoded, in both encodings and several charsets") {
  CHECK(DecodeWords("plain text") == "plain text");
  CHECK(DecodeWords("=?utf-8?Q?Gr=C3=BC=C3=9Fe?= you") == "Gr\u00fc\u00dfe you");
  CHECK(DecodeWords("=?UTF-8?b?R3LDvMOfZQ==?=") == "Gr\u00fc\u00dfe");
  CHECK(DecodeWords("=?iso-8859-1?q?a=E4_b?=") == "a\u00e4 b");
  CHECK(DecodeWords("=?windows-1252?q?=80?=") == "\u20ac");
  CHECK(DecodeWords("=?utf-8*en?q?ok?=") == "ok");
}

TEST_CASE("white space between encoded words is none, before other text it is") {
  CHECK(DecodeWords("=?utf-8?q?a?= =?utf-8?q?b?=\t=?utf-8?q?c?= d") == "abc d");
  CHECK(DecodeWords("x =?utf-8?q?a?= =?iso-8859-1?q?=E4?=") == "x a\u00e4");
}

TEST_CASE("a character cut between two words comes together again") {
  CHECK(DecodeWords("=?utf-8?q?=C3?= =?utf-8?q?=BC?=") == "\u00fc");
}

TEST_CASE("what is no encoded word stays as it is") {
  for (const char* text :
       {"=?", "=?x", "=?utf-8?", "=?utf-8?q?", "=?utf-8?q?abc", "=?utf-8?z?abc?=", "=?utf-8?q?a b?=", "a =? b ?= c"}) {
    CHECK(DecodeWords(text) == text);
  }
}

TEST_CASE("bytes that are no UTF-8 are shown as replacement characters") {
  CHECK(ToUtf8("a\xff", "utf-8") == "a\xef\xbf\xbd");
  CHECK(ToUtf8("\xe4", "koi8-r") == "\xef\xbf\xbd");
}

TEST_CASE("parameters: quoted, extended, continued, missing") {
  CHECK(Parameter("text/html; Charset=\"utf-8\"; x=1", "charset") == "utf-8");
  CHECK(Parameter("attachment; filename=\"a;b\\\"c.txt\"", "filename") == "a;b\"c.txt");
  CHECK(Parameter("attachment; filename*=UTF-8''r%C3%A9sum%C3%A9.pdf", "filename") == "r\u00e9sum\u00e9.pdf");
  CHECK(Parameter("attachment; filename*0*=utf-8''a%20; filename*1=b; filename*2*=%20c", "filename") == "a b c");
  CHECK(Parameter("attachment; filename=\"=?utf-8?q?=C3=BC?=\"", "filename") == "\u00fc");
  CHECK(Parameter("attachment", "filename").empty());
  CHECK(Parameter("a; b=\"unended; filename=x", "filename").empty());
  CHECK(FirstWord(" Text/HTML ; charset=x") == "text/html");
}

TEST_CASE("base64 as mailers write it") {
  CHECK(DecodeBase64("aGVs\r\nbG8=") == "hello");
  CHECK(DecodeBase64("aGVsbG8") == "hello");
  CHECK(DecodeBase64("!a?G V s b G 8 h==") == "hello!");
  CHECK(DecodeBase64("aGVsbG9") == "hello");  // stray bits in the last digit
  CHECK(DecodeBase64("a").empty());
  CHECK(DecodeBase64("").empty());
}
