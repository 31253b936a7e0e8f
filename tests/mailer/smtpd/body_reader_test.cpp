#include "mailer/smtpd/body_reader.h"

#include <doctest/doctest.h>

using sealpost::smtpd::BodyReader;

namespace {

struct Outcome {
  bool done, bare;
  std::string message;
  std::size_t used;
};

Outcome Feed(std::string_view bytes, std::size_t step = std::string_view::npos, std::size_t limit = 1000) {
  BodyReader reader(limit);
  std::size_t used = 0;
  while (used < bytes.size() && !reader.done()) used += reader.Feed(bytes.substr(used, step));
  return {reader.done(), reader.bare_line_end(), reader.Take(), used};
}

}  // namespace

TEST_CASE("the message ends at CRLF.CRLF, whatever the pieces") {
  for (std::size_t step = 1; step < 20; ++step) {
    const Outcome outcome = Feed("Subject: a\r\n\r\nbody\r\n.\r\nQUIT\r\n", step);
    CHECK(outcome.done);
    CHECK_FALSE(outcome.bare);
    CHECK(outcome.message == "Subject: a\r\n\r\nbody\r\n");
    CHECK(outcome.used == 23);
  }
}

TEST_CASE("an empty message is a dot alone") {
  const Outcome outcome = Feed(".\r\n");
  CHECK(outcome.done);
  CHECK(outcome.message.empty());
}

TEST_CASE("one leading dot is taken off every line that has one") {
  for (std::size_t step = 1; step < 8; ++step) {
    CHECK(Feed("..\r\n...a\r\n.b\r\na.\r\n.\r\n", step).message == ".\r\n..a\r\nb\r\na.\r\n");
  }
}

TEST_CASE("none of the smuggling line ends ends a message, and each spoils it") {
  for (const char* end : {"\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r", "\r.\r\n", "\r\r\n.\r\r\n", "\n\n.\r\n"}) {
    const std::string bytes =
        std::string("body") + end + "MAIL FROM:<evil@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n";
    for (const std::size_t step : {std::size_t{1}, std::size_t{3}, bytes.size()}) {
      const Outcome open = Feed(bytes, step);
      CHECK_FALSE(open.done);
      CHECK(open.bare);
      const Outcome whole = Feed(bytes + "second\r\n.\r\nNOOP\r\n", step);
      CHECK(whole.done);
      CHECK(whole.bare);
      CHECK(whole.used == bytes.size() + 11);
    }
  }
}

TEST_CASE("a message above the limit is counted and not kept") {
  BodyReader reader(10);
  reader.Feed("1234567\r\n");
  CHECK_FALSE(reader.too_large());
  reader.Feed("89\r\n.\r\n");
  CHECK(reader.done());
  CHECK(reader.too_large());
  CHECK(reader.received() == 13);
  CHECK(reader.Take().empty());
}
