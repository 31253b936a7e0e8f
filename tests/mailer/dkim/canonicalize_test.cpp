#include "mailer/dkim/canonicalize.h"

#include <doctest/doctest.h>

#include <string>

namespace sealpost::dkim {
namespace {

std::string Relaxed(std::string_view name, std::string_view value) {
  std::string out;
  AppendRelaxedField(name, value, out);
  return out;
}

TEST_CASE("the example of RFC 6376 3.4.5 comes out as it says") {
  CHECK(Relaxed("A", " X") == "a:X");
  CHECK(Relaxed("B ", " Y\t\r\n\tZ  ") == "b:Y Z");
  CHECK(RelaxedBody(" C \r\nD \t E\r\n\r\n\r\n") == " C\r\nD E\r\n");
}

TEST_CASE("the relaxed form of an empty body is empty, of a body of empty lines too (RFC 6376 3.4.4)") {
  CHECK(RelaxedBody("") == "");
  CHECK(RelaxedBody("\r\n") == "");
  CHECK(RelaxedBody("\r\n\r\n\r\n") == "");
  CHECK(RelaxedBody(" \t\r\n \r\n") == "");
  CHECK(RelaxedBody(" \t") == "");
}

TEST_CASE("a body that does not end with CRLF gets one") {
  CHECK(RelaxedBody("a") == "a\r\n");
  CHECK(RelaxedBody("a\r\nb") == "a\r\nb\r\n");
  CHECK(RelaxedBody("a\r\n \t") == "a\r\n");
}

TEST_CASE("empty lines inside a body stay, those at its end go") {
  CHECK(RelaxedBody("\r\na\r\n\r\n\r\nb\r\n\r\n") == "\r\na\r\n\r\n\r\nb\r\n");
}

TEST_CASE("white space in a line becomes one space, at its end none, at its start one") {
  CHECK(RelaxedBody("a\tb\r\n") == "a b\r\n");
  CHECK(RelaxedBody("a \t b\r\n") == "a b\r\n");
  CHECK(RelaxedBody("\t\ta  \r\n") == " a\r\n");
  CHECK(RelaxedBody("a b c\r\n") == "a b c\r\n");
  CHECK(RelaxedBody("a  b  c d\te\r\n") == "a b c d e\r\n");
}

TEST_CASE("bytes that are no ASCII and NUL go through a body unchanged") {
  const std::string body("\xc3\xa4 \0\xff\r\n", 7);
  CHECK(RelaxedBody(body) == body);
}

TEST_CASE("a field's name is lowered and its value unfolded") {
  CHECK(Relaxed("SUBJect", "AbC") == "subject:AbC");
  CHECK(Relaxed("To", " a,\r\n b,\r\n\t  c \r\n ") == "to:a, b, c");
  CHECK(Relaxed("X", "") == "x:");
  CHECK(Relaxed("X", " \r\n \t") == "x:");
  CHECK(Relaxed("X", "\r\n v") == "x:v");
}

}  // namespace
}  // namespace sealpost::dkim
