#include "mailer/submit/content.h"

#include <doctest/doctest.h>

#include "mailer/base/token.h"
#include "mailer/message/encoding.h"
#include "tests/mailer/submit/fixture.h"

using namespace sealpost;
using namespace sealpost::submit;
using sealpost::submit::tests::Good;
using sealpost::submit::tests::kNow;
using sealpost::submit::tests::Plain;

namespace {

Ingredients From() {
  Ingredients ingredients;
  ingredients.from = {"Shop", {"shop", "example.com"}};
  ingredients.public_url = "https://mail.example.com";
  return ingredients;
}

Ingredients Topical() {
  Ingredients ingredients = From();
  model::Topic topic;
  topic.id = "0190f3c2-0000-7000-8000-00000000abcd";
  topic.name = "News";
  ingredients.topic = std::make_shared<const model::Topic>(topic);
  return ingredients;
}

std::expected<Composed, Refusal> Compose(const SendRequest& request, const Ingredients& ingredients) {
  const auto checked = Validate(request, {}, kNow, {});
  REQUIRE_MESSAGE(checked.has_value(), (checked ? "" : checked.error().message));
  return ComposeMessage(request, *checked, ingredients, kNow);
}

Composed Made(const SendRequest& request, const Ingredients& ingredients) {
  auto composed = Compose(request, ingredients);
  REQUIRE_MESSAGE(composed.has_value(), (composed ? "" : composed.error().message));
  return std::move(*composed);
}

std::string PartOf(const Composed& composed, model::Span part) {
  return message::DecodeQuotedPrintable(std::string_view(composed.raw.bytes).substr(part.offset, part.length));
}
std::string TextOf(const Composed& composed) {
  return PartOf(composed, composed.raw.text_part);
}
std::string HtmlOf(const Composed& composed) {
  return PartOf(composed, composed.raw.html_part);
}

// A request for a template of these parts.
struct Use {
  SendRequest request;
  Ingredients ingredients;
};
Use Template(const std::string& subject, const std::string& html, templates::Object variables,
             std::vector<model::TemplateVariable> declared = {}, Ingredients ingredients = From()) {
  Use use{Plain(), std::move(ingredients)};
  use.request.subject.reset();
  use.request.text.reset();
  use.request.template_use = TemplateUse{"welcome", std::move(variables)};
  model::TemplateVersion version;
  version.subject = subject;
  version.html = html;
  version.variables = std::move(declared);
  use.ingredients.parsed_template = Good(ParseTemplate("0190f3c2-0000-7000-8000-00000000beef", version));
  return use;
}

}  // namespace

TEST_CASE("html alone gets a text part, and an empty text turns that off") {
  SendRequest request = Plain();
  request.text.reset();
  request.html = "<p>It <b>works</b></p>";
  CHECK(TextOf(Made(request, From())).find("It works") != std::string::npos);
  request.text = "";
  CHECK(Made(request, From()).raw.text_part.length == 0);
}

TEST_CASE("a missing variable is refused by name and place") {
  const Use use = Template("Hi", "<p>\n {{name}}</p>", {});
  const auto composed = Compose(use.request, use.ingredients);
  REQUIRE_FALSE(composed);
  CHECK(composed.error().field == "/template/variables/name");
  CHECK(composed.error().message.find("name") != std::string::npos);
  CHECK(composed.error().message.find("line 2, column") != std::string::npos);
}

TEST_CASE("values are escaped in html, in both brace forms, and left alone in the subject") {
  const Use use = Template("Hi {{{name}}}", "<p>{{name}} {{{name}}}</p>", {{"name", {std::string("<b>&")}}});
  const Composed composed = Made(use.request, use.ingredients);
  CHECK(composed.subject == "Hi <b>&");
  CHECK(HtmlOf(composed).find("<p>&lt;b&gt;&amp; &lt;b&gt;&amp;</p>") != std::string::npos);
}

TEST_CASE("a line break in a value cannot leave the subject") {
  const Use use = Template("Hi {{name}}", "<p>x</p>", {{"name", {std::string("Ann\r\nBcc: b@example.org")}}});
  const auto composed = Compose(use.request, use.ingredients);
  REQUIRE_FALSE(composed);
  CHECK(composed.error().field == "/subject");
}

TEST_CASE("NUL in a value is refused") {
  const Use use = Template("Hi", "<p>{{name}}</p>", {{"name", {std::string("a\0b", 3)}}});
  CHECK_FALSE(Compose(use.request, use.ingredients));
}

TEST_CASE("a fallback stands in for what was not given, null included") {
  const std::vector<model::TemplateVariable> declared = {{"name", "string", "\"friend\"", false},
                                                         {"rest", "string", "\"\"", false}};
  CHECK(Made(Template("Hi {{name}}{{rest}}", "<p>x</p>", {}, declared).request,
             Template("Hi {{name}}{{rest}}", "<p>x</p>", {}, declared).ingredients)
            .subject == "Hi friend");
  const Use null = Template("Hi {{name}}", "<p>x</p>", {{"name", {}}}, declared);
  CHECK(Made(null.request, null.ingredients).subject == "Hi friend");
  const Use given = Template("Hi {{name}}", "<p>x</p>", {{"name", {std::string("Ann")}}}, declared);
  CHECK(Made(given.request, given.ingredients).subject == "Hi Ann");
}

TEST_CASE("a value of another type than declared is refused by name") {
  const auto refused = [](const std::string& type, templates::Value value) {
    const Use use = Template("Hi", "<p>x</p>", {{"v", std::move(value)}}, {{"v", type, "", false}});
    const auto composed = Compose(use.request, use.ingredients);
    return !composed && composed.error().field == "/template/variables/v";
  };
  CHECK(refused("number", {std::string("five")}));
  CHECK_FALSE(refused("number", {std::string("5.50")}));
  CHECK(refused("string", {true}));
  CHECK(refused("list", {std::string("x")}));
  CHECK(refused("object", {templates::List{}}));
  CHECK(refused("boolean", {std::string("true")}));
  CHECK_FALSE(refused("boolean", {false}));
}

TEST_CASE("the request's subject wins over the template's, and one of them has to be there") {
  Use use = Template("From template", "<p>x</p>", {});
  use.request.subject = "From request";
  CHECK(Made(use.request, use.ingredients).subject == "From request");
  const Use none = Template("", "<p>x</p>", {});
  CHECK(Compose(none.request, none.ingredients).error().kind == RefusalKind::kMissingField);
}

TEST_CASE("a template that renders to nothing is refused") {
  const Use use = Template("Hi", "{{#shown}}x{{/shown}}", {});
  CHECK_FALSE(Compose(use.request, use.ingredients));
}

TEST_CASE("a topical message says how to leave and keeps a slot for each place of the token") {
  const Use use = Template("Hi", "<a href=\"{{{UNSUBSCRIBE_URL}}}\">leave</a>", {}, {}, Topical());
  const Composed composed = Made(use.request, use.ingredients);
  // The header field, the html and the text made from it.
  CHECK(composed.raw.unsubscribe_slots.size() == 3);
  const std::string token(base::TokenSigner::kUrlWidth, 'T');
  const std::string bytes = model::FillSlots(composed.raw, token);
  CHECK(bytes.find("List-Unsubscribe: <https://mail.example.com/u/" + token + ">") != std::string::npos);
  CHECK(bytes.find("List-Unsubscribe-Post: List-Unsubscribe=One-Click") != std::string::npos);
  CHECK(bytes.find("<0190f3c2-0000-7000-8000-00000000abcd.example.com>") != std::string::npos);
}

TEST_CASE("an untopical message has no way to leave, and a template that wants one is refused with the remedy") {
  CHECK(Made(Plain(), From()).raw.bytes.find("List-") == std::string::npos);
  const Use use = Template("Hi", "<a href=\"{{{UNSUBSCRIBE_URL}}}\">leave</a>", {});
  const auto composed = Compose(use.request, use.ingredients);
  REQUIRE_FALSE(composed);
  CHECK(composed.error().message.find("topic_id") != std::string::npos);
}

TEST_CASE("the unsubscribe link is ours alone: no caller puts unescaped html in its place") {
  for (const Ingredients& ingredients : {From(), Topical()}) {
    const Use use = Template("Hi", "<p>{{{UNSUBSCRIBE_URL}}}</p>", {{"UNSUBSCRIBE_URL", {std::string("<script>")}}}, {},
                             ingredients);
    const auto composed = Compose(use.request, use.ingredients);
    REQUIRE_FALSE(composed);
    CHECK(composed.error().field == "/template/variables/UNSUBSCRIBE_URL");
  }
}

TEST_CASE("words without a template may hold the place of the link, and nothing else is rendered") {
  SendRequest request = Plain();
  request.text = "{{name}} {{{UNSUBSCRIBE_URL}}} {{UNSUBSCRIBE_URL}}";
  const Composed composed = Made(request, Topical());
  CHECK(composed.raw.unsubscribe_slots.size() == 3);
  CHECK(TextOf(composed).find("{{name}} https://mail.example.com/u/") == 0);
}

TEST_CASE("a text made of nothing but links is put together in one pass and held to the limit of a part") {
  SendRequest request = Plain();
  request.text = "{{UNSUBSCRIBE_URL}}{{{UNSUBSCRIBE_URL}}}{{{UNSUBSCRIBE_URL}}";
  const std::string text = TextOf(Made(request, Topical()));
  CHECK(text.find("UNSUBSCRIBE_URL") == std::string::npos);
  CHECK(text.find('{') == text.rfind('{'));  // of three that two close, one is left

  request.text.emplace();
  for (int i = 0; i < 100'000; ++i) *request.text += "{{UNSUBSCRIBE_URL}}";
  const auto refused = Compose(request, Topical());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().field == "/text");
}

TEST_CASE("Feedback-ID names topic, template, category and sender without personal data") {
  Use use = Template("Hi", "<p>x</p>", {}, {}, Topical());
  use.request.topic_id = use.ingredients.topic->id;
  use.request.category = "receipt";
  const std::string first = Made(use.request, use.ingredients).raw.bytes;
  const std::size_t at = first.find("Feedback-ID: 00000000abcd:00000000beef:receipt:sp");
  REQUIRE(at != std::string::npos);
  const std::string line = first.substr(at, first.find("\r\n", at) - at);
  CHECK(Made(use.request, use.ingredients).raw.bytes.find(line) != std::string::npos);  // stable for a sender
  CHECK(Made(Plain(), From()).raw.bytes.find("Feedback-ID: none:none:uncategorized:sp") != std::string::npos);
}

TEST_CASE("what the composer refuses is named by a pointer into the request") {
  SendRequest request = Plain();
  request.headers = {{"X-Team", "a\r\nBcc: b@example.org"}};
  CHECK(Compose(request, From()).error().field == "/headers/X-Team");
  request.headers = {{"Bcc", "b@example.org"}};
  CHECK(Compose(request, From()).error().field == "/headers/Bcc");
  request.headers = {{"x-sealpost-client-ip", "192.0.2.1"}};
  CHECK_FALSE(Compose(request, From()));
  request.headers.clear();
  request.attachments.push_back({"a\r\nX: y", "text/plain\r\nX: y", "", "x"});
  CHECK_FALSE(Compose(request, From()));
}

TEST_CASE("no two messages share a Message-ID, and it lies in the sender's domain") {
  const Composed one = Made(Plain(), From());
  const Composed two = Made(Plain(), From());
  CHECK(one.message_id != two.message_id);
  CHECK(one.message_id.starts_with("<"));
  CHECK(one.message_id.ends_with("@example.com>"));
  CHECK(one.raw.bytes.find("Message-ID: " + one.message_id) != std::string::npos);
}
