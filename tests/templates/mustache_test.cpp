#include "templates/mustache.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sealpost::templates;

namespace {

Value Text(std::string text) {
  return {std::move(text)};
}
Value Flag(bool flag) {
  return {flag};
}
Value Items(List list) {
  return {std::move(list)};
}
Value Thing(Object object) {
  return {std::move(object)};
}

std::string Html(std::string_view source, const Object& data, const std::set<std::string, std::less<>>& raw = {}) {
  const auto parsed = Template::Parse(source);
  if (!parsed) return "PARSE: " + parsed.error().message;
  const auto text = parsed->Render(data, Kind::kHtml, raw);
  return text ? *text : "RENDER: " + text.error().message;
}

std::string Plain(std::string_view source, const Object& data) {
  const auto parsed = Template::Parse(source);
  if (!parsed) return "PARSE: " + parsed.error().message;
  const auto text = parsed->Render(data, Kind::kText, {});
  return text ? *text : "RENDER: " + text.error().message;
}

TemplateError RenderError(std::string_view source, const Object& data, Limits limits = {}) {
  const auto parsed = Template::Parse(source, limits);
  REQUIRE(parsed.has_value());
  const auto text = parsed->Render(data, Kind::kHtml, {});
  REQUIRE_FALSE(text.has_value());
  return text.error();
}

}  // namespace

TEST_CASE("Text without tags is left as it is") {
  CHECK(Plain("Hello from {Mustache}!\r\n", {}) == "Hello from {Mustache}!\r\n");
  CHECK(Plain("", {}) == "");
}

TEST_CASE("Variables are put in, in every form, and white space in the tag means nothing") {
  const Object data = {{"s", Text("x")}, {"t", Flag(true)}, {"f", Flag(false)}, {"n", Text("85")}};
  CHECK(Plain("{{s}}{{ s }}{{\n s\t}}{{{s}}}{{{ s }}}{{&s}}{{& s }}", data) == "xxxxxxx");
  CHECK(Plain("{{t}} {{f}} {{n}}", data) == "true false 85");
  CHECK(Plain("  {{s}}\n", data) == "  x\n");
}

TEST_CASE("In html every form is escaped, except names declared raw") {
  const Object data = {{"s", Text("& \" < > '")}, {"UNSUBSCRIBE_URL", Text("https://a/?b&c")}};
  const std::string escaped = "&amp; &quot; &lt; &gt; &#39;";
  CHECK(Html("{{s}}|{{{s}}}|{{&s}}", data) == escaped + "|" + escaped + "|" + escaped);
  CHECK(Html("{{s}}|{{{UNSUBSCRIBE_URL}}}", data, {"UNSUBSCRIBE_URL"}) == escaped + "|https://a/?b&c");
  CHECK(Plain("{{s}}", data) == "& \" < > '");
}

TEST_CASE("A value is never read as a template") {
  CHECK(Plain("{{a}}", {{"a", Text("{{b}}")}, {"b", Text("no")}}) == "{{b}}");
}

TEST_CASE("Dotted names walk into objects and never out of them") {
  const Object data = {{"a", Thing({{"b", Thing({{"c", Text("deep")}})}})}, {"c", Text("wrong")}};
  CHECK(Plain("{{a.b.c}}", data) == "deep");
  CHECK(Plain("{{#a}}{{b.c}}{{/a}}", data) == "deep");
  CHECK(Plain("{{#a.b}}{{c}}{{/a.b}}", data) == "deep");
  CHECK(RenderError("{{a.c}}", data).variable == "a.c");
  CHECK(RenderError("{{a.b.c.d}}", data).variable == "a.b.c.d");
  // The first word is bound to the innermost scope that has it, even if the rest is not there.
  CHECK(RenderError("{{#s}}{{a.b.c}}{{/s}}", {{"a", data.at("a")}, {"s", Thing({{"a", Thing({})}})}}).variable ==
        "a.b.c");
}

TEST_CASE("Sections show their inside for what is true, once for each of a list") {
  const Object data = {{"yes", Flag(true)},
                       {"no", Flag(false)},
                       {"null", Value{}},
                       {"none", Items({})},
                       {"empty", Text("")},
                       {"word", Text("w")},
                       {"object", Thing({{"name", Text("Joe")}})},
                       {"list", Items({Thing({{"n", Text("1")}}), Thing({{"n", Text("2")}})})}};
  CHECK(Plain("{{#yes}}a{{/yes}}{{#no}}b{{/no}}{{#null}}c{{/null}}{{#none}}d{{/none}}{{#empty}}e{{/empty}}", data) ==
        "a");
  CHECK(Plain("{{#missing}}x{{/missing}}", data) == "");
  CHECK(Plain("{{#word}}{{.}}{{/word}}", data) == "w");
  CHECK(Plain("{{#object}}Hi {{name}}{{/object}}", data) == "Hi Joe");
  CHECK(Plain("{{#list}}{{n}},{{/list}}", data) == "1,2,");
  CHECK(Plain("{{#list}}{{#yes}}{{n}}{{/yes}}{{/list}}", data) == "12");
}

TEST_CASE("Inverted sections show their inside for what is not") {
  const Object data = {
      {"yes", Flag(true)}, {"no", Flag(false)}, {"null", Value{}}, {"none", Items({})}, {"list", Items({Text("1")})}};
  CHECK(Plain("{{^yes}}a{{/yes}}{{^no}}b{{/no}}{{^null}}c{{/null}}{{^none}}d{{/none}}{{^list}}e{{/list}}", data) ==
        "bcd");
  CHECK(Plain("{{^missing}}x{{/missing}}{{^a.b.c}}y{{/a.b.c}}", data) == "xy");
}

TEST_CASE("The dot is the value of the innermost section") {
  const Object data = {{"list", Items({Text("a"), Text("<"), Flag(true)})},
                       {"nested", Items({Items({Text("1"), Text("2")}), Items({Text("3")})})}};
  CHECK(Html("{{#list}}({{.}}){{/list}}", data) == "(a)(&lt;)(true)");
  CHECK(Plain("{{#nested}}({{#.}}{{.}}{{/.}}){{/nested}}", data) == "(12)(3)");
  CHECK(RenderError("{{.}}", data).message == "the variable . has no value");
}

TEST_CASE("An inner name hides an outer one") {
  const Object data = {{"a", Text("outer")}, {"b", Thing({{"a", Text("inner")}, {"c", Thing({{"d", Text("x")}})}})}};
  CHECK(Plain("{{a}} {{#b}}{{a}} {{#c}}{{a}}{{/c}}{{/b}} {{a}}", data) == "outer inner inner outer");
  CHECK(Plain("{{#x}}{{#list}}{{.}}{{out}}{{/list}}{{/x}}",
              {{"x", Flag(true)}, {"out", Text("!")}, {"list", Items({Text("a"), Text("b")})}}) == "a!b!");
}

TEST_CASE("Comments leave nothing behind") {
  CHECK(Plain("12345{{! x }}67890", {}) == "1234567890");
  CHECK(Plain("a\n{{! alone }}\nb\n", {}) == "a\nb\n");
  CHECK(Plain("a\n  {{! alone\n two lines }}  \nb\n", {}) == "a\nb\n");
  CHECK(Plain("a {{! inline }} \n", {}) == "a  \n");
}

TEST_CASE("A tag alone on its line takes the line with it") {
  const Object data = {{"b", Flag(true)}};
  CHECK(Plain("| This Is\n{{#b}}\n|\n{{/b}}\n| A Line", data) == "| This Is\n|\n| A Line");
  CHECK(Plain("| This Is\n  {{#b}}  \n|\n\t{{/b}}\n| A Line\n", data) == "| This Is\n|\n| A Line\n");
  CHECK(Plain("|\r\n{{#b}}\r\n{{/b}}\r\n|", data) == "|\r\n|");
  CHECK(Plain("  {{#b}}\n#{{/b}}\n/", data) == "#\n/");
  CHECK(Plain("#{{#b}}\n/\n  {{/b}}", data) == "#\n/\n");
  CHECK(Plain(" | {{#b}}\t|\t{{/b}} | \n", data) == " | \t|\t | \n");
  CHECK(Plain(" {{#b}}YES{{/b}}\n {{#b}}GOOD{{/b}}\n", data) == " YES\n GOOD\n");
  CHECK(Plain("{{^c}}\n  x\n{{/c}}\n", data) == "  x\n");
  CHECK(Plain("{{#b}}\n{{#b}}\nx\n{{/b}}\n{{/b}}\n", data) == "x\n");
}

TEST_CASE("Delimiters can be changed, from there on, and back") {
  const Object data = {{"text", Text("Hey!")}, {"s", Flag(true)}};
  CHECK(Plain("{{=<% %>=}}(<%text%>)", data) == "(Hey!)");
  CHECK(Plain("({{=[ ]=}}[text])", data) == "(Hey!)");
  CHECK(Plain("{{= | | =}}|text||{text}||&text|{{text}}", data) == "Hey!Hey!Hey!{{text}}");
  CHECK(Plain("[\n{{=@ @=}}\n@#s@\nin {{text}}\n@/s@\n@={{ }}=@\n{{text}}]", data) == "[\nin {{text}}\nHey!]");
  for (const char* bad : {"{{==}}", "{{=a=}}", "{{= =}}", "{{=a b c=}}", "{{=a=b c=}}"}) {
    CAPTURE(bad);
    CHECK(Plain(bad, data).starts_with("PARSE: new delimiters"));
  }
}

TEST_CASE("A variable without a value is an error that names it and its place") {
  for (const Object& data : {Object{}, Object{{"name", Value{}}}}) {
    const auto error = RenderError("Hi,\n\n  caf\xc3\xa9 {{name}}!", data);
    CHECK(error.message == "the variable name has no value");
    CHECK(error.variable == "name");
    CHECK(error.line == 3);
    CHECK(error.column == 8);
  }
  const auto inside = RenderError("{{#list}}\n{{.}}\n {{{ deep.er }}}{{/list}}", {{"list", Items({Text("a")})}});
  CHECK(inside.variable == "deep.er");
  CHECK(inside.line == 3);
  CHECK(inside.column == 2);
}

TEST_CASE("A list or an object is no text") {
  const Object data = {{"list", Items({Text("a")})}, {"object", Thing({{"a", Text("b")}})}};
  CHECK(RenderError("{{list}}", data).variable == "list");
  CHECK(RenderError("{{object}}", data).message.find("list or an object") != std::string::npos);
}

TEST_CASE("What is not shown may miss its variables") {
  CHECK(Plain("{{#no}}{{missing}}{{/no}}{{^yes}}{{missing}}{{/yes}}", {{"yes", Flag(true)}}) == "");
}

TEST_CASE("Faults of a template are told with their place") {
  struct Case {
    const char* source;
    const char* words;
    std::size_t line, column;
  };
  for (const Case& c :
       {Case{"a\n {{name", "never closed", 2, 2}, Case{"{{{name}}", "never closed", 1, 1},
        Case{"x{{#a}}\n{{#b}}{{/b}}", "section a is never closed", 1, 2},
        Case{"{{#a}}\n{{/b}}", "section a of line 1 must be closed before b", 2, 1},
        Case{"{{#a}}{{#b}}{{/a}}{{/b}}", "section b of line 1", 1, 13}, Case{"\n\n{{/a}}", "no open section a", 3, 1},
        Case{"{{}}", "one name", 1, 1}, Case{"{{ }}", "one name", 1, 1}, Case{"{{#}}{{/}}", "one name", 1, 1},
        Case{"{{#if x}}{{/if}}", "one name", 1, 1}, Case{"{{a b}}", "one name", 1, 1},
        Case{"{{a..b}}", "one name", 1, 1}, Case{"{{.a}}", "one name", 1, 1}, Case{"{{a.}}", "one name", 1, 1},
        Case{"{{a|upper}}", "one name", 1, 1}, Case{"{{\"a\"}}", "one name", 1, 1},
        Case{"{{>partial}}", "partials", 1, 1}, Case{"{{<parent}}{{/parent}}", "parents", 1, 1},
        Case{"{{$block}}{{/block}}", "blocks", 1, 1}}) {
    CAPTURE(c.source);
    const auto parsed = Template::Parse(c.source);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().message.find(c.words) != std::string::npos);
    CHECK(parsed.error().line == c.line);
    CHECK(parsed.error().column == c.column);
  }
}

TEST_CASE("Size, depth, steps and output are bounded") {
  CHECK(Template::Parse(std::string(100, 'x'), {.source_bytes = 100}).has_value());
  const auto large = Template::Parse(std::string(101, 'x'), {.source_bytes = 100});
  REQUIRE_FALSE(large.has_value());
  CHECK(large.error().message.find("100 bytes") != std::string::npos);

  CHECK(Template::Parse("{{#a}}{{#a}}{{/a}}{{/a}}", {.depth = 2}).has_value());
  CHECK_FALSE(Template::Parse("{{#a}}{{#a}}{{#a}}{{/a}}{{/a}}{{/a}}", {.depth = 2}).has_value());

  const Object data = {{"list", Items(List(1000, Text("0123456789")))}};
  CHECK(RenderError("{{#list}}{{.}}{{/list}}", data, {.output_bytes = 5000}).message.find("5000 bytes") !=
        std::string::npos);
  CHECK(RenderError("{{#list}}{{#list}}{{#list}}{{/list}}{{/list}}{{/list}}", data).message.find("200000 steps") !=
        std::string::npos);
}

TEST_CASE("A template of many tags is parsed in one pass") {
  std::string source;
  while (source.size() < 500'000) source += "{{a}}";
  const auto parsed = Template::Parse(source);
  REQUIRE(parsed.has_value());
  CHECK(parsed->Render({{"a", Text("")}}, Kind::kText, {}).value().empty());
}

TEST_CASE("The names a template uses are listed once, sorted") {
  const auto parsed = Template::Parse("{{b}}{{#list}}{{.}}{{a}}{{^no}}{{user.name}}{{/no}}{{/list}}{{{b}}}{{! c }}");
  REQUIRE(parsed.has_value());
  CHECK(parsed->Variables() == std::vector<std::string>{"a", "b", "list", "no", "user.name"});
  CHECK(Template::Parse("none")->Variables().empty());
}

TEST_CASE("Any input parses or says where it does not, and renders or says why") {
  const std::vector<std::string> pieces = {"{{",     "}}",     "{{{",    "}}}",         "#",    "/",   "^",  "!",
                                           "=",      "&",      ">",      " ",           "\n",   "a",   "b",  ".",
                                           "a.b",    "{",      "}",      "\xc3",        "\xa9", "<%",  "%>", "{{#a}}",
                                           "{{/a}}", "{{^b}}", "{{/b}}", "{{=<% %>=}}", "\r\n", "text"};
  const Object data = {{"a", Thing({{"b", Text("1")}})}, {"b", Items({Text("x"), Flag(false)})}};
  std::uint32_t state = 12345;
  const auto next = [&] { return (state = state * 1664525u + 1013904223u) >> 8; };
  for (int round = 0; round < 20'000; ++round) {
    std::string source;
    for (std::uint32_t count = next() % 12; count > 0; --count) source += pieces[next() % pieces.size()];
    const auto parsed = Template::Parse(source);
    if (!parsed) {
      CHECK(parsed.error().line >= 1);
      CHECK(parsed.error().column >= 1);
      continue;
    }
    const auto text = parsed->Render(data, Kind::kHtml, {});
    if (!text) CHECK_FALSE(text.error().message.empty());
  }
}
