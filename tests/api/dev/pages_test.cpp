#include "api/dev/pages.h"

#include <algorithm>

#include "tests/api/dev/fixture.h"

using namespace sealpost;

namespace {

bool Has(const http::Response& response, std::string_view text) {
  return response.body.find(text) != std::string::npos;
}

// Everything a mail could hide markup in.
const std::string kHostile =
    "From: \"<script>alert(1)</script>\" <a@acme.example>\r\nTo: <script>x</script>\r\nSubject: <script>\"'&\r\n"
    "List-Unsubscribe: <javascript:alert(1)>, <http://x/\"onmouseover=alert(1)>\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n</pre><script>text</script>\r\n"
    "--b\r\nContent-Type: x/<script>\r\nContent-Disposition: attachment; filename=\"<script>\"\r\n\r\nx\r\n--b--\r\n";

}  // namespace

TEST_CASE_FIXTURE(Fixture, "an empty inbox tells how to send the first mail") {
  const auto page = Ask("GET", "/");
  CHECK(page.status == 200);
  CHECK(Has(page, "curl http://127.0.0.1:8025/emails"));
  CHECK(Has(page, "sp_dev"));
  CHECK(std::ranges::count(page.headers, std::string("Refresh"), &std::pair<std::string, std::string>::first) == 1);
}

TEST_CASE_FIXTURE(Fixture, "the list shows the newest first with its checks, and leads to older ones") {
  for (int i = 0; i < 60; ++i) Catch("From: a@x.example\r\nSubject: number " + std::to_string(i) + ".\r\n\r\n");
  Catch(Signed(kMail), {"you@example.com"}, "TLSv1.3 X");
  const auto page = Ask("GET", "/");
  CHECK(Has(page, "61 mails"));
  CHECK(Has(page, "DKIM pass"));
  CHECK(Has(page, "STARTTLS"));
  CHECK(Has(page, "unsigned"));
  CHECK(page.body.find("Gr\u00fc\u00dfe") < page.body.find("number 59."));
  CHECK_FALSE(Has(page, "number 10."));
  const std::size_t link = page.body.find("/?before=");
  REQUIRE(link != std::string::npos);
  const auto older = Ask("GET", "/", {{"before", page.body.substr(link + 9, 36)}});
  CHECK(Has(older, "number 10."));
  CHECK_FALSE(Has(older, "number 11."));
  // A page that is being read stays as it is.
  CHECK(std::ranges::count(older.headers, std::string("Refresh"), &std::pair<std::string, std::string>::first) == 0);
}

TEST_CASE_FIXTURE(Fixture, "a mail's page shows its facts and frames its html") {
  const std::string id = Catch(Signed(kMail), {"you@example.com"}, "TLSv1.3 X");
  const auto page = Ask("GET", "/x/dev/mail/" + id);
  CHECK(page.status == 200);
  CHECK(Has(page, "sandbox=\"\""));
  CHECK(Has(page, "src=\"/x/dev/mail/" + id + "/html\""));
  CHECK(Has(page, "DKIM rsa-sha256: pass"));
  CHECK(Has(page, "TLSv1.3 X"));
  CHECK(Has(page, "<code>&lt;verp&gt;</code>"));
  CHECK(Has(page, "email-1"));
  CHECK_FALSE(Has(page, "It <b>works"));
  CHECK(Has(Ask("GET", "/x/dev/mail/" + id, {{"tab", "raw"}}), "&lt;b&gt;works"));
  CHECK(Has(Ask("GET", "/x/dev/mail/" + id, {{"tab", "headers"}}), "DKIM-Signature:"));
  CHECK(Has(Ask("GET", "/x/dev/mail/" + id, {{"tab", "text"}}), "no text part"));

  const auto html = Ask("GET", "/x/dev/mail/" + id + "/html");
  CHECK(html.content_type == "text/html; charset=utf-8");
  CHECK(html.body == "<p>It <b>works</b>.</p>\r\n");
  CHECK(html.headers[0].first == "Content-Security-Policy");
  const auto raw = Ask("GET", "/x/dev/mail/" + id + "/raw");
  CHECK(raw.content_type == "text/plain; charset=utf-8");
  CHECK(raw.body == inbox->Raw(id).value());
}

TEST_CASE_FIXTURE(Fixture, "nothing in a mail becomes markup of a page") {
  const std::string id = Catch(kHostile, {"<script>@x"}, "<script>");
  for (const char* tab : {"", "html", "text", "headers", "raw", "<script>"}) {
    const auto page = Ask("GET", "/x/dev/mail/" + id, {{"tab", tab}});
    CHECK_FALSE(Has(page, "<script"));
    CHECK_FALSE(Has(page, "href=\"javascript"));
    CHECK_FALSE(Has(page, "\"onmouseover"));
  }
  CHECK_FALSE(Has(Ask("GET", "/"), "<script"));
}

TEST_CASE_FIXTURE(Fixture, "a mail without html opens with its text, and its unsubscribe link can be followed") {
  const std::string id =
      Catch("Subject: x\r\nList-Unsubscribe: <mailto:u@x.example>,\r\n <https://x.example/u/1>\r\n\r\nhello");
  const auto page = Ask("GET", "/x/dev/mail/" + id);
  CHECK(Has(page, "<pre>hello</pre>"));
  CHECK(Has(page, "href=\"https://x.example/u/1\""));
  CHECK(Has(Ask("GET", "/x/dev/mail/" + id, {{"tab", "html"}}), "no HTML part"));
}

TEST_CASE_FIXTURE(Fixture, "a mail that is not there is a page of its own") {
  for (const char* path : {"/x/dev/mail/none", "/x/dev/mail/none/html", "/x/dev/mail/none/raw"}) {
    const auto page = Ask("GET", path);
    CHECK(page.status == 404);
    CHECK(Has(page, "No such mail"));
  }
}
