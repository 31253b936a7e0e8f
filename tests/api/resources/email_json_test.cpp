#include "api/resources/email_json.h"

#include <doctest/doctest.h>

#include "tests/api/resources/fixture.h"

using namespace sealpost;
using resources::tests::Api;
using resources::tests::Json;
using resources::tests::Message;

namespace {

Json Shown(Api& api, const std::string& id) {
  return Json(resources::EmailJson(api.Stored(id), api.Deliveries(id), api.tokens));
}

std::string LastEvent(std::vector<model::DeliveryState> states) {
  model::Email email;
  std::vector<model::Delivery> deliveries;
  for (const model::DeliveryState state : states) deliveries.emplace_back().state = state;
  const base::TokenSigner tokens{base::Secret("a secret of thirty-two characters")};
  return Json(resources::EmailJson(email, deliveries, tokens)).Text("last_event");
}

}  // namespace

TEST_CASE("a stored message is shown in the shape of the contract, its words as they were sent") {
  Api api;
  const std::string id = api.IdOf(api.Send(
      R"({"from":"Sh\u00f6p <shop@example.com>","to":["ann@example.org"],"cc":"Bob <bob@example.org>","bcc":"carl@example.org",)"
      R"("reply_to":"help@example.com","subject":"Gr\u00fc\u00dfe","html":"<p>Hi =20 \u00fc</p>","text":"line\nline \u00fc",)"
      R"("tags":[{"name":"plan","value":"pro"}],"user_id":"u1","workspace_id":"w1","workspace_verified":true,"metadata":{"a":[1]},"client_ip":"192.0.2.1"})"));
  const Json email = Shown(api, id);
  CHECK(email.Text("object") == "email");
  CHECK(email.Text("id") == id);
  CHECK(email.Text("from") == "Sh\xC3\xB6p <shop@example.com>");
  CHECK(email.Element("to", 0).String() == "ann@example.org");
  CHECK(email.Element("cc", 0).String() == "Bob <bob@example.org>");
  CHECK(email.Element("bcc", 0).String() == "carl@example.org");
  CHECK(email.Text("subject") ==
        "Gr\xC3\xBC\xC3\x9F"
        "e");
  CHECK(email.Text("html").starts_with("<p>Hi =20 \xC3\xBC</p>"));
  CHECK(email.Text("text").starts_with("line\nline \xC3\xBC"));
  CHECK(email.Element("tags", 0)["value"].String() == "pro");
  CHECK(email["topic_id"].IsNull());
  CHECK(email["scheduled_at"].IsNull());
  CHECK(email.Text("last_event") == "queued");
  CHECK(email.Text("user_id") == "u1");
  CHECK(email.Text("workspace_id") == "w1");
  CHECK(email["workspace_verified"].Bool() == true);
  CHECK(email["metadata"].Text() == R"({"a":[1]})");
  CHECK(email["trust"].IsNull());
  CHECK_FALSE(email["statusCode"].Exists());
}

TEST_CASE("a message for later shows its time, and that it is scheduled") {
  Api api;
  const Json email = Shown(api, api.IdOf(api.Send(Message(R"("scheduled_at":"in 2 hours")"))));
  CHECK(email.Text("scheduled_at") == "2026-01-01T02:00:00.000Z");
  CHECK(email.Text("last_event") == "scheduled");
}

TEST_CASE("a part that a message has not is null") {
  Api api;
  CHECK(Shown(api, api.IdOf(api.Send(Message())))["html"].IsNull());
}

TEST_CASE("the link of a topical message is shown as its first mailbox got it") {
  Api api;
  const std::string id = api.IdOf(
      api.Send(Message(R"("topic_id":")" + api.AddTopic() + R"(","html":"<a href='{{{UNSUBSCRIBE_URL}}}'>x</a>")")));
  const std::string html = Shown(api, id).Text("html");
  const std::size_t at = html.find("https://mail.example.com/u/");
  REQUIRE(at != std::string::npos);
  const std::string token = html.substr(at + 27, base::TokenSigner::kUrlWidth);
  CHECK(api.recipients->Look(token).has_value());
}

TEST_CASE("the state of a message is the one of its mailboxes that needs attention first") {
  using enum model::DeliveryState;
  CHECK(LastEvent({kDelivered, kDelivered}) == "delivered");
  CHECK(LastEvent({kDelivered, kQueued}) == "queued");
  CHECK(LastEvent({kDelayed, kQueued}) == "delivery_delayed");
  CHECK(LastEvent({kDelivered, kSuppressed}) == "suppressed");
  CHECK(LastEvent({kComplained, kBounced, kFailed}) == "bounced");
}

TEST_CASE("events are a list with every member, null where there is nothing to say") {
  model::Event event;
  event.type = "email.delivery_delayed";
  event.at = base::FromMillis(1'767'225'600'000);
  event.recipient = "ann@example.org";
  event.attempt = 2;
  event.host = "mx.example.org:25";
  event.reply = "451 4.7.1 later";
  event.next_attempt_at = event.at + std::chrono::minutes(2);
  const Json list(resources::EventsJson({event, model::Event()}));
  CHECK(list.Text("object") == "list");
  const base::JsonView first = list.Element("data", 0);
  CHECK(first["at"].String() == "2026-01-01T00:00:00.000Z");
  CHECK(first["next_attempt_at"].String() == "2026-01-01T00:02:00.000Z");
  CHECK(first["attempt"].Integer() == 2);
  CHECK(first["tls"].IsNull());
  CHECK(first["uncertain"].Bool() == false);
  CHECK(list.Element("data", 1)["host"].IsNull());
}
