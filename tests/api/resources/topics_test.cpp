#include "api/resources/topics.h"

#include <doctest/doctest.h>

#include "tests/api/resources/fixture.h"

using namespace sealpost;
using resources::tests::Api;
using resources::tests::Json;

TEST_CASE("a topic is made, read and listed") {
  Api api;
  const http::Response made =
      api.Ask("POST", "/topics",
              R"({"name":"News","description":"Once a week","default_subscription":"opt_out","visibility":"private"})");
  CHECK(made.status == 201);
  const std::string id = api.IdOf(made);
  const Json topic(api.Ask("GET", "/topics/" + id).body);
  CHECK(topic.Text("object") == "topic");
  CHECK(topic.Text("name") == "News");
  CHECK(topic.Text("description") == "Once a week");
  CHECK(topic.Text("default_subscription") == "opt_out");
  CHECK(topic.Text("visibility") == "private");
  const Json list(api.Ask("GET", "/topics").body);
  CHECK(list.Text("object") == "list");
  CHECK(list["has_more"].Bool() == false);
  CHECK(list.Element("data", 0)["id"].String() == id);
}

TEST_CASE("a topic without more than a name is public and joined by default") {
  Api api;
  const Json topic(api.Ask("GET", "/topics/" + api.IdOf(api.Ask("POST", "/topics", R"({"name":"News"})"))).body);
  CHECK(topic.Text("default_subscription") == "opt_in");
  CHECK(topic.Text("visibility") == "public");
  CHECK(topic["description"].IsNull());
}

TEST_CASE("a topic's words are bounded in characters, not octets") {
  Api api;
  const auto make = [&](const std::string& name, std::size_t described = 0) {
    return api
        .Ask("POST", "/topics", "{\"name\":\"" + name + "\",\"description\":\"" + std::string(described, 'x') + "\"}")
        .status;
  };
  std::string umlauts;
  for (int i = 0; i < 50; ++i) umlauts += "\xC3\xBC";
  CHECK(make(umlauts) == 201);
  CHECK(make(umlauts + "x") == 422);
  CHECK(make("News", 200) == 201);
  CHECK(make("News", 201) == 422);
}

TEST_CASE("what is no topic is refused") {
  Api api;
  for (const char* body : {"{}", R"({"name":""})", R"({"name":5})", R"({"name":"a\nb"})", R"({"name":"a\u0000b"})",
                           R"({"name":"a\u0085b"})", R"({"name":"a","default_subscription":"maybe"})",
                           R"({"name":"a","visibility":"secret"})", "[]"}) {
    CHECK_MESSAGE(api.Ask("POST", "/topics", body).status == 422, body);
  }
  CHECK(api.Ask("POST", "/topics", "x").status == 400);
  CHECK(api.Ask("GET", "/topics/none").status == 404);
}
