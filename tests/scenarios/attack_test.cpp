// A flood against one mailbox: what becomes known of it, and what of it must not.
#include <doctest/doctest.h>

#include <hiredis/hiredis.h>

#include <algorithm>
#include <memory>

#include "tests/scenarios/production.h"
#include "tests/support/fake_smtp_server.h"
#include "tests/support/redis_server.h"

using namespace sealpost::scenarios;
using tests::FakeSmtpServer;

namespace {

// One code is sent, twenty are refused.
void Flood(Sealpost& service, const std::string& to) {
  for (int i = 0; i < 21; ++i) service.Post("/emails", Message(to, R"("category": "otp")"));
}

bool AwaitEvent(Sealpost& service, const std::string& query) {
  return WaitFor([&] { return Json::Of(service.Get("/x/limits/events?" + query).body)["data"].Size() == 1; });
}

std::string Lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

struct Kept {
  std::string key, value;
  long long ttl = 0;  // ms; -1: for ever
};

struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, FreeReply>;

struct FreeContext {
  void operator()(redisContext* context) const { redisFree(context); }
};

// Everything that Redis holds. All of it has to be text.
std::vector<Kept> AllOf(const tests::RedisServer& server) {
  const std::unique_ptr<redisContext, FreeContext> redis(redisConnectUnix(server.socket().c_str()));
  REQUIRE(redis);
  REQUIRE(redis->err == 0);
  const auto ask = [&redis](const char* command, const std::string& key) {
    return Reply(static_cast<redisReply*>(redisCommand(redis.get(), command, key.data(), key.size())));
  };
  const Reply keys = ask("KEYS %b", "*");
  REQUIRE(keys);
  std::vector<Kept> all;
  for (std::size_t i = 0; i < keys->elements; ++i) {
    Kept& one = all.emplace_back();
    one.key.assign(keys->element[i]->str, keys->element[i]->len);
    const Reply value = ask("GET %b", one.key);
    REQUIRE_MESSAGE(value->type == REDIS_REPLY_STRING, one.key);
    one.value.assign(value->str, value->len);
    one.ttl = ask("PTTL %b", one.key)->integer;
  }
  return all;
}

void CheckPrivate(const std::vector<Kept>& kept) {
  for (const Kept& one : kept) {
    CHECK(one.key.starts_with("sp2:"));
    CHECK_MESSAGE(one.ttl > 0, one.key);
    for (const char* secret : {"quetzal", "vanished", "victim.example", "gmail", "203.0.113"}) {
      CHECK_MESSAGE(!Holds(Lower(one.key + one.value), secret), one.key << " holds " << secret);
    }
  }
}

const std::string kVictim = "Quetzal.Vanished+tag@victim.example";

// Messages of every kind to two mailboxes with telling names, and a flood against both.
void SendEverything(Sealpost& service) {
  const std::string extras = R"("category": "invitation", "user_id": "quetzal-friend", "client_ip": "203.0.113.77",)"
                             R"( "dedupe_key": "quetzal-key", "metadata": {"who": "quetzal"},)"
                             R"( "recipient_confirmed": true, "tags": [{"name": "for", "value": "quetzal"}])";
  Send(service, Message(kVictim, extras));
  Send(service, Message(kVictim, R"("category": "otp", "trust": "session")"));
  for (int i = 0; i < 2; ++i) Send(service, Message(kVictim, R"("category": "contact_ack")"));   // one is suppressed
  for (int i = 0; i < 2; ++i) Send(service, Message(kVictim, R"("category": "notification")"));  // one is coalesced
  for (int i = 0; i < 11; ++i) Send(service, Message(kVictim, R"("category": "receipt")"));      // one is held
  Send(service, Message(kVictim, R"("category": "security_alert")"));
  service.Post("/emails/batch", "[" + Message(kVictim) + "," + Message("Quetzal@gmail.com") + "]");
  const std::string topic = Json::Of(service.Post("/topics", R"({"name": "News"})").body)["id"].Text();
  Send(service, Message("Quetzal@gmail.com", R"("topic_id": ")" + topic + "\""));
  service.Post("/x/limits/check", Message(kVictim, extras));
  Flood(service, kVictim);
  Flood(service, "q.u.e.t.z.a.l@googlemail.com");
}

void AskAndChange(Sealpost& service) {
  const std::string path = "/x/recipients/Quetzal.Vanished%2Btag@victim.example/limits";
  CHECK(service.Get(path).status == 200);
  CHECK(service.Post(path + "/block", R"({"reason": "asked by phone", "seconds": 60})").status == 200);
  Flood(service, kVictim);
  CHECK(service.Post(path + "/unblock", R"({"reason": "changed their mind"})").status == 200);
  CHECK(service.Post(path + "/reset", R"({"reason": "a test"})").status == 200);
  CHECK(AwaitEvent(service, "address=Quetzal@gmail.com"));
}

}  // namespace

TEST_CASE("an attack is known by its event, at the mailbox, in the metrics, and by the rules that refused") {
  TempFolder folder;
  tests::RedisServer redis;
  Sealpost service = StartDev(folder, {"--limits", redis.Url()});
  REQUIRE(AwaitHealth(service, "limiter", "ok"));
  Flood(service, "ann.lee@gmail.com");
  REQUIRE(AwaitEvent(service, "kind=recipient.under_attack&address=annlee%2Bx@googlemail.com"));
  CHECK(Json::Of(service.Get("/x/limits/events?address=bob@example.com").body)["data"].Size() == 0);
  const Json limits = Json::Of(service.Get("/x/recipients/annlee@gmail.com/limits").body);
  CHECK(limits["events"][0]["kind"].Text() == "recipient.under_attack");
  CHECK(limits["under_attack_since"].Text() != "");
  const std::string metrics = service.Get("/metrics").body;
  CHECK(Holds(metrics, R"(sealpost_limit_refusals_total{category="otp",rule="otp-mailbox-30s",scope="mailbox"} 20)"));
  CHECK(Holds(metrics, R"(sealpost_limit_decisions_total{category="otp",outcome="denied"} 20)"));
  CHECK(Holds(metrics, R"(sealpost_limit_signals_total{kind="recipient.under_attack"} 1)"));
}

TEST_CASE("no address is in Redis, in the log or in the metrics, whatever is used, and every key in Redis expires") {
  TempFolder folder;
  tests::RedisServer redis;
  Sealpost service = StartDev(folder, {"--limits", redis.Url(), "--verbose"});
  REQUIRE(AwaitHealth(service, "limiter", "ok"));
  SendEverything(service);
  const auto kept = AllOf(redis);
  CHECK(kept.size() >= 10);  // logs and states of two mailboxes, what stands around them, content, the marker
  CheckPrivate(kept);
  AskAndChange(service);
  CheckPrivate(AllOf(redis));
  const std::string metrics = Lower(service.Get("/metrics").body);
  CHECK(service.Stop() == 0);
  const std::string log = Lower(folder.Read("stderr"));
  CHECK(Holds(log, "limit_signal"));
  CHECK(Holds(log, "limits_changed"));
  for (const char* secret : {"quetzal", "vanished", "203.0.113"}) {
    CHECK_MESSAGE(!Holds(log, secret), secret);
    CHECK_MESSAGE(!Holds(metrics, secret), secret);
  }
}

TEST_CASE("a victim who really got mail is told once of the attack where the operator wants it") {
  FakeSmtpServer relay;
  Production production(relay.port());
  std::string config = production.ReadConfig();
  ReplaceAll(config, "[limits]\n", "[limits]\nattack_notice_from = \"Acme <no-reply@acme.example>\"\n");
  production.Write(config);
  Sealpost service = production.Start();
  for (int i = 0; i < 3; ++i) {
    const std::string id = Send(service, Message("Ann@example.com", R"("category": "receipt")"));
    REQUIRE(AwaitState(service, id, "delivered"));
  }
  Flood(service, "Ann@example.com");
  REQUIRE(relay.Await([](const FakeSmtpServer& server) { return server.messages().size() >= 5; }));
  const auto caught = relay.messages();
  const auto notice = std::ranges::find_if(
      caught, [](const auto& one) { return Holds(one.data, "Subject: Many messages to your address were requested"); });
  REQUIRE(notice != caught.end());
  CHECK(Holds(notice->data, "From: Acme <no-reply@acme.example>"));
  CHECK(Holds(notice->data, "Never give a code or a"));
  CHECK(Holds(notice->data, "DKIM-Signature:"));
  CHECK(Holds(notice->rcpt_to.at(0), "Ann@example.com"));
  const auto explained =
      production.Run({"limits", "explain", "ann@example.com", "--admin", production.folder().File("admin.sock")});
  CHECK(explained.exit_code == 0);
  CHECK(Holds(explained.output, "recipient.under_attack"));
  CHECK(service.Stop() == 0);
  CHECK(relay.messages().size() == 5);
}
