#include "api/http/html.h"

#include <doctest/doctest.h>

#include "api/http/router.h"
#include "tests/api/http/no_keys.h"

using namespace sealpost;
using namespace sealpost::http;
using sealpost::tests::NoKeys;

namespace {}  // namespace

TEST_CASE("Every character that means something in HTML is escaped") {
  CHECK(EscapeHtml("<a href=\"x\" id='y'>&amp;</a>") ==
        "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;");
  CHECK(EscapeHtml("").empty());
  CHECK(EscapeHtml("caf\xc3\xa9") == "caf\xc3\xa9");
}

TEST_CASE("A page escapes its title, keeps its body and loads nothing but our style sheet") {
  const Response page = Page(404, "<b>", "<p>hello</p>");
  CHECK(page.status == 404);
  CHECK(page.content_type == "text/html; charset=utf-8");
  CHECK(page.body.find("<title>&lt;b&gt;</title>") != std::string::npos);
  CHECK(page.body.find("<p>hello</p>") != std::string::npos);
  CHECK(page.body.find("href=\"/style.css\"") != std::string::npos);
  CHECK(page.body.find("<script") == std::string::npos);
  CHECK(page.body.find("<html lang=\"en\">") != std::string::npos);
}

TEST_CASE("The style sheet is served without a key and names what the pages use") {
  const NoKeys keys;
  Router router(keys);
  AddPageAssets(router);
  Request request{.method = "GET", .path = "/style.css"};
  const auto match = router.Dispatch(request);
  CHECK(match.response.status == 200);
  CHECK(match.response.content_type == "text/css; charset=utf-8");
  for (const char* name : {".card", ".badge", ".badge.pass", ".badge.fail", ".badge.warn", ".muted", "nav.tabs", "pre",
                           "iframe.mail", ".empty", "button"}) {
    CAPTURE(name);
    CHECK(match.response.body.find(name) != std::string::npos);
  }
  CHECK(match.response.body.find("url(") == std::string::npos);
  CHECK(match.response.body.find("@import") == std::string::npos);
}
