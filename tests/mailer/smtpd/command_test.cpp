#include "mailer/smtpd/command.h"

#include <doctest/doctest.h>

using namespace sealpost::smtpd;

TEST_CASE("a verb is read in any case and its argument without the space around it") {
  const Command command = ParseCommand("mAiL  FROM:<A@b.example>\t");
  CHECK(command.verb == "MAIL");
  CHECK(command.argument == "FROM:<A@b.example>");
  CHECK(ParseCommand("").verb.empty());
  CHECK(ParseCommand("QUIT").argument.empty());
}

TEST_CASE("a path gives its address and parameters") {
  const auto path = ParsePath("from:<a@b.example> SIZE=100 body=8BITMIME SMTPUTF8", "FROM:");
  REQUIRE(path);
  CHECK(path->address == "a@b.example");
  REQUIRE(path->parameters.size() == 3);
  CHECK(path->parameters[0] == std::pair<std::string, std::string>("SIZE", "100"));
  CHECK(path->parameters[1] == std::pair<std::string, std::string>("BODY", "8BITMIME"));
  CHECK(path->parameters[2] == std::pair<std::string, std::string>("SMTPUTF8", ""));
  CHECK(ParsePath("FROM:<>", "FROM:")->address.empty());
  CHECK(ParsePath("FROM: <a@b>", "FROM:")->address == "a@b");
}

TEST_CASE("a quoted local part may hold brackets") {
  CHECK(ParsePath("TO:<\"a>b\\\"c\"@d.example>", "TO:")->address == "\"a>b\\\"c\"@d.example");
}

TEST_CASE("a source route is taken off") {
  CHECK(ParsePath("TO:<@x.example,@y.example:a@b.example>", "TO:")->address == "a@b.example");
  CHECK_FALSE(ParsePath("TO:<@x.example>", "TO:"));
}

TEST_CASE("a path without its brackets or its word is refused") {
  for (const char* text : {"", "FROM", "FROM:", "FROM:a@b", "FROM:<a@b", "FROM:<a@b>SIZE=1", "TO:<a@b>", "<a@b>"}) {
    CHECK_FALSE(ParsePath(text, "FROM:"));
  }
}

TEST_CASE("mailboxes within the grammar and its limits") {
  const std::string longest = std::string(64, 'a') + "@" + std::string(189, 'b');
  for (const std::string& good : {std::string("a@b"), std::string("a.b+c@d-e.example"), std::string("a@[127.0.0.1]"),
                                  std::string("\"a b@c\"@d.example"), std::string("j\xc3\xb6rg@b\xc3\xbc.example"),
                                  std::string("o'brien/x=y@b.example"), longest}) {
    CHECK(IsMailbox(good));
  }
  for (const std::string& bad :
       {std::string(), std::string("a"), std::string("@b"), std::string("a@"), std::string("a b@c"),
        std::string("a@b c"), std::string("a@b@c"), std::string("a<b@c"), std::string("\"a@b"),
        std::string("\"a\\\"@b"), std::string("a\x01@b"), std::string("a\0b@c", 5), std::string("a@[1 2]"),
        std::string("a@[]"), std::string("a@b>"), std::string(65, 'a') + "@b", longest + "b"}) {
    CHECK_FALSE(IsMailbox(bad));
  }
}
