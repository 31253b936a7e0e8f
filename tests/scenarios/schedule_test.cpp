#include <doctest/doctest.h>

#include <ctime>

#include "tests/scenarios/steps.h"
#include "tests/support/redis_server.h"

using namespace sealpost::scenarios;

namespace {

std::string At(const std::string& when, const std::string& category = "receipt") {
  return R"("category": ")" + category + R"(", "scheduled_at": ")" + when + "\"";
}

// So many seconds from now, in the words of the wire.
std::string Instant(int seconds) {
  const std::time_t time = std::time(nullptr) + seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.000Z", &parts);
  return text;
}

std::vector<std::string> TypesOf(const Json& events) {
  std::vector<std::string> types;
  for (std::size_t i = 0; i < events.Size(); ++i) types.push_back(events[i]["type"].Text());
  return types;
}

HttpReply Cancel(Sealpost& service, const std::string& id) {
  return service.Post("/emails/" + id + "/cancel", "");
}

HttpReply Move(Sealpost& service, const std::string& id, const std::string& when) {
  return service.Patch("/emails/" + id, R"({"scheduled_at": ")" + when + "\"}");
}

}  // namespace

TEST_CASE("a schedule, a move and a cancellation outlive kill -9, and a mail for later comes when it is due") {
  TempFolder folder;
  std::string later, moved, cancelled, soon;
  const std::string instant = Instant(4);
  {
    Sealpost service = StartDev(folder);
    soon = Send(service, Message("ann@example.com", At(instant)));
    later = Send(service, Message("bob@example.com", At("in 3 days")));
    moved = Send(service, Message("cleo@example.com", At("in 3 days")));
    cancelled = Send(service, Message("dan@example.com", At(instant)));
    CHECK(Email(service, soon)["last_event"].Text() == "scheduled");
    CHECK(Email(service, soon)["scheduled_at"].Text() == instant);
    CHECK(Move(service, moved, instant).status == 200);
    CHECK(Cancel(service, cancelled).status == 200);
    service.Kill();
  }
  Sealpost service = StartDev(folder);
  CHECK(AwaitMail(service, "ann@example.com")["email_id"].Text() == soon);
  CHECK(AwaitMail(service, "cleo@example.com")["email_id"].Text() == moved);
  REQUIRE(AwaitState(service, soon, "delivered"));
  const Json events = Events(service, soon);
  CHECK(TypesOf(events) == std::vector<std::string>{"email.scheduled", "email.sent", "email.delivered"});
  CHECK(events[0]["at"].Text() < instant);
  CHECK(events[1]["at"].Text() >= instant);
  CHECK(Email(service, later)["last_event"].Text() == "scheduled");
  CHECK(Email(service, cancelled)["last_event"].Text() == "canceled");
  CHECK(TypesOf(Events(service, cancelled)) == std::vector<std::string>{"email.scheduled", "email.canceled"});
  CHECK(Inbox(service).Size() == 2);
  const HttpReply refused = Cancel(service, soon);
  CHECK(refused.status == 409);
  CHECK(Holds(Json::Of(refused.body)["message"].Text(), "delivered"));
}

TEST_CASE("300 sends of strangers for one instant bring at most six mails, whatever was forgotten meanwhile") {
  TempFolder folder;
  tests::RedisServer redis;
  Sealpost service = StartDev(folder, {"--limits", redis.Url()});
  const std::string instant = Instant(10);
  const std::vector<std::string> categories = {"otp",        "password_reset", "signup_confirmation",
                                               "invitation", "invitation",     "contact_ack"};
  std::string batch;  // to a mailbox at a domain without a budget of its own
  for (const std::string& category : categories)
    batch += (batch.empty() ? "[" : ",") + Message("ann@gmail.com", At(instant, category));
  std::vector<std::string> ids;
  while (ids.size() < 300) {
    const HttpReply reply = service.Post("/emails/batch", batch + "]");
    INFO(reply.body);
    REQUIRE(reply.status == 200);
    const Json data = Json::Of(reply.body)["data"];
    for (std::size_t i = 0; i < data.Size(); ++i) ids.push_back(data[i]["id"].Text());
    // So that what is accepted is no limit, as it is none over a month.
    REQUIRE(service.Post("/x/recipients/ann@gmail.com/limits/reset", R"({"reason": "a test"})").status == 200);
  }
  REQUIRE(Instant(0) < instant);
  REQUIRE(AwaitState(service, ids.back(), "failed"));
  int delivered = 0, refused = 0;
  for (const std::string& id : ids) {
    if (AwaitState(service, id, Email(service, id)["last_event"].Text() == "failed" ? "failed" : "delivered")) {
      const Json events = Events(service, id);
      const Json last = events[events.Size() - 1];
      (last["type"].Text() == "email.delivered" ? delivered : refused) += 1;
      if (last["type"].Text() == "email.failed") CHECK(Holds(last["reply"].Text(), "refused by the limit "));
    }
  }
  CHECK(delivered <= 6);
  CHECK(delivered >= 2);
  CHECK(delivered + refused == 300);
  CHECK(Inbox(service, "?to=ann@gmail.com").Size() == static_cast<std::size_t>(delivered));
}

TEST_CASE("an invitation for later that was accepted while Redis was away is held, and goes when it is due") {
  TempFolder folder;
  tests::RedisServer redis;
  Sealpost service = StartDev(folder, {"--limits", redis.Url()});
  REQUIRE(AwaitHealth(service, "limiter", "ok"));
  redis.Kill();
  REQUIRE(AwaitHealth(service, "limiter", "degraded"));
  const HttpReply reply = service.Post("/emails", Message("ann@example.com", At("in 1 hour", "invitation")));
  REQUIRE(reply.status == 200);
  CHECK(reply.Header("X-Sealpost-Outcome") == "held");
  const std::string id = Json::Of(reply.body)["id"].Text();
  CHECK(Email(service, id)["last_event"].Text() == "scheduled");
  redis.Start();
  REQUIRE(AwaitHealth(service, "limiter", "ok"));
  REQUIRE(Move(service, id, "in 1 second").status == 200);
  CHECK(AwaitMail(service, "ann@example.com")["email_id"].Text() == id);
}
