#include "mailer/net/body_writer.h"

#include <doctest/doctest.h>

using sealpost::net::FindDots;
using Dots = std::vector<std::size_t>;

TEST_CASE("dots at the beginning of a line are found, others are not") {
  CHECK(FindDots("")->empty());
  CHECK(FindDots("a.b\r\n.\r\n..c\r\n") == Dots{5, 8});
  CHECK(FindDots(".a\r\n") == Dots{0});
  CHECK(FindDots("\r\n") == Dots{});
}

TEST_CASE("a bare CR or LF is refused wherever it stands") {
  for (const char* text : {"a\n", "a\r", "a\nb\r\n", "a\rb\r\n", "\n\r\n", "\r\r\n", "a\r\r\nb\r\n", "a\n.\n\r\n",
                           "a\n.\r\nb\r\n", "a\r\n.\rb\r\n", "a\r\n\n.\r\n", "a\r.\r\n\r\n"}) {
    CAPTURE(text);
    CHECK_FALSE(FindDots(text).has_value());
  }
}

TEST_CASE("a text that does not end its last line is refused") {
  CHECK_FALSE(FindDots("a").has_value());
  CHECK_FALSE(FindDots("a\r\nb").has_value());
}
