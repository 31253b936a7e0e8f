#include "api/resources/template_json.h"

#include <doctest/doctest.h>

#include "tests/api/resources/fixture.h"

using namespace sealpost;
using resources::tests::Json;
using sealpost::submit::tests::Good;

namespace {

resources::Read<void> ReadInto(const std::string& json, model::Template& value) {
  const auto document = Good(base::JsonDocument::Parse(json));
  return resources::ReadTemplateInto(document.Root(), value, ratelimit::Policy::Default());
}

std::string RefusedField(const std::string& json) {
  model::Template value;
  const auto read = ReadInto(json, value);
  return read ? "(accepted)" : read.error().field;
}

}  // namespace

TEST_CASE("members that are there replace, others stay") {
  model::Template value;
  REQUIRE(ReadInto(
      R"({"name":"N","alias":"a","subject":"S","from":"A <a@example.com>","reply_to":"r@example.com","html":"H","text":"T",)"
      R"("variables":[{"key":"k","type":"number","fallback_value":5,"raw":true},{"key":"s"}]})",
      value));
  CHECK(value.draft.reply_to == std::vector<std::string>{"r@example.com"});
  REQUIRE(value.draft.variables.size() == 2);
  CHECK(value.draft.variables[0].fallback == "5");
  CHECK(value.draft.variables[0].raw);
  CHECK(value.draft.variables[1].type == "string");
  CHECK(value.draft.variables[1].fallback.empty());
  REQUIRE(ReadInto(R"({"subject":"New","variables":[]})", value));
  CHECK(value.name == "N");
  CHECK(value.draft.subject == "New");
  CHECK(value.draft.html == "H");
  CHECK(value.draft.variables.empty());
}

TEST_CASE("a category is one that the policy knows, and looked at only where it is set") {
  model::Template value;
  value.draft.category = "gone_since";
  REQUIRE(ReadInto(R"({"name":"N"})", value));
  CHECK(value.draft.category == "gone_since");
  REQUIRE(ReadInto(R"({"category":"Password-Reset"})", value));
  CHECK(value.draft.category == "password_reset");
  CHECK(Json(resources::TemplateJson(value, true)).Text("category") == "password_reset");
  REQUIRE(ReadInto(R"({"category":""})", value));
  CHECK(value.draft.category.empty());
  CHECK(Json(resources::TemplateJson(value, true))["category"].IsNull());
  CHECK(RefusedField(R"({"category":"newsletter"})") == "/category");
  CHECK(RefusedField(R"({"category":5})") == "/category");
  CHECK(ReadInto(R"({"category":"passwordreset"})", value).error().message.ends_with("did you mean password_reset?"));
}

TEST_CASE("what no template can hold is refused by its field") {
  CHECK(RefusedField(R"({"name":5})") == "/name");
  CHECK(RefusedField(R"({"alias":"0190f3c2-0000-7000-8000-000000000001"})") == "/alias");
  CHECK(RefusedField(R"({"from":"nobody"})") == "/from");
  CHECK(RefusedField(R"({"reply_to":["a@example.com","x"]})") == "/reply_to");
  CHECK(RefusedField(R"({"variables":{}})") == "/variables");
  CHECK(RefusedField(R"({"variables":[{"key":"EMAIL"}]})") == "/variables/0");
  CHECK(RefusedField(R"({"variables":[{"key":"UNSUBSCRIBE_URL","raw":true}]})") == "/variables/0");
  CHECK(RefusedField(R"({"variables":[{"key":"a"},{"key":"b","type":"date"}]})") == "/variables/1");
  CHECK(RefusedField(R"({"variables":[{"key":"a","type":5}]})") == "/variables/0");
  CHECK(RefusedField(R"({"variables":[{"key":"a","raw":"yes"}]})") == "/variables/0");
  CHECK(RefusedField(R"({"variables":[{"key":"a"},{"key":"a"}]})") == "/variables/1");
  CHECK(RefusedField(R"({"variables":[{}]})") == "/variables/0");
  std::string many = R"({"variables":[{"key":"v"})";
  for (int i = 0; i < 50; ++i) many += R"(,{"key":"v)" + std::to_string(i) + "\"}";
  CHECK(RefusedField(many + "]}") == "/variables");
}

TEST_CASE("line breaks and NUL are refused where they could never be sent") {
  for (const std::string member : {"name", "alias", "subject"}) {
    for (const std::string fault : {"a\\r\\nb", "a\\nb", "a\\u0000b"}) {
      CHECK(RefusedField("{\"" + member + "\":\"" + fault + "\"}") == "/" + member);
    }
    CHECK(RefusedField("{\"" + member + "\":\"" + std::string(999, 'x') + "\"}") == "/" + member);
  }
  CHECK(RefusedField(R"({"html":"a\u0000b"})") == "/html");
  CHECK(RefusedField(R"({"text":"a\u0000b"})") == "/text");
  CHECK(RefusedField(R"({"html":"a\r\nb","text":"a\nb"})") == "(accepted)");
}

TEST_CASE("a template is shown with its content or without") {
  model::Template value;
  REQUIRE(ReadInto(R"({"name":"N","html":"<p>","variables":[{"key":"k","type":"list","fallback_value":[1]}]})", value));
  const Json full(resources::TemplateJson(value, true));
  CHECK(full.Text("status") == "draft");
  CHECK(full["alias"].IsNull());
  CHECK(full["published_at"].IsNull());
  CHECK(full.Element("variables", 0)["fallback_value"].Text() == "[1]");
  CHECK(full["has_unpublished_versions"].Bool() == true);
  CHECK_FALSE(Json(resources::TemplateJson(value, false))["html"].Exists());
}
