#include "dns/tag_list.h"

#include <doctest/doctest.h>

#include <string>

using namespace sealpost::dns;
using namespace std::string_literals;

namespace {

std::string TagErrorOf(const std::string& text) {
  const auto tags = ParseTagList(text);
  return tags ? "" : ToString(tags.error());
}

std::string FieldErrorOf(const std::string& text) {
  const auto tags = ParseFieldList(text);
  return tags ? "" : ToString(tags.error());
}

}  // namespace

TEST_CASE("a tag list is read with its names, values and columns") {
  const auto tags = ParseTagList("v=DKIM1; k=rsa; p=MIIB");
  REQUIRE(tags);
  REQUIRE(tags->tags().size() == 3);
  CHECK(tags->tags()[1].name == "k");
  CHECK(tags->tags()[1].value == "rsa");
  CHECK(tags->tags()[1].column == 10);
  CHECK(tags->Value("p") == "MIIB");
  CHECK_FALSE(tags->Value("x"));
}

TEST_CASE("blanks around names, equals signs, values and semicolons are legal, and a semicolon at the end") {
  for (const char* text :
       {"v=1;p=a", "v=1;p=a;", "v = 1 ; p = a ; ", "  v\t=1\t;\tp=a", "v=1;\r\n p=\r\n\ta", "v=1;p=a;\r\n "}) {
    CAPTURE(text);
    const auto tags = ParseTagList(text);
    REQUIRE(tags);
    CHECK(tags->tags().size() == 2);
    CHECK(tags->Value("v") == "1");
    CHECK(tags->Value("p") == "a");
  }
}

TEST_CASE("inner blanks and further equals signs belong to the value, which may be empty") {
  const auto tags = ParseTagList("p=ab cd==; n=");
  REQUIRE(tags);
  CHECK(tags->Value("p") == "ab cd==");
  CHECK(tags->Value("n") == "");
}

TEST_CASE("names are told apart by case") {
  const auto tags = ParseTagList("P=1; p=2");
  REQUIRE(tags);
  CHECK(tags->Value("p") == "2");
  CHECK(tags->Duplicates().empty());
}

TEST_CASE("a name that stands more than once is told once") {
  const auto tags = ParseTagList("b=1; a=2; b=3; b=4; c=5; c=6");
  REQUIRE(tags);
  CHECK(tags->Duplicates() == std::vector<std::string>{"b", "c"});
  CHECK(tags->Value("b") == "1");
}

TEST_CASE("what is no tag list is an error that shows the place") {
  CHECK(TagErrorOf("") == "column 1: an empty entry");
  CHECK(TagErrorOf("   ") == "column 1: an empty entry");
  CHECK(TagErrorOf(";") == "column 1: an empty entry");
  CHECK(TagErrorOf("v=1;;p=2") == "column 5: an empty entry");
  CHECK(TagErrorOf("v=1;; ") == "column 5: an empty entry");
  CHECK(TagErrorOf("v=1; reject ;") == "column 6: \"reject\" has no \"=\"");
  CHECK(TagErrorOf("v=1; =2") == "column 6: \"\" is not a name");
  CHECK(TagErrorOf("v=1; 2p=2") == "column 6: \"2p\" is not a name");
  CHECK(TagErrorOf("v=1; a b=2") == "column 6: \"a b\" is not a name");
}

TEST_CASE("bytes that are neither printable ASCII nor blanks are errors") {
  CHECK(TagErrorOf("v=1; p=a\0b"s) == "column 9: byte 0x00 is not printable ASCII");
  CHECK(TagErrorOf("v=1;\xc2\xa0p=a") == "column 5: byte 0xC2 is not printable ASCII");
  CHECK(TagErrorOf("v=1; p=a\x7f") == "column 9: byte 0x7F is not printable ASCII");
  CHECK(TagErrorOf("v=1;\np=a") == "column 5: byte 0x0A is not printable ASCII");
  CHECK(TagErrorOf("v=1; p=a\r\n") == "column 9: byte 0x0D is not printable ASCII");
}

TEST_CASE("the lenient reader keeps what is sound and tells what is not") {
  const TagReading reading = ReadTagList("v=1;; p reject; sp=none; \x01=2;");
  REQUIRE(reading.tags.tags().size() == 2);
  CHECK(reading.tags.Value("sp") == "none");
  REQUIRE(reading.errors.size() == 3);
  CHECK(reading.errors[0].column == 5);
  CHECK(reading.errors[1].message == "\"p reject\" has no \"=\"");
  CHECK(reading.errors[2].column == 26);
}

TEST_CASE("fields of MTA-STS and TLS-RPT have no blanks at the equals sign and no empty value") {
  CHECK(FieldErrorOf("v=STSv1; id=2026") == "");
  CHECK(FieldErrorOf("v=STSv1 ;\tid=2026 ; ") == "");
  CHECK(FieldErrorOf("v=STSv1; 2x-y.z_=1") == "");
  CHECK(FieldErrorOf("v=STSv1; id =1") == "column 10: \"id \" is not a name");
  CHECK(FieldErrorOf("v=STSv1; id= 1") == "column 13: a blank behind \"id=\"");
  CHECK(FieldErrorOf("v=STSv1; id=") == "column 10: \"id=\" has no value");
  CHECK(FieldErrorOf("v=STSv1; -x=1") != "");
  CHECK(FieldErrorOf("v=STSv1; " + std::string(32, 'x') + "=1") == "");
  CHECK(FieldErrorOf("v=STSv1; " + std::string(33, 'x') + "=1") != "");
}

TEST_CASE("a list as long as an answer can be is read") {
  std::string text;
  for (int i = 0; i < 16000; ++i) text += "a=;";
  const auto tags = ParseTagList(text);
  REQUIRE(tags);
  CHECK(tags->tags().size() == 16000);
  CHECK(tags->Duplicates() == std::vector<std::string>{"a"});
}

TEST_CASE("a tab or a fold is a space in values and messages, so that no record breaks a line of a log") {
  CHECK(ParseTagList("a=1\t2\r\n 3; b=4\r\n\t5")->Value("a") == "1 2 3");
  CHECK(ParseTagList("a=1\t2\r\n 3; b=4\r\n\t5")->Value("b") == "4 5");
  CHECK(TagErrorOf("a\r\n b") == "column 1: \"a b\" has no \"=\"");
  CHECK(TagErrorOf("a\tb=1") == "column 1: \"a b\" is not a name");
  CHECK(FieldErrorOf("id\r\n =1") == "column 1: \"id \" is not a name");
}
