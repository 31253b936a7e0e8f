#include "mailer/base/json.h"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

using namespace sealpost::base;

namespace {

JsonDocument Parsed(std::string_view text) {
  auto document = JsonDocument::Parse(text);
  REQUIRE_MESSAGE(document.has_value(), std::string(text));
  return std::move(*document);
}

std::string Fault(std::string_view text) {
  const auto document = JsonDocument::Parse(text);
  REQUIRE_MESSAGE(!document.has_value(), std::string(text));
  CHECK(document.error().kind == ErrorKind::kInvalid);
  return document.error().message;
}

std::string Nested(std::size_t depth, const std::string& inner) {
  return std::string(depth, '[') + inner + std::string(depth, ']');
}

}  // namespace

TEST_CASE("each type of JSON value is known by its name and answers only to its own question") {
  const auto document = Parsed(R"({"s":"text","n":1,"d":1.5,"t":true,"f":false,"z":null,"a":[1],"o":{"k":2}})");
  const JsonView root = document.Root();
  CHECK(root.TypeName() == "object");
  CHECK(root["s"].TypeName() == "string");
  CHECK(root["n"].TypeName() == "number");
  CHECK(root["d"].TypeName() == "number");
  CHECK(root["t"].TypeName() == "true or false");
  CHECK(root["z"].TypeName() == "null");
  CHECK(root["a"].TypeName() == "array");
  CHECK(root["none"].TypeName() == "nothing");
  CHECK(root["s"].String() == "text");
  CHECK(root["n"].Integer() == 1);
  CHECK(root["n"].Number() == 1.0);
  CHECK(root["d"].Number() == 1.5);
  CHECK_FALSE(root["d"].Integer().has_value());
  CHECK(root["t"].Bool() == true);
  CHECK(root["f"].Bool() == false);
  CHECK(root["z"].IsNull());
  CHECK_FALSE(root["s"].Number().has_value());
  CHECK_FALSE(root["n"].String().has_value());
  CHECK_FALSE(root["z"].Bool().has_value());
  CHECK(root["o"]["k"].Integer() == 2);
  CHECK(root.Size() == 8);
  CHECK(root["a"].Size() == 1);
  CHECK(root["s"].Size() == 0);
}

TEST_CASE("an absent view answers no to everything and never crashes") {
  const JsonView absent;
  CHECK_FALSE(absent.Exists());
  CHECK_FALSE((absent.IsNull() || absent.IsString() || absent.IsBool() || absent.IsNumber() || absent.IsArray() ||
               absent.IsObject()));
  CHECK_FALSE(absent["a"]["b"].Exists());
  CHECK(absent.Size() == 0);
  CHECK(absent.Text().empty());
  absent.ForEachElement([](std::size_t, JsonView) -> bool { throw 1; });
  absent.ForEachMember([](std::string_view, JsonView) -> bool { throw 1; });
}

TEST_CASE("a member is the first of its name, and a key is the text it stands for") {
  const auto document = Parsed(R"({"a":1,"a":2,"":3,"q\u0022":4})");
  CHECK(document.Root()["a"].Integer() == 1);
  CHECK(document.Root()[""].Integer() == 3);
  CHECK(document.Root()["q\""].Integer() == 4);
  CHECK_FALSE(document.Root()["A"].Exists());
}

TEST_CASE("elements and members come in order until the visitor has enough") {
  const auto document = Parsed(R"([10,[1,2,[3]],{"x":{"y":1}},"s",2.5,18446744073709551615,null])");
  std::vector<std::string> texts;
  document.Root().ForEachElement([&](std::size_t index, JsonView element) {
    CHECK(index == texts.size());
    texts.push_back(element.Text());
    return texts.size() < 6;
  });
  CHECK(texts ==
        std::vector<std::string>{"10", "[1,2,[3]]", R"({"x":{"y":1}})", "\"s\"", "2.5", "18446744073709551615"});
  std::string keys;
  const auto object = Parsed(R"({"b":[1,2],"a":{"n":1},"c":3})");
  object.Root().ForEachMember([&](std::string_view key, JsonView) {
    keys += key;
    return key != "a";
  });
  CHECK(keys == "ba");
}

TEST_CASE("a string may hold any character, NUL included") {
  const auto document = Parsed(R"(["a\u0000b","\ud83d\ude00","\"\\\/\b\f\n\r\t"])");
  std::vector<std::string> texts;
  document.Root().ForEachElement([&](std::size_t, JsonView element) {
    texts.emplace_back(*element.String());
    return true;
  });
  CHECK(texts[0] == std::string("a\0b", 3));
  CHECK(texts[1] == "\xf0\x9f\x98\x80");
  CHECK(texts[2] == "\"\\/\b\f\n\r\t");
}

TEST_CASE("numbers keep their kind") {
  const auto document = Parsed("[9223372036854775807,-9223372036854775808,9223372036854775808,1.0,1e2,-0,0.1]");
  std::vector<JsonView> views;
  document.Root().ForEachElement([&](std::size_t, JsonView view) { return views.push_back(view), true; });
  CHECK(views[0].Integer() == std::numeric_limits<std::int64_t>::max());
  CHECK(views[1].Integer() == std::numeric_limits<std::int64_t>::min());
  CHECK_FALSE(views[2].Integer().has_value());
  CHECK(views[2].IsNumber());
  CHECK_FALSE(views[3].Integer().has_value());
  CHECK_FALSE(views[4].Integer().has_value());
  CHECK(views[4].Number() == 100.0);
  CHECK(views[5].Integer() == 0);
  CHECK(document.Root().Text() == "[9223372036854775807,-9223372036854775808,9223372036854775808,1.0,100.0,0,0.1]");
}

TEST_CASE("a root may be any value") {
  CHECK(Parsed("null").Root().IsNull());
  CHECK(Parsed(" \"x\" ").Root().String() == "x");
  CHECK(Parsed("7").Root().Integer() == 7);
  CHECK(Parsed("[]").Root().Size() == 0);
  CHECK(Parsed("{}").Root().IsObject());
}

TEST_CASE("views stay valid while their document moves") {
  auto document = Parsed(R"({"a":["text"]})");
  const JsonView view = document.Root()["a"];
  const JsonDocument moved = std::move(document);
  CHECK(view.Text() == R"(["text"])");
  CHECK(moved.Root()["a"].Size() == 1);
}

TEST_CASE("what is not JSON is refused with the reason and without a quotation") {
  CHECK(Fault("") == "the body is not JSON: it is empty");
  CHECK(Fault("   ") == "the body is not JSON: it is empty");
  CHECK(Fault("\"secret") == "the body is not JSON: a string does not end");
  CHECK(Fault("[\"\xff\"]") == "the body is not JSON: it is not UTF-8");
  CHECK(Fault("[\"a\nb\"]").find("not escaped") != std::string::npos);
  CHECK(Fault(R"(["\x"])").find("wrong escape") != std::string::npos);
  CHECK(Fault("[1e999]").find("number") != std::string::npos);
  CHECK(Fault("[123456789012345678901234567890]").find("number") != std::string::npos);
  for (const char* text :
       {"{",      "[",  "]",    "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}", "[1 2]", "nul",     "tru",
        "[fals]", "01", "[+1]", "[.5]", "1 2",     "{} {}",    "'a'",   "[NaN]", "// x\n1", "\xef\xbb\xbf[]"}) {
    CHECK(Fault(text).starts_with("the body is not JSON: "));
  }
  CHECK_FALSE(JsonDocument::Parse(std::string_view("[1]\0", 4)).has_value());
}

TEST_CASE("nesting is allowed to 64 levels") {
  CHECK(Parsed(Nested(64, "1")).Root().Text() == Nested(64, "1"));
  CHECK(Fault(Nested(65, "1")) == "the body is not JSON: it is nested deeper than 64 levels");
  CHECK(Fault(Nested(100'000, "")) == "the body is not JSON: it is nested deeper than 64 levels");
  CHECK(Fault(std::string(1'000'000, '[')).starts_with("the body is not JSON"));
  std::string objects;
  for (int i = 0; i < 1000; ++i) objects += "{\"a\":";
  CHECK(Fault(objects).starts_with("the body is not JSON"));
}

TEST_CASE("an array of millions of small numbers is read whole, also beyond the tape's own counter") {
  constexpr std::size_t kCount = (1u << 24) + 5;
  std::string text = "[1";
  text.reserve(2 * kCount + 2);
  for (std::size_t i = 1; i < kCount; ++i) text += ",7";
  text += "]";
  const auto document = Parsed(text);
  CHECK(document.Root().Size() == kCount);
  std::size_t sum = 0;
  document.Root().ForEachElement([&](std::size_t, JsonView element) {
    sum += static_cast<std::size_t>(*element.Integer());
    return true;
  });
  CHECK(sum == 7 * kCount - 6);
}

TEST_CASE("the writer places its own commas") {
  JsonWriter writer;
  writer.BeginObject().Key("a").Integer(-1).Key("b").BeginArray().Bool(true).Null().BeginObject().EndObject();
  writer.BeginArray().EndArray().Number(0.5).EndArray().Key("c").StringOrNull("").Key("d").StringOrNull("x");
  CHECK(writer.Key("e").Raw("[1]").EndObject().Take() ==
        R"({"a":-1,"b":[true,null,{},[],0.5],"c":null,"d":"x","e":[1]})");
  CHECK(writer.BeginArray().EndArray().Take() == "[]");
}

TEST_CASE("the writer escapes what would end a line or drive a terminal") {
  const auto written = [](std::string_view text) { return JsonWriter().String(text).Take(); };
  CHECK(written("\"\\/\n\r\t\b\x1b\x7f") == R"("\"\\/\n\r\t\u0008\u001b\u007f")");
  CHECK(written(std::string_view("\0", 1)) == R"("\u0000")");
  CHECK(written("\u0080\u009b\u009f\u00a0") == "\"\\u0080\\u009b\\u009f\u00a0\"");
  CHECK(written("\u2028\u2029\u202a") == "\"\\u2028\\u2029\u202a\"");
  CHECK(written("grüße \U0001F600") == "\"grüße \U0001F600\"");
}

TEST_CASE("the writer replaces what is not UTF-8") {
  const auto written = [](std::string_view text) { return JsonWriter().String(text).Take(); };
  CHECK(written("a\xffz") == "\"a\ufffdz\"");
  CHECK(written("\xc3") == "\"\ufffd\"");
  CHECK(written("\xc0\xaf") == "\"\ufffd\ufffd\"");
  CHECK(written("\xe0\x80\xaf") == "\"\ufffd\ufffd\ufffd\"");
  CHECK(written("\xed\xa0\x80") == "\"\ufffd\ufffd\ufffd\"");
  CHECK(written("\xf4\x90\x80\x80") == "\"\ufffd\ufffd\ufffd\ufffd\"");
  CHECK(written("\xe2\x82") == "\"\ufffd\ufffd\"");
  CHECK(written("\xe2\x82\"") == "\"\ufffd\ufffd\\\"\"");
}

TEST_CASE("numbers are written as JSON knows them") {
  const auto written = [](double value) { return JsonWriter().Number(value).Take(); };
  CHECK(written(3) == "3");
  CHECK(written(0.1) == "0.1");
  CHECK(written(1e300) == "1e+300");
  CHECK(written(std::numeric_limits<double>::infinity()) == "null");
  CHECK(written(std::numeric_limits<double>::quiet_NaN()) == "null");
}

TEST_CASE("every byte that is written comes back when it is read") {
  std::string text;
  for (int i = 0; i < 128; ++i) text.push_back(static_cast<char>(i));
  text += "\u0080\u0085\u2028\U0010FFFF";
  const auto document = Parsed(JsonWriter().BeginObject().Key(text).String(text).EndObject().Take());
  CHECK(document.Root()[text].String() == text);
}
