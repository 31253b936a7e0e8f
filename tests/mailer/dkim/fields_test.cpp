#include "mailer/dkim/fields.h"

#include <doctest/doctest.h>

namespace sealpost::dkim {
namespace {

TEST_CASE("a message is taken apart into fields and body") {
  const auto parts = SplitMessage("A: 1\r\nB :\r\n 2\r\n\t3\r\n\r\nbody\r\n\r\nC: no\r\n");
  REQUIRE(parts);
  REQUIRE(parts->fields.size() == 2);
  CHECK(parts->fields[0].name == "A");
  CHECK(parts->fields[0].value == " 1");
  CHECK(parts->fields[1].name == "B");
  CHECK(parts->fields[1].value == "\r\n 2\r\n\t3");
  CHECK(parts->body == "body\r\n\r\nC: no\r\n");
}

TEST_CASE("a message without a body, or without the empty line, has an empty body") {
  for (const char* message : {"A: 1\r\n\r\n", "A: 1\r\n", "A: 1"}) {
    const auto parts = SplitMessage(message);
    REQUIRE(parts);
    CHECK(parts->fields.size() == 1);
    CHECK(parts->fields[0].value == " 1");
    CHECK(parts->body.empty());
  }
}

TEST_CASE("a message without header is all body") {
  const auto parts = SplitMessage("\r\nA: 1\r\n");
  REQUIRE(parts);
  CHECK(parts->fields.empty());
  CHECK(parts->body == "A: 1\r\n");
}

TEST_CASE("line ends other than CRLF are refused, in the header and in the body") {
  for (const char* message : {"A: 1\nB: 2\r\n\r\n", "A: 1\r\n\r\nx\ny\r\n", "A: 1\r\n\r\nx\ry\r\n", "A: 1\r\n\r\nx\r",
                              "\nA: 1\r\n\r\n", "A: 1\r\r\n\r\n"}) {
    CAPTURE(message);
    const auto parts = SplitMessage(message);
    REQUIRE_FALSE(parts);
    CHECK(parts.error().message.find("CRLF") != std::string::npos);
  }
}

TEST_CASE("what is no header field is refused and counted") {
  for (const char* message : {"A: 1\r\nno colon\r\n\r\n", "A: 1\r\n: no name\r\n\r\n", "A: 1\r\nB C: 2\r\n\r\n",
                              "A: 1\r\n\xc3\xa4: 2\r\n\r\n", "A: 1\r\nB;: 2\r\n\r\n"}) {
    CAPTURE(message);
    const auto parts = SplitMessage(message);
    REQUIRE_FALSE(parts);
    CHECK(parts.error().message.find("field 2") != std::string::npos);
  }
  CHECK_FALSE(SplitMessage(" A: 1\r\n\r\n"));
}

}  // namespace
}  // namespace sealpost::dkim
