#include "mailer/store/templates.h"

#include <doctest/doctest.h>

#include "tests/mailer/store/store_fixture.h"

using namespace sealpost;
using namespace sealpost::store;
using namespace sealpost::store::tests;
using sealpost::base::ErrorKind;

namespace {

model::Template TemplateOf(int number, const std::string& alias) {
  model::Template value;
  value.id = IdOf(number);
  value.name = "Template " + std::to_string(number);
  value.alias = alias;
  value.created_at = At(1);
  value.updated_at = At(2);
  value.draft.id = IdOf(1000 + number);
  value.draft.subject = "Hello {{name}}";
  value.draft.html = "<p>\"{{name}}\" & größe</p>\r\n";
  return value;
}

base::Result<model::Template> Find(StoreFixture& store, const std::string& id_or_alias) {
  return store.Read([&](Session& s) { return FindTemplate(s, id_or_alias); });
}

base::Result<void> Insert(StoreFixture& store, const model::Template& value) {
  return store.Write([&](Session& s) { return InsertTemplate(s, value); });
}

}  // namespace

TEST_CASE("a template comes back with its draft, and with what was published") {
  StoreFixture store;
  auto value = TemplateOf(1, "welcome");
  value.draft.from = "Shop <shop@example.com>";
  value.draft.text = "Hello";
  value.draft.category = "receipt";
  value.draft.reply_to = {"a@example.com", "b@example.com"};
  value.draft.variables = {{"name", "string", "\"you\"", false}, {"list", "list", "", true}};
  REQUIRE(Insert(store, value));

  auto found = Find(store, IdOf(1));
  REQUIRE(found);
  CHECK(found->name == value.name);
  CHECK(found->alias == "welcome");
  CHECK(found->created_at == At(1));
  CHECK(found->updated_at == At(2));
  CHECK(!found->published_at);
  CHECK(!found->published);
  CHECK(found->draft.id == value.draft.id);
  CHECK(found->draft.subject == value.draft.subject);
  CHECK(found->draft.from == value.draft.from);
  CHECK(found->draft.html == value.draft.html);
  CHECK(found->draft.text == value.draft.text);
  CHECK(found->draft.category == "receipt");
  CHECK(found->draft.reply_to == value.draft.reply_to);
  REQUIRE(found->draft.variables.size() == 2);
  CHECK(found->draft.variables[0].fallback == "\"you\"");
  CHECK(found->draft.variables[1].type == "list");
  CHECK(found->draft.variables[1].raw);

  value.published = value.draft;
  value.published_at = At(3);
  value.updated_at = At(3);
  value.draft.subject = "A new draft";
  REQUIRE(store.Write([&](Session& s) { return UpdateTemplate(s, value); }));
  found = Find(store, "welcome");
  CHECK(found->published_at == At(3));
  CHECK(found->published->subject == "Hello {{name}}");
  CHECK(found->draft.subject == "A new draft");
  CHECK(found->created_at == At(1));
}

TEST_CASE("an alias belongs to one template, no alias to any number") {
  StoreFixture store;
  REQUIRE(Insert(store, TemplateOf(1, "welcome")));
  REQUIRE(Insert(store, TemplateOf(2, "")));
  REQUIRE(Insert(store, TemplateOf(3, "")));
  const auto taken = Insert(store, TemplateOf(4, "welcome"));
  CHECK(taken.error().kind == ErrorKind::kConflict);
  CHECK(taken.error().field == "alias");
  auto second = TemplateOf(2, "welcome");
  CHECK(store.Write([&](Session& s) { return UpdateTemplate(s, second); }).error().kind == ErrorKind::kConflict);
  CHECK(Find(store, "").error().kind == ErrorKind::kNotFound);
}

TEST_CASE("an unknown template is neither found nor updated") {
  StoreFixture store;
  CHECK(Find(store, "nothing").error().kind == ErrorKind::kNotFound);
  CHECK(store.Write([](Session& s) { return UpdateTemplate(s, TemplateOf(1, "")); }).error().kind ==
        ErrorKind::kNotFound);
}

TEST_CASE("an id goes before an alias that spells the same") {
  StoreFixture store;
  REQUIRE(Insert(store, TemplateOf(1, "")));
  REQUIRE(Insert(store, TemplateOf(2, IdOf(1))));
  CHECK(Find(store, IdOf(1))->id == IdOf(1));
}

TEST_CASE("templates are listed newest first, page by page") {
  StoreFixture store;
  for (int i = 1; i <= 5; ++i) REQUIRE(Insert(store, TemplateOf(i, "")));
  const auto list = [&](std::string_view before, std::size_t limit) {
    std::vector<std::string> ids;
    const auto listed = store.Read([&](Session& s) { return ListTemplates(s, before, limit); });
    for (const auto& value : listed.value()) ids.push_back(value.id);
    return ids;
  };
  CHECK(list("", 2) == std::vector<std::string>{IdOf(5), IdOf(4)});
  CHECK(list(IdOf(4), 2) == std::vector<std::string>{IdOf(3), IdOf(2)});
  CHECK(list(IdOf(2), 100) == std::vector<std::string>{IdOf(1)});
  CHECK(list(IdOf(1), 100).empty());
}
