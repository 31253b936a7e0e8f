#include <doctest/doctest.h>

#include <algorithm>

#include "tests/scenarios/steps.h"
#include "tests/support/redis_server.h"

using namespace sealpost::scenarios;

namespace {

std::string BatchTo(const std::vector<std::string>& recipients) {
  std::string batch;
  for (const std::string& to : recipients) batch += (batch.empty() ? "[" : ",") + Message(to);
  return batch + "]";
}

int Taken(Sealpost& service, const std::string& to, int attempts) {
  int taken = 0;
  for (int i = 0; i < attempts; ++i) taken += service.Post("/emails", Message(to)).status == 200 ? 1 : 0;
  return taken;
}

}  // namespace

TEST_CASE("an unchanged application can send twelve mails an hour to one mailbox and is told when it may go on") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  CHECK(Taken(service, "ann@example.com", 12) == 12);
  const HttpReply refused = service.Post("/emails", Message("ann@example.com"));
  CAPTURE(refused.body);
  CHECK(refused.status == 429);
  const Json problem = Json::Of(refused.body);
  CHECK(problem["statusCode"].Number() == 429);
  CHECK(problem["name"].Text() == "rate_limit_exceeded");
  CHECK(problem["policy"].Text() == "uncategorized-mailbox-1h");
  CHECK(problem["recipients"][0].Text() == "ann@example.com");
  CHECK(problem["retry_after"].Number() > 0);
  CHECK(problem["retry_after"].Number() <= 3600);
  CHECK(refused.Header("Retry-After") == std::to_string(problem["retry_after"].Number()));
  CHECK(refused.Header("RateLimit-Remaining") == "0");
  CHECK(Taken(service, "bob@example.com", 1) == 1);
}

TEST_CASE("a crowd that asks at once gets no more than one after the other would") {
  tests::RedisServer redis;
  for (const std::string& limits : {std::string("memory"), redis.Url()}) {
    CAPTURE(limits);
    TempFolder folder;
    Sealpost service = StartDev(folder, {"--limits", limits});
    const auto replies = PostTogether(service, 60, Message("ann@example.com"));
    const auto taken = std::ranges::count(replies, 200, &HttpReply::status);
    CHECK(taken <= 12);
    // Redis may have counted a message whose answer came too late, so it can only be stricter.
    if (limits == "memory") CHECK(taken == 12);
    CHECK(std::ranges::count(replies, 429, &HttpReply::status) == 60 - taken);
  }
}

TEST_CASE("all spellings of a Gmail mailbox share one budget, and each is delivered as it was typed") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  const std::vector<std::string> spellings = {"ann.lee@gmail.com",     "annlee@gmail.com", "a.n.n.l.e.e@googlemail.com",
                                              "annlee+shop@gmail.com", "AnnLee@GMAIL.com", "ann.lee+x@googlemail.com"};
  for (int round = 0; round < 2; ++round) {
    for (const std::string& to : spellings) Send(service, Message(to));
  }
  for (const std::string& to : spellings) CHECK(Taken(service, to, 1) == 0);
  CHECK(Taken(service, "annlee@example.com", 1) == 1);
  CHECK(AwaitMail(service, "annlee%2Bshop@gmail.com")["to"][0].Text() == "annlee+shop@gmail.com");
}

TEST_CASE("a request that would exceed a limit is refused as a whole and charges nobody") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  CHECK(Taken(service, "full@example.com", 12) == 12);

  const HttpReply copies = service.Post("/emails", Message("ann@example.com", R"("cc": "full@example.com")"));
  CHECK(copies.status == 429);
  CHECK(Json::Of(copies.body)["recipients"].Size() == 1);
  const HttpReply batch =
      service.Post("/emails/batch", BatchTo({"ann@example.com", "full@example.com", "ann@example.com"}));
  CHECK(batch.status == 429);
  CHECK(Taken(service, "ann@example.com", 13) == 12);

  // Eleven are gone: two more in one batch are one too many, and the twelfth is still there.
  CHECK(Taken(service, "bob@example.com", 11) == 11);
  CHECK(service.Post("/emails/batch", BatchTo({"bob@example.com", "bob@example.com"})).status == 429);
  CHECK(Taken(service, "bob@example.com", 2) == 1);
}

TEST_CASE("a category has its own rules, an unknown one in the body is refused and in a tag ignored") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  Send(service, Message("ann@example.com", R"("category": "password-reset")"));
  const HttpReply second = service.Post("/emails", Message("ann@example.com", R"("category": "password_reset")"));
  CHECK(second.status == 429);
  CHECK(Json::Of(second.body)["policy"].Text() == "password_reset-mailbox-1m");
  const HttpReply tagged = service.Post(
      "/emails", Message("ann@example.com", R"("tags": [{"name": "category", "value": "password_reset"}])"));
  CHECK(tagged.status == 429);
  CHECK(service.Post("/emails", Message("ann@example.com", R"("category": "nonsense")")).status == 422);
  const std::string id =
      Send(service, Message("ann@example.com", R"("tags": [{"name": "category", "value": "nonsense"}])"));
  CHECK(Email(service, id)["category"].Text() == "uncategorized");
}

TEST_CASE("the admin of a verified workspace brings 200 colleagues in, a stranger is stopped at the 21st") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  const auto invite = [&](int number, const std::string& who) {
    return service.Post("/emails", Message("colleague-" + std::to_string(number) + "@firm.example",
                                           R"("category": "invitation", )" + who));
  };
  const std::string admin = R"("user_id": "admin", "workspace_id": "firm", "workspace_verified": true)";
  for (int i = 0; i < 200; ++i) {
    const HttpReply reply = invite(i, admin);
    CAPTURE(reply.body);
    REQUIRE(reply.status == 200);
  }
  const HttpReply again = invite(0, admin);
  CHECK(again.status == 429);
  CHECK(Json::Of(again.body)["policy"].Text() == "invitation-workspace-1d");

  const std::string stranger = R"("user_id": "stranger", "workspace_id": "other")";
  for (int i = 0; i < 20; ++i) CHECK(invite(1000 + i, stranger).status == 200);
  const HttpReply refused = invite(1020, stranger);
  CHECK(refused.status == 429);
  CHECK(Json::Of(refused.body)["scope"].Text() == "inviter");
  CHECK(Json::Of(refused.body)["policy"].Text() == "invitation-inviter-1h");
  const HttpReply asked = service.Post(
      "/x/limits/check", R"({"to": "colleague-1020@firm.example", "category": "invitation", )" + admin + "}");
  CHECK(Json::Of(asked.body)["outcome"].Text() == "accepted");
}

TEST_CASE("with Redis gone in the middle sends go on, nothing becomes unlimited, and it comes back") {
  TempFolder folder;
  tests::RedisServer redis;
  Sealpost service = StartDev(folder, {"--limits", redis.Url()});
  CHECK(AwaitHealth(service, "limiter", "ok"));
  CHECK(Taken(service, "ann@example.com", 5) == 5);

  redis.Kill();
  CHECK(Taken(service, "ann@example.com", 1) == 1);
  const HttpReply ready = service.Get("/readyz");
  CHECK(ready.status == 200);
  CHECK(Json::Of(ready.body)["status"].Text() == "degraded");
  CHECK(HealthOf(service, "limiter") == "degraded");
  CHECK(WaitFor([&] { return Holds(service.Get("/metrics").body, "\nsealpost_degraded 1"); }));
  CHECK(Taken(service, "ann@example.com", 10) == 6);
  const HttpReply refused = service.Post("/emails", Message("ann@example.com"));
  CHECK(refused.status == 429);
  CHECK(Json::Of(refused.body)["degraded"].True());
  CHECK(Taken(service, "bob@example.com", 13) == 12);

  // Empty, as after a crash without a disk: what it does not know must not become a second budget.
  redis.Start();
  CHECK(AwaitHealth(service, "limiter", "ok"));
  CHECK(Taken(service, "ann@example.com", 3) == 0);
  CHECK(Taken(service, "bob@example.com", 3) == 0);
  CHECK(Taken(service, "cleo@example.com", 13) <= 12);
  CHECK(service.Running());
}

TEST_CASE("a restart is no fresh budget, also where the counters were in memory") {
  TempFolder folder;
  {
    Sealpost service = StartDev(folder);
    CHECK(Taken(service, "ann@example.com", 12) == 12);
    const HttpReply blocked =
        service.Post("/x/recipients/bob@example.com/limits/block", R"({"seconds": 600, "reason": "by phone"})");
    CHECK(blocked.status == 200);
    service.Kill();
  }
  Sealpost service = StartDev(folder);
  CHECK(Taken(service, "ann@example.com", 3) == 0);
  CHECK(Taken(service, "bob@example.com", 1) == 0);
  CHECK(Taken(service, "cleo@example.com", 1) == 1);
}

TEST_CASE("a Redis that lost everything is told by a new process what was sent") {
  TempFolder folder;
  tests::RedisServer redis;
  {
    Sealpost service = StartDev(folder, {"--limits", redis.Url()});
    CHECK(Taken(service, "ann@example.com", 12) == 12);
    CHECK(service.Stop() == 0);
  }
  redis.Kill();
  redis.Start();
  Sealpost service = StartDev(folder, {"--limits", redis.Url()});
  CHECK(Taken(service, "ann@example.com", 3) == 0);
  const HttpReply known = service.Get("/x/recipients/ann@example.com/limits");
  CHECK(Json::Of(known.body)["accepted"].Size() == 12);
}

TEST_CASE("what was sent while Redis hung is known to the process after the next restart") {
  TempFolder folder;
  tests::RedisServer redis;
  {
    Sealpost service = StartDev(folder, {"--limits", redis.Url()});
    CHECK(Taken(service, "ann@example.com", 2) == 2);
    redis.Freeze();
    CHECK(Taken(service, "ann@example.com", 10) == 10);
    redis.Thaw();
    service.Stop();
  }
  Sealpost service = StartDev(folder, {"--limits", redis.Url()});
  CHECK(Taken(service, "ann@example.com", 2) == 0);
  CHECK(Taken(service, "bob@example.com", 1) == 1);
}
