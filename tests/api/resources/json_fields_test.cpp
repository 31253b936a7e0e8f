#include "api/resources/json_fields.h"

#include <doctest/doctest.h>

#include "tests/mailer/submit/fixture.h"

using namespace sealpost;
using sealpost::submit::tests::Good;

TEST_CASE("absent and null are the same, a value is read, another type is refused by name") {
  const auto document =
      Good(base::JsonDocument::Parse(R"({"text":"a","none":null,"flag":true,"list":["a","b"],"object":{"k":"v"}})"));
  const base::JsonView root = document.Root();
  CHECK(**resources::ReadText(root, "text") == "a");
  CHECK_FALSE(resources::ReadText(root, "none")->has_value());
  CHECK_FALSE(resources::ReadText(root, "absent")->has_value());
  CHECK(resources::ReadText(root, "flag").error().message == "`flag` has to be a string, not true or false.");
  CHECK(resources::ReadTexts(root, "text")->size() == 1);
  CHECK(resources::ReadTexts(root, "list")->size() == 2);
  CHECK(resources::ReadTexts(root, "none")->empty());
  CHECK(resources::ReadTexts(root, "object").error().field == "/object");
  CHECK(**resources::ReadBool(root, "flag"));
  CHECK(resources::ReadBool(root, "text").error().field == "/text");
  CHECK(resources::ReadObject(root, "object")->contains("k"));
  CHECK(resources::ReadObject(root, "none")->empty());
  CHECK(resources::ReadObject(root, "list").error().field == "/list");
}

TEST_CASE("values are counted before anything is built from them") {
  const auto document = Good(base::JsonDocument::Parse(R"({"a":[1,2,{"b":3}]})"));
  CHECK(resources::HoldsAtMost(document.Root(), 6));
  CHECK_FALSE(resources::HoldsAtMost(document.Root(), 5));
  std::string many = R"({"variables":{"LIST":[0)";
  for (std::size_t i = 0; i < resources::kValuesAtMost; ++i) many += ",0";
  const auto large = Good(base::JsonDocument::Parse(many + "]}}"));
  CHECK(resources::ReadObject(large.Root(), "variables").error().field == "/variables");
}
