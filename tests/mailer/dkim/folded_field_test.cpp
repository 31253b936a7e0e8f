#include "mailer/dkim/folded_field.h"

#include <doctest/doctest.h>

namespace sealpost::dkim {
namespace {

TEST_CASE("words share a line up to 77 characters") {
  FoldedField field("Name");
  field.Word(std::string(71, 'a'));  // "Name: " and 71 make 77
  CHECK(field.text() == "Name: " + std::string(71, 'a'));
  field.Word("b");
  CHECK(field.text() == "Name: " + std::string(71, 'a') + "\r\n b");
  field.Word("c");
  CHECK(field.text().ends_with("\r\n b c"));
}

TEST_CASE("the first word stays on the line of the name, however long") {
  FoldedField field("Name");
  field.Word(std::string(200, 'a'));
  CHECK(field.text() == "Name: " + std::string(200, 'a'));
}

TEST_CASE("pieces stand next to each other and are never cut") {
  FoldedField field("N");
  field.Word("h=from:");
  field.Piece("to:");
  CHECK(field.text() == "N: h=from:to:");
  field.Piece(std::string(70, 'x'));
  CHECK(field.text() == "N: h=from:to:\r\n " + std::string(70, 'x'));
}

TEST_CASE("breakable text fills every line") {
  FoldedField field("N");
  field.Word("b=");
  field.Breakable(std::string(72 + 76 + 5, 'x'));
  CHECK(field.text() ==
        "N: b=" + std::string(72, 'x') + "\r\n " + std::string(76, 'x') + "\r\n " + std::string(5, 'x'));
}

TEST_CASE("name and value are the two sides of the colon") {
  FoldedField field("Name");
  field.Word("v");
  CHECK(field.name() == "Name");
  CHECK(field.value() == " v");
}

}  // namespace
}  // namespace sealpost::dkim
