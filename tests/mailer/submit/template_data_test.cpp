#include "mailer/submit/template_data.h"

#include <doctest/doctest.h>

using namespace sealpost;

namespace {

templates::Value Value(std::string_view json) {
  const auto document = base::JsonDocument::Parse(json);
  REQUIRE(document);
  return submit::ToValue(document->Root());
}

}  // namespace

TEST_CASE("JSON becomes template data of the same shape") {
  const templates::Value value = Value(R"({"name":"Ann","flag":true,"list":["a",[]],"none":null,"in":{"x":"y"}})");
  const auto& object = std::get<templates::Object>(value.data);
  CHECK(std::get<std::string>(object.at("name").data) == "Ann");
  CHECK(std::get<bool>(object.at("flag").data));
  CHECK(std::get<templates::List>(object.at("list").data).size() == 2);
  CHECK(std::holds_alternative<std::monostate>(object.at("none").data));
  CHECK(std::get<std::string>(std::get<templates::Object>(object.at("in").data).at("x").data) == "y");
}

TEST_CASE("a number keeps its digits") {
  CHECK(std::get<std::string>(Value("12").data) == "12");
  CHECK(std::get<std::string>(Value("-9007199254740993").data) == "-9007199254740993");
  CHECK(std::get<std::string>(Value("18446744073709551615").data) == "18446744073709551615");
  CHECK(std::get<std::string>(Value("0.5").data) == "0.5");
}

TEST_CASE("what is not there is no value") {
  CHECK(std::holds_alternative<std::monostate>(submit::ToValue({}).data));
}
