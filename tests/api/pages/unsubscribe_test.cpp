#include "api/pages/unsubscribe.h"

#include <doctest/doctest.h>

#include <vector>

#include "tests/mailer/recipients/fixture.h"
#include "tests/support/full_disk.h"
#include "tests/support/wait.h"

using namespace sealpost;
using sealpost::tests::FullDisk;
using sealpost::tests::WaitFor;

namespace {

struct NoKeys final : http::KeyBook {
  std::optional<model::ApiKey> Find(std::string_view) const override { return std::nullopt; }
};

struct Site : sealpost::recipients::tests::Fixture {
  Site() { pages::AddUnsubscribe(router, *recipients); }

  http::Response Ask(const std::string& method, const std::string& link, const std::string& body = "",
                     const std::string& type = "application/x-www-form-urlencoded") {
    http::Request request{.method = method, .path = "/u/" + link, .body = body};
    request.segments = {"u", link};
    if (!body.empty()) request.headers["Content-Type"] = type;
    return router.Dispatch(request).response;
  }
  bool Left() { return recipients->ChoiceOf(topic.id, "ann@example.org") == store::Choice::kOptOut; }

  model::Topic topic = AddTopic();
  std::string token = AddMail(topic.id);
  NoKeys keys;
  http::Router router{keys};
};

const std::string kOneClick = "List-Unsubscribe=One-Click";

std::string Multipart(const std::string& disposition) {
  return "--b\r\nContent-Disposition: " + disposition + "\r\n\r\nOne-Click\r\n--b--\r\n";
}

}  // namespace

TEST_CASE("looking, by GET or HEAD and however often, changes nothing") {
  Site site;
  for (int i = 0; i < 3; ++i) {
    const http::Response page = site.Ask("GET", site.token);
    CHECK(page.status == 200);
    CHECK(page.content_type == "text/html; charset=utf-8");
    CHECK(page.body.find("News") != std::string::npos);
    CHECK(page.body.find("a***@example.org") != std::string::npos);
    CHECK(page.body.find("ann@example.org") == std::string::npos);
    CHECK(page.body.find("<script") == std::string::npos);
    CHECK(page.body.find("method=\"post\"") != std::string::npos);
    const http::Response head = site.Ask("HEAD", site.token);
    CHECK(head.status == 200);
    CHECK(head.body.empty());
  }
  CHECK_FALSE(site.Left());
}

TEST_CASE("a body sent with GET changes nothing") {
  Site site;
  CHECK(site.Ask("GET", site.token, kOneClick).status == 200);
  CHECK_FALSE(site.Left());
}

TEST_CASE("one click takes effect, form-encoded") {
  Site site;
  const http::Response answer = site.Ask("POST", site.token, kOneClick);
  CHECK(answer.status == 200);
  CHECK(answer.headers.empty());  // no cookie, no redirect
  CHECK(site.Left());
}

TEST_CASE("one click takes effect as multipart/form-data, however its sender spells that") {
  const std::vector<std::pair<std::string, std::string>> kinds = {
      {"multipart/form-data; boundary=b", "form-data; name=\"List-Unsubscribe\""},
      {"Multipart/Form-Data; boundary=\"b\"", "form-data; name=\"List-Unsubscribe\""},
      {"multipart/form-data; boundary=b", "form-data; name=List-Unsubscribe"},
  };
  for (const auto& [type, disposition] : kinds) {
    Site site;
    CHECK(site.Ask("POST", site.token, Multipart(disposition), type).status == 200);
    CHECK_MESSAGE(site.Left(), type << " " << disposition);
  }
}

TEST_CASE("one click takes effect with a line end or another field around it") {
  for (const std::string& body : std::vector<std::string>{kOneClick + "\r\n", kOneClick + "&x=y", "x=y&" + kOneClick}) {
    Site site;
    CHECK(site.Ask("POST", site.token, body).status == 200);
    CHECK_MESSAGE(site.Left(), body);
  }
}

TEST_CASE("one click answers the same for a token that is not ours") {
  Site site;
  const http::Response known = site.Ask("POST", site.token, kOneClick);
  for (const std::string& token : {std::string("x"), std::string(44, 'A'), site.token.substr(1)}) {
    const http::Response unknown = site.Ask("POST", token, kOneClick);
    CHECK(unknown.status == known.status);
    CHECK(unknown.body == known.body);
    CHECK(unknown.content_type == known.content_type);
    CHECK(unknown.headers == known.headers);
  }
}

TEST_CASE("one click that repeats is one click, also after the page was used to come back") {
  Site site;
  site.Ask("POST", site.token, kOneClick);
  site.Ask("POST", site.token, kOneClick);
  CHECK(site.Left());
  CHECK(site.Ask("POST", site.token, "action=resubscribe").body.find("Unsubscribe?") != std::string::npos);
  CHECK_FALSE(site.Left());
}

TEST_CASE("the button of the page leaves, and the next page offers the way back") {
  Site site;
  const http::Response answer = site.Ask("POST", site.token, "action=unsubscribe");
  CHECK(answer.status == 200);
  CHECK(site.Left());
  CHECK(answer.body.find("You are unsubscribed") != std::string::npos);
  CHECK(answer.body.find("value=\"resubscribe\"") != std::string::npos);
  CHECK(site.Ask("GET", site.token).body.find("You are unsubscribed") != std::string::npos);
}

TEST_CASE("a POST that says nothing known shows the page and changes nothing") {
  Site site;
  for (const std::string& body : std::vector<std::string>{
           "", "x", "action=", "List-Unsubscribe=", "List-Unsubscribe=One-Clicks", "x=List-Unsubscribe=One-Click"}) {
    CHECK(site.Ask("POST", site.token, body).status == 200);
    CHECK_MESSAGE(!site.Left(), body);
  }
  CHECK(
      site.Ask("POST", site.token, Multipart("form-data; name=\"other\""), "multipart/form-data; boundary=b").status ==
      200);
  CHECK_FALSE(site.Left());
}

TEST_CASE("a link that is not ours gets a page that says so") {
  Site site;
  for (const std::string& token :
       {std::string("x"), std::string(44, 'A'), std::string(5000, 'A'), std::string("<script>")}) {
    for (const char* method : {"GET", "POST"}) {
      const http::Response page = site.Ask(method, token, std::string(method) == "POST" ? "action=unsubscribe" : "");
      CHECK(page.status == 404);
      CHECK(page.content_type == "text/html; charset=utf-8");
      CHECK(page.body.find("<script>") == std::string::npos);
    }
  }
}

TEST_CASE("what a topic is called is text on the page, not html") {
  Site site;
  model::Topic topic;
  topic.id = base::NewId(site.clock.Now());
  topic.name = "<b>News & more";
  topic.default_subscription = "opt_in";
  sealpost::recipients::tests::Good(
      site.database->Write([&](store::Session& session) { return store::InsertTopic(session, topic); }));
  const http::Response page = site.Ask("GET", site.AddMail(topic.id));
  CHECK(page.body.find("&lt;b&gt;News &amp; more") != std::string::npos);
  CHECK(page.body.find("<b>News") == std::string::npos);
}

TEST_CASE("while nothing can be written the answer says to try again, and does not claim to have worked") {
  Site site;
  {
    const FullDisk full;
    CHECK(site.Ask("POST", site.token, kOneClick).status == 503);
    CHECK(site.Ask("POST", site.token, "action=unsubscribe").status == 503);
    CHECK_FALSE(site.Left());
  }
  REQUIRE(WaitFor([&] { return site.database->Writable(); }));
  CHECK(site.Ask("POST", site.token, kOneClick).status == 200);
  CHECK(site.Left());
}
