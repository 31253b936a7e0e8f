#include "api/dev/frame.h"

#include <doctest/doctest.h>

using namespace sealpost::dev;

TEST_CASE("images of the mail itself are put in, everything else stays") {
  Mail mail;
  mail.html = "<img src=\"cid:logo@x\"><img src='cid:other'><p>acid:rain</p>cid:";
  mail.others.push_back({"image/png", "", "logo@x", "abc"});
  CHECK(InlineImages(mail) == "<img src=\"data:image/png;base64,YWJj\"><img src='cid:other'><p>acid:rain</p>cid:");
}

TEST_CASE("a type that would leave its attribute is no image") {
  Mail mail;
  mail.html = "<img src=\"cid:a\">";
  mail.others.push_back({"image/png\"><script>", "", "a", "abc"});
  CHECK(InlineImages(mail) == mail.html);
  mail.others[0].type = "text/html";
  CHECK(InlineImages(mail) == mail.html);
}

TEST_CASE("an image named a thousand times is put in within the bound") {
  Mail mail;
  mail.others.push_back({"image/png", "", "a", std::string(1 << 20, 'x')});
  for (int i = 0; i < 1000; ++i) mail.html += "<img src=cid:a>";
  CHECK(InlineImages(mail).size() < (50u << 20));
}

TEST_CASE("the document sandboxes itself and may be framed by its own origin only") {
  const auto response = FrameOf({});
  REQUIRE(response.headers.size() == 2);
  const std::string& policy = response.headers[0].second;
  for (const char* rule : {"default-src 'none'", "img-src data:", "frame-ancestors 'self'", "sandbox"}) {
    CHECK(policy.find(rule) != std::string::npos);
  }
  CHECK(policy.find("script-src") == std::string::npos);
  CHECK(policy.find("allow-") == std::string::npos);
}
