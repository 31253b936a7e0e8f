#include "mailer/smtpd/line_reader.h"

#include <doctest/doctest.h>

using sealpost::smtpd::LineReader;
using Found = LineReader::Found;

TEST_CASE("a line is whole when its CRLF has come, however it is cut") {
  LineReader reader(100);
  std::string line;
  reader.Feed("EHLO a");
  CHECK(reader.Next(line) == Found::kMore);
  reader.Feed(".example\r");
  CHECK(reader.Next(line) == Found::kMore);
  reader.Feed("\nNOOP\r\nQU");
  REQUIRE(reader.Next(line) == Found::kLine);
  CHECK(line == "EHLO a.example");
  REQUIRE(reader.Next(line) == Found::kLine);
  CHECK(line == "NOOP");
  CHECK(reader.Next(line) == Found::kMore);
  CHECK(reader.Rest() == "QU");
}

TEST_CASE("a bare LF and a bare CR are no line ends") {
  for (const char* bytes : {"NOOP\n", "NO\rOP\r\n", "NOOP\r\r\n", "\n"}) {
    LineReader reader(100);
    std::string line;
    reader.Feed(bytes);
    CHECK(reader.Next(line) == Found::kBareLineEnd);
  }
}

TEST_CASE("a line of exactly the limit passes, one octet more does not") {
  std::string line;
  LineReader exact(10);
  exact.Feed("12345678\r\n");
  CHECK(exact.Next(line) == Found::kLine);
  LineReader above(10);
  above.Feed("123456789\r\nNOOP\r\n");
  CHECK(above.Next(line) == Found::kTooLong);
  CHECK(above.Next(line) == Found::kLine);
  CHECK(line == "NOOP");
}

TEST_CASE("an endless line is dropped as it comes and its end still found") {
  LineReader reader(16);
  std::string line;
  for (int i = 0; i < 1000; ++i) {
    reader.Feed("xxxxxxxxxxxxxxxxxxx\r");
    reader.Feed(i == 999 ? "\n" : "");
    if (i < 999) {
      CHECK(reader.Next(line) == Found::kMore);
      reader.Skip(reader.Rest().size());  // the CR alone would be a bare one before the next x
    }
  }
  CHECK(reader.Next(line) == Found::kTooLong);
  reader.Feed("NOOP\r\n");
  REQUIRE(reader.Next(line) == Found::kLine);
  CHECK(line == "NOOP");
}
