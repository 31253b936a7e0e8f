#include "mailer/model/raw_message.h"

#include <doctest/doctest.h>

using namespace sealpost::model;

TEST_CASE("the token stands in every slot and nothing else moves") {
  RawMessage message;
  message.bytes = "<XXXX> text XXXX";
  message.unsubscribe_slots = {1, 12};
  CHECK(FillSlots(message, "abcd") == "<abcd> text abcd");
  CHECK(message.bytes == "<XXXX> text XXXX");
}

TEST_CASE("a message without slots comes out as it is") {
  RawMessage message;
  message.bytes = "plain";
  CHECK(FillSlots(message, "abcd") == "plain");
}

TEST_CASE("a slot that does not fit writes nothing past the end") {
  RawMessage message;
  message.bytes = "abc";
  message.unsubscribe_slots = {1};
  CHECK(FillSlots(message, "1234") == "abc");
}
