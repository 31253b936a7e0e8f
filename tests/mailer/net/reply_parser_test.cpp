#include "mailer/net/reply_parser.h"

#include <doctest/doctest.h>

using sealpost::model::SmtpStage;
using sealpost::net::CleanText;
using sealpost::net::ReplyParser;
using State = sealpost::net::ReplyParser::State;

namespace {

sealpost::model::SmtpReply Parse(std::string_view bytes) {
  ReplyParser parser(SmtpStage::kRcpt);
  CHECK(parser.Feed(bytes) == bytes.size());
  REQUIRE(parser.state() == State::kComplete);
  return parser.reply();
}

State StateAfter(std::string_view bytes) {
  ReplyParser parser(SmtpStage::kRcpt);
  parser.Feed(bytes);
  return parser.state();
}

}  // namespace

TEST_CASE("a reply has a code, an enhanced code and a text") {
  const auto reply = Parse("550 5.1.1 No such user\r\n");
  CHECK(reply.code == 550);
  CHECK(reply.enhanced == "5.1.1");
  CHECK(reply.text == "No such user");
  CHECK(reply.stage == SmtpStage::kRcpt);
}

TEST_CASE("an enhanced code counts only if it is whole and of the code's class") {
  CHECK(Parse("550 4.1.1 odd\r\n").enhanced.empty());
  CHECK(Parse("550 4.1.1 odd\r\n").text == "4.1.1 odd");
  CHECK(Parse("550 5.1 odd\r\n").enhanced.empty());
  CHECK(Parse("550 5.1.1111 odd\r\n").enhanced.empty());
  CHECK(Parse("550 5.1.1.1 odd\r\n").enhanced.empty());
  CHECK(Parse("550 5.7.515 auth\r\n").enhanced == "5.7.515");
  CHECK(Parse("250 2.0.0\r\n").text.empty());
}

TEST_CASE("the lines of a reply are joined, with the enhanced code of the first line that has one") {
  const auto reply = Parse("550-Sorry\r\n550-5.7.1 blocked\r\n550 5.7.1 see example.com\r\n");
  CHECK(reply.enhanced == "5.7.1");
  CHECK(reply.text == "Sorry blocked see example.com");
}

TEST_CASE("of lines with different codes the last code counts") {
  const auto reply = Parse("250-fine\r\n554 5.0.0 no\r\n");
  CHECK(reply.code == 554);
  CHECK(reply.text == "no");
}

TEST_CASE("a code alone and a line that ends in LF are replies") {
  CHECK(Parse("250\r\n").code == 250);
  CHECK(Parse("250 ok\n").text == "ok");
  CHECK(Parse("250-\r\n250 ok\r\n").text == "ok");
}

TEST_CASE("bytes may come one at a time") {
  ReplyParser parser(SmtpStage::kMail);
  for (const char c : std::string("250-a\r\n250 b\r\n")) {
    CHECK(parser.state() == State::kMore);
    CHECK(parser.Feed({&c, 1}) == 1);
  }
  CHECK(parser.state() == State::kComplete);
  CHECK(parser.reply().text == "a b");
}

TEST_CASE("bytes after the reply are left alone") {
  ReplyParser parser(SmtpStage::kMail);
  CHECK(parser.Feed("250 a\r\n250 b\r\n") == 7);
  CHECK(parser.reply().text == "a");
}

TEST_CASE("what is no reply breaks it") {
  CHECK(StateAfter("hello\r\n") == State::kBroken);
  CHECK(StateAfter("25\r\n") == State::kBroken);
  CHECK(StateAfter("2500 ok\r\n") == State::kBroken);
  CHECK(StateAfter("199 ok\r\n") == State::kBroken);
  CHECK(StateAfter("650 ok\r\n") == State::kBroken);
  CHECK(StateAfter("250_ok\r\n") == State::kBroken);
  CHECK(StateAfter("\r\n") == State::kBroken);
  CHECK(StateAfter(std::string("2\0"
                               "50\r\n",
                               7)) == State::kBroken);
  CHECK(StateAfter("250-a\r\nHTTP/1.1 400\r\n") == State::kBroken);
}

TEST_CASE("a long line is cut and its reply still counts") {
  const auto reply = Parse("250 2.0.0 " + std::string(20'000, 'x') + "\r\n");
  CHECK(reply.code == 250);
  CHECK(reply.text.size() == 500);
}

TEST_CASE("too many lines or bytes break the reply") {
  std::string lines;
  for (int i = 0; i < 99; ++i) {
    lines += "250-x\r\n";
  }
  CHECK(StateAfter(lines + "250 x\r\n") == State::kComplete);
  CHECK(StateAfter(lines + "250-x\r\n250 x\r\n") == State::kBroken);
  CHECK(StateAfter("250 " + std::string(500'000, 'x')) == State::kBroken);
}

TEST_CASE("text comes out clean: no controls, no broken UTF-8, not cut inside a character") {
  CHECK(CleanText("a\x1b[31m\tb\x7f\rc") ==
        "a?[31m?b?"
        "?c");
  CHECK(CleanText("caf\xc3\xa9") == "caf\xc3\xa9");
  CHECK(CleanText("\xff\xc3(") ==
        "?"
        "?(");
  CHECK(CleanText("\xc2\x85x\xe2\x80\xaey") == "?x?y");
  CHECK(CleanText("\xc3\xa9\xc3\xa9", 3) == "\xc3\xa9");
  CHECK(CleanText(std::string("a\0b", 3)) == "a?b");
}
