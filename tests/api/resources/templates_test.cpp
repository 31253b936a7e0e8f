#include "api/resources/templates.h"

#include <doctest/doctest.h>

#include "tests/api/resources/fixture.h"

using namespace sealpost;
using resources::tests::Api;
using resources::tests::Json;

namespace {

std::string Template(const std::string& members = "") {
  return R"({"name":"Welcome","html":"<p>{{name}}</p>","subject":"Hi {{name}}","from":"shop@example.com")" +
         (members.empty() ? "" : "," + members) + "}";
}

std::string Use(const std::string& id) {
  return R"({"to":"ann@example.org","template":{"id":")" + id + R"(","variables":{"name":"Ann"}}})";
}

std::string SentSubject(Api& api, const std::string& id) {
  return api.Stored(api.IdOf(api.Send(Use(id)))).subject;
}

}  // namespace

TEST_CASE("a template is a draft until it is published, and edits stay drafts") {
  Api api;
  const http::Response made = api.Ask("POST", "/templates", Template(R"("alias":"welcome")"));
  CHECK(made.status == 201);
  const std::string id = api.IdOf(made);
  CHECK(Json(made.body).Text("object") == "template");
  CHECK(api.Send(Use(id)).status == 404);
  CHECK(Json(api.Ask("GET", "/templates/welcome").body).Text("status") == "draft");
  CHECK(api.IdOf(api.Ask("POST", "/templates/welcome/publish")) == id);
  CHECK(SentSubject(api, "welcome") == "Hi Ann");

  CHECK(api.Ask("PATCH", "/templates/" + id, R"({"subject":"Bye {{name}}"})").status == 200);
  CHECK(SentSubject(api, id) == "Hi Ann");
  Json shown(api.Ask("GET", "/templates/" + id).body);
  CHECK(shown.Text("subject") == "Bye {{name}}");
  CHECK(shown["has_unpublished_versions"].Bool() == true);
  CHECK(api.Ask("POST", "/templates/" + id + "/publish").status == 200);
  CHECK(SentSubject(api, id) == "Bye Ann");
  CHECK(Json(api.Ask("GET", "/templates/" + id).body)["has_unpublished_versions"].Bool() == false);
}

TEST_CASE("the category of a published template is that of sends which say none") {
  Api api;
  const std::string id = api.IdOf(api.Ask("POST", "/templates", Template(R"("category":"receipt")")));
  CHECK(api.Ask("POST", "/templates/" + id + "/publish").status == 200);
  const auto category = [&](const std::string& send) { return api.Stored(api.IdOf(api.Send(send))).extras.category; };
  CHECK(category(Use(id)) == "receipt");
  CHECK(api.Ask("PATCH", "/templates/" + id, R"({"category":"notification"})").status == 200);
  CHECK(Json(api.Ask("GET", "/templates/" + id).body).Text("category") == "notification");
  CHECK(category(Use(id)) == "receipt");  // the draft's is not sent with
  CHECK(api.Ask("POST", "/templates/" + id + "/publish").status == 200);
  CHECK(category(Use(id)) == "notification");
  api.key.category = "otp";
  CHECK(category(Use(id)) == "notification");
  CHECK(category(resources::tests::Message()) == "otp");
  CHECK(api.Ask("PATCH", "/templates/" + id, R"({"category":"nonsense"})").status == 422);
}

TEST_CASE("name and html are needed, also after a change") {
  Api api;
  for (const char* body : {R"({"html":"x"})", R"({"name":"x"})", R"({"name":"","html":"x"})"}) {
    const http::Response response = api.Ask("POST", "/templates", body);
    CHECK(response.status == 422);
    CHECK(Json(response.body).Text("name") == "missing_required_field");
  }
  const std::string id = api.IdOf(api.Ask("POST", "/templates", Template()));
  CHECK(api.Ask("PATCH", "/templates/" + id, R"({"name":""})").status == 422);
  CHECK(api.Ask("PATCH", "/templates/" + id, R"({"html":""})").status == 422);
  CHECK(Json(api.Ask("GET", "/templates/" + id).body).Text("name") == "Welcome");
}

TEST_CASE("a template that does not parse is refused with its place, and a change by one changes nothing") {
  Api api;
  const http::Response response = api.Ask("POST", "/templates", R"({"name":"x","html":"<p>\n{{#a}}"})");
  CHECK(response.status == 422);
  CHECK(Json(response.body).Text("message").find("line 2") != std::string::npos);
  const std::string id = api.IdOf(api.Ask("POST", "/templates", Template()));
  CHECK(api.Ask("PATCH", "/templates/" + id, R"({"html":"{{"})").status == 422);
  CHECK(Json(api.Ask("GET", "/templates/" + id).body).Text("html") == "<p>{{name}}</p>");
}

TEST_CASE("an alias is one template's") {
  Api api;
  api.IdOf(api.Ask("POST", "/templates", Template(R"("alias":"welcome")")));
  CHECK(api.Ask("POST", "/templates", Template(R"("alias":"welcome")")).status == 409);
  const std::string other = api.IdOf(api.Ask("POST", "/templates", Template()));
  CHECK(api.Ask("PATCH", "/templates/" + other, R"({"alias":"welcome"})").status == 409);
  CHECK(api.Ask("PATCH", "/templates/" + other, R"({"alias":"other"})").status == 200);
}

TEST_CASE("templates are listed newest first, page by page") {
  Api api;
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) {
    api.clock.Advance(base::Millis(1));
    ids.push_back(api.IdOf(api.Ask("POST", "/templates", Template())));
  }
  const Json first(api.Ask("GET", "/templates", "", {}, {{"limit", "2"}}).body);
  CHECK(first["has_more"].Bool() == true);
  CHECK(first.Element("data", 0)["id"].String() == ids[2]);
  CHECK_FALSE(first.Element("data", 0)["html"].Exists());
  const Json second(api.Ask("GET", "/templates", "", {}, {{"limit", "2"}, {"after", ids[1]}}).body);
  CHECK(second["has_more"].Bool() == false);
  CHECK(second["data"].Size() == 1);
  CHECK(api.Ask("GET", "/templates", "", {}, {{"limit", "0"}}).status == 422);
}

TEST_CASE("what is not there is not found, and what is not JSON is 400") {
  Api api;
  for (const char* id : {"none", "0190f3c2-0000-7000-8000-000000000001", "' OR 1=1"}) {
    CHECK(api.Ask("GET", std::string("/templates/") + id).status == 404);
    CHECK(api.Ask("POST", std::string("/templates/") + id + "/publish").status == 404);
    CHECK(api.Ask("PATCH", std::string("/templates/") + id, "{}").status == 404);
  }
  CHECK(api.Ask("POST", "/templates", "{").status == 400);
  CHECK(api.Ask("POST", "/templates", "[]").status == 422);
}
