#include "api/resources/limit_events.h"

#include <doctest/doctest.h>

#include "api/resources/recipient_limits.h"
#include "ratelimit/identity.h"
#include "tests/api/resources/fixture.h"

using namespace sealpost;
using resources::tests::Api;
using resources::tests::Json;

namespace {

using Query = std::map<std::string, std::string, std::less<>>;

struct Events : Api {
  Events() {
    resources::AddLimitEvents(router, {*database, limit_rules, key_rate, "secret"});
    resources::AddRecipientLimits(
        router, {*limiter, limit_rules, *recipients, blocks, *database, clock, log, key_rate, "secret",
                 [this](const std::string& mailbox) { return limiter->Reset(mailbox); }});
  }
  void Add(const std::string& kind, const std::string& subject) {
    clock.Advance(base::Millis(1));
    const store::LimitSignal signal{base::NewId(clock.Now()), clock.Now(), kind, subject};
    submit::tests::Good(
        database->Write([&](store::Session& session) { return store::InsertLimitSignal(session, signal); }));
  }
  Json List(const Query& query = {}) {
    const http::Response response = Ask("GET", "/x/limits/events", "", {}, query);
    REQUIRE_MESSAGE(response.status == 200, response.body);
    return Json(response.body);
  }
  submit::LimitRules rules;
};

const std::string kAnn = ratelimit::MailboxKey("secret", "annlee@gmail.com");

}  // namespace

TEST_CASE("events are listed the latest first, and found by kind and by the mailbox that was attacked") {
  Events api;
  CHECK(api.List()["data"].Size() == 0);
  api.Add("recipient.under_attack", kAnn);
  api.Add("key.surge", "a key");
  api.Add("recipient.recovered", kAnn);
  const Json all = api.List();
  CHECK(all["has_more"].Bool() == false);
  REQUIRE(all["data"].Size() == 3);
  CHECK(all.Element("data", 0)["kind"].String() == "recipient.recovered");
  CHECK(all.Element("data", 0)["at"].String() == base::ToRfc3339(api.clock.Now()));
  CHECK(all.Element("data", 1)["subject"].String() == "a key");
  CHECK(api.List({{"kind", "key.surge"}})["data"].Size() == 1);
  for (const char* spelling : {"annlee@gmail.com", "Ann.Lee+x@googlemail.com"}) {
    CHECK(api.List({{"address", spelling}})["data"].Size() == 2);
  }
  CHECK(api.List({{"address", "annlee@gmail.com"}, {"kind", "recipient.recovered"}})["data"].Size() == 1);
  CHECK(api.List({{"address", "bob@example.org"}})["data"].Size() == 0);
}

TEST_CASE("events are paged by the id of the last one") {
  Events api;
  for (int i = 0; i < 5; ++i) api.Add("source.surge", std::to_string(i));
  std::string pages, after;
  for (int i = 0; i < 3; ++i) {
    const Json page = api.List({{"limit", "2"}, {"after", after}});
    page["data"].ForEachElement([&](std::size_t, base::JsonView event) {
      pages += *event["subject"].String();
      after = *event["id"].String();
      return true;
    });
    pages += page["has_more"].Bool() == true ? "+" : ".";
  }
  CHECK(pages == "43+21+0.");
}

TEST_CASE("a question that cannot be meant is refused by its name") {
  Events api;
  const auto refused = [&](const Query& query, const std::string& name) {
    const http::Response response = api.Ask("GET", "/x/limits/events", "", {}, query);
    return response.status == 422 && response.body.find("`" + name + "`") != std::string::npos;
  };
  CHECK(refused({{"kind", "recipient.attacked"}}, "kind"));
  CHECK(refused({{"address", "nobody"}}, "address"));
  CHECK(refused({{"limit", "101"}}, "limit"));
  CHECK(refused({{"after", "1"}}, "after"));
}

TEST_CASE("what is known of a mailbox shows its last attacks") {
  Events api;
  for (int i = 0; i < 25; ++i) api.Add("recipient.under_attack", kAnn);
  api.Add("recipient.recovered", kAnn);
  api.Add("recipient.under_attack", "another");
  const http::Response response = api.Ask("GET", "/x/recipients/ann.lee@gmail.com/limits");
  REQUIRE(response.status == 200);
  const Json body(response.body);
  CHECK(body["events"].Size() == 20);
  CHECK(body.Element("events", 0)["kind"].String() == "recipient.recovered");
}
