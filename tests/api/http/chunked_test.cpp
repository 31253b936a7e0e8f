#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "api/http/guard.h"

using namespace sealpost::http;
using State = ChunkedDecoder::State;
using namespace std::string_literals;

namespace {

struct Outcome {
  State state;
  std::string content;
  std::string rest;
};

// Fed in pieces of the given size.
Outcome Decode(const std::string& bytes, std::size_t piece, std::size_t limit = 1000) {
  ChunkedDecoder decoder(limit);
  Outcome outcome{State::kMore, "", ""};
  for (std::size_t at = 0; at < bytes.size() && outcome.state == State::kMore; at += piece) {
    const std::string part = bytes.substr(at, piece);
    std::string_view view = part;
    outcome.state = decoder.Feed(view, outcome.content);
    outcome.rest = std::string(view) + (at + piece < bytes.size() ? bytes.substr(at + piece) : "");
  }
  return outcome;
}

}  // namespace

TEST_CASE("Chunks become the body, however they arrive") {
  const std::string bytes = "5\r\nhello\r\n00a;name=\"v\"\r\n0123456789\r\n0\r\nTrailer: x\r\nOther: y\r\n\r\nGET /";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    CAPTURE(piece);
    const auto outcome = Decode(bytes, piece);
    CHECK(outcome.state == State::kDone);
    CHECK(outcome.content == "hello0123456789");
    CHECK(outcome.rest == "GET /");
  }
}

TEST_CASE("An empty chunked body is a body") {
  const auto outcome = Decode("0\r\n\r\n", 1);
  CHECK(outcome.state == State::kDone);
  CHECK(outcome.content.empty());
}

TEST_CASE("Chunks that are not written to the letter are refused") {
  const std::vector<std::string> bad = {
      "\r\n",
      "g\r\n",
      "-1\r\n",
      "+1\r\na\r\n0\r\n\r\n",
      "0x1\r\na\r\n0\r\n\r\n",
      " 1\r\na\r\n0\r\n\r\n",
      "1 \r\na\r\n0\r\n\r\n",
      "1\na\r\n0\r\n\r\n",
      "1\r\na\n0\r\n\r\n",
      "1\r\nab\r\n0\r\n\r\n",
      "1\r\r\na\r\n0\r\n\r\n",
      "1;x\na\r\n0\r\n\r\n",
      "1;x\0\r\na\r\n0\r\n\r\n"s,
      "0\r\n\n",
      "0\r\n\rX",
      "0\r\nA: b\n\r\n",
      "0\r\nA: b\x01\r\n\r\n",
      ";x\r\n",
      "00000000000000001\r\na\r\n0\r\n\r\n",
      "0;" + std::string(20'000, 'x') + "\r\n\r\n",
      "0\r\n" + std::string(20'000, 'x') + "\r\n\r\n",
  };
  for (const auto& bytes : bad) {
    CAPTURE(bytes.substr(0, 40));
    CHECK(Decode(bytes, 1).state == State::kBad);
    CHECK(Decode(bytes, bytes.size()).state == State::kBad);
  }
}

TEST_CASE("A body is refused at the size that would pass the limit, before its bytes come") {
  CHECK(Decode("a\r\n0123456789\r\n0\r\n\r\n", 3, 10).state == State::kDone);
  CHECK(Decode("b\r\n", 3, 10).state == State::kTooLarge);
  CHECK(Decode("5\r\nhello\r\n6\r\n", 3, 10).state == State::kTooLarge);
  CHECK(Decode("ffffffffffffffff\r\n", 3, 10).state == State::kTooLarge);
  CHECK(Decode("5\r\nhello\r\nfffffffffffffffd\r\n", 3, 10).state == State::kTooLarge);
}

TEST_CASE("A cut body waits for more") {
  const std::string whole = "5\r\nhello\r\n0\r\n\r\n";
  for (std::size_t size = 1; size < whole.size(); ++size) CHECK(Decode(whole.substr(0, size), 2).state == State::kMore);
}
