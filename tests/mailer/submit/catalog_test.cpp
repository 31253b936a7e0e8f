#include "mailer/submit/catalog.h"

#include <doctest/doctest.h>

#include "tests/mailer/submit/fixture.h"

using namespace sealpost;
using namespace sealpost::submit;
using sealpost::submit::tests::Fixture;
using sealpost::submit::tests::Good;

namespace {

model::TemplateVersion Version(const std::string& html) {
  model::TemplateVersion version;
  version.subject = "Hi {{name}}";
  version.html = html;
  return version;
}

}  // namespace

TEST_CASE("a template is found by id and by alias, parsed once and kept") {
  Fixture fixture;
  const model::Template value = fixture.AddTemplate("welcome", Version("<p>{{name}}</p>"));
  const auto by_id = Good(fixture.catalog.FindTemplate(value.id));
  CHECK(by_id->id == value.id);
  CHECK(Good(fixture.catalog.FindTemplate(value.id)) == by_id);
  CHECK(Good(fixture.catalog.FindTemplate("welcome"))->id == value.id);
  CHECK(by_id->subject.has_value());
  CHECK_FALSE(by_id->text.has_value());
}

TEST_CASE("a template that was never published is not there, and the answer says what to do") {
  Fixture fixture;
  const model::Template value = fixture.AddTemplate("welcome", Version("<p>x</p>"), false);
  const auto found = fixture.catalog.FindTemplate("welcome");
  REQUIRE_FALSE(found);
  CHECK(found.error().kind == base::ErrorKind::kNotFound);
  CHECK(found.error().message.find("POST /templates/" + value.id + "/publish") != std::string::npos);
}

TEST_CASE("what is no template is not found, whatever it is") {
  Fixture fixture;
  fixture.AddTemplate("", Version("<p>x</p>"));
  for (const std::string name : {"", "none", "' OR 1=1 --"}) {
    CHECK(fixture.catalog.FindTemplate(name).error().kind == base::ErrorKind::kNotFound);
  }
  CHECK(fixture.catalog.FindTemplate(std::string_view("a\0b", 3)).error().kind == base::ErrorKind::kNotFound);
}

TEST_CASE("a send sees what was published last, once the catalog was told to forget") {
  Fixture fixture;
  model::Template value = fixture.AddTemplate("welcome", Version("<p>one</p>"));
  CHECK(Good(fixture.catalog.FindTemplate("welcome"))->version.html == "<p>one</p>");
  value.draft.html = value.published->html = "<p>two</p>";
  Good(fixture.database->Write([&](store::Session& session) { return store::UpdateTemplate(session, value); }));
  fixture.catalog.Forget();
  CHECK(Good(fixture.catalog.FindTemplate("welcome"))->version.html == "<p>two</p>");
}

TEST_CASE("a template that does not parse names its part and place") {
  const auto parsed = ParseTemplate("id", Version("<p>\n{{name</p>"));
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().kind == base::ErrorKind::kInvalid);
  CHECK(parsed.error().field == "html");
  CHECK(parsed.error().message.find("line 2") != std::string::npos);
}

TEST_CASE("only the unsubscribe link and what is declared raw goes into html unescaped") {
  model::TemplateVersion version = Version("<p>x</p>");
  version.variables = {{"a", "string", "", false}, {"b", "string", "", true}};
  CHECK(Good(ParseTemplate("id", version))->raw_variables ==
        std::set<std::string, std::less<>>{"UNSUBSCRIBE_URL", "b"});
}

TEST_CASE("a topic is found by its id") {
  Fixture fixture;
  const std::string id = fixture.AddTopic();
  CHECK(Good(fixture.catalog.FindTopic(id))->name == "News");
  CHECK(Good(fixture.catalog.FindTopic(id)) == Good(fixture.catalog.FindTopic(id)));
  CHECK(fixture.catalog.FindTopic(base::NewId(fixture.clock.Now())).error().kind == base::ErrorKind::kNotFound);
}
