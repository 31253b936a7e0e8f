#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

#include "templates/mustache.h"
#include "templates/text_alternative.h"

using namespace sealpost::templates;

namespace {

std::string Read(const std::string& name) {
  std::ifstream file(std::string(SEALPOST_SOURCE_DIR) + "/templates/starter/" + name);
  REQUIRE_MESSAGE(file.good(), name);
  return {std::istreambuf_iterator<char>(file), {}};
}

const Object kNeeded = {{"product_name", {"Acme"}},
                        {"email", {"a@b.example"}},
                        {"reset_url", {"https://a.example/r?x=1&y=2"}},
                        {"expires_in", {"10 minutes"}},
                        {"code", {"123456"}},
                        {"receipt_number", {"R-1"}},
                        {"date", {"23 November 2026"}},
                        {"total", {"EUR 3.00"}},
                        {"items", {List{{Object{{"description", {"Tea"}}, {"amount", {"EUR 3.00"}}}}}}},
                        {"UNSUBSCRIBE_URL", {"https://mail.example/u/token"}}};

std::string Render(const std::string& name, const Object& data, Kind kind) {
  const auto parsed = Template::Parse(Read(name));
  REQUIRE_MESSAGE(parsed.has_value(), (name + ": " + parsed.error().message));
  const auto text = parsed->Render(data, kind, {"UNSUBSCRIBE_URL"});
  REQUIRE_MESSAGE(text.has_value(), (name + ": " + text.error().message));
  return *text;
}

}  // namespace

TEST_CASE("The starter templates render with what they need and with what they may have") {
  Object all = kNeeded;
  for (const char* name : {"name", "support_url", "device", "receipt_url"})
    all[name] = {std::string("https://x.example/")};
  for (const std::string name : {"password-reset", "sign-in-code", "receipt"}) {
    CAPTURE(name);
    for (const Object& data : {kNeeded, all}) {
      const std::string html = Render(name + ".html", data, Kind::kHtml);
      CHECK(html.starts_with("<!-- subject: "));
      CHECK(html.find("{{") == std::string::npos);
      CHECK(html.find("<script") == std::string::npos);
      CHECK(html.find("<img") == std::string::npos);
      CHECK(Render(name + ".txt", data, Kind::kText).starts_with("# subject: "));
      const std::string text = TextAlternative(html);
      CHECK(text.find('<') == std::string::npos);
      CHECK(text.find("Acme") != std::string::npos);
    }
  }
}

TEST_CASE("The starters say what matters in text as in html") {
  CHECK(TextAlternative(Render("password-reset.html", kNeeded, Kind::kHtml)).find("(https://a.example/r?x=1&y=2)") !=
        std::string::npos);
  CHECK(TextAlternative(Render("sign-in-code.html", kNeeded, Kind::kHtml)).find("123456") != std::string::npos);
  const std::string receipt = TextAlternative(Render("receipt.html", kNeeded, Kind::kHtml));
  CHECK(receipt.find("Tea | EUR 3.00") != std::string::npos);
  CHECK(receipt.find("https://mail.example/u/token") != std::string::npos);
}
