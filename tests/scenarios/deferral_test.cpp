#include <doctest/doctest.h>

#include "tests/scenarios/steps.h"

using namespace sealpost::scenarios;

TEST_CASE("451 then 250 delivers once, and the next attempt is announced before it comes") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  // More answers than will be given, so that the mail stays delayed until the test has seen it.
  Script(service, "later@example.com", "451 4.7.1 come back later", 1000);
  const std::string id = Send(service, Message("later@example.com"));
  REQUIRE(AwaitState(service, id, "delivery_delayed"));
  CHECK(Events(service, id)[0]["type"].Text() == "email.sent");
  const Json first = Events(service, id)[1];
  CHECK(first["type"].Text() == "email.delivery_delayed");
  CHECK(first["recipient"].Text() == "later@example.com");
  CHECK(first["attempt"].Number() == 1);
  CHECK(first["reply"].Text() == "451 4.7.1 come back later");
  CHECK(first["tls"].Text().starts_with("TLSv1."));
  CHECK(first["next_attempt_at"].Text() > first["at"].Text());
  CHECK_FALSE(first["uncertain"].True());
  CHECK(Inbox(service).Size() == 0);

  REQUIRE(service.Delete("/x/dev/catcher").status == 200);
  REQUIRE(AwaitState(service, id, "delivered"));
  CHECK(Inbox(service, "?to=later@example.com").Size() == 1);
  const Json events = Events(service, id);
  REQUIRE(events.Size() >= 3);
  for (std::size_t i = 1; i < events.Size(); ++i) {
    const bool last = i + 1 == events.Size();
    CHECK(events[i]["attempt"].Number() == static_cast<int>(i));
    CHECK(events[i]["type"].Text() == (last ? std::string("email.delivered") : "email.delivery_delayed"));
    CHECK(events[i]["next_attempt_at"].IsNull() == last);
    if (i > 1) CHECK(events[i]["at"].Text() >= events[i - 1]["next_attempt_at"].Text());
  }
}

TEST_CASE("one answer of 451 costs one more attempt of that mailbox and nothing of the others") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  Script(service, "later@example.com", "451 4.7.1 come back later", 1);
  const std::string id = Send(service, Message("later@example.com", R"("cc": "now@example.com")"));
  AwaitMail(service, "now@example.com");
  AwaitMail(service, "later@example.com");
  REQUIRE(AwaitState(service, id, "delivered"));
  CHECK(Inbox(service).Size() == 2);
  CHECK(Events(service, id).Size() == 5);
}

TEST_CASE("a 550 is final") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  Script(service, "nobody@example.com", "550 5.1.1 no such mailbox", 1000);
  const std::string id = Send(service, Message("nobody@example.com"));
  REQUIRE(AwaitState(service, id, "bounced"));
  const Json events = Events(service, id);
  REQUIRE(events.Size() == 2);
  CHECK(events[1]["type"].Text() == "email.bounced");
  CHECK(events[1]["next_attempt_at"].IsNull());
}
