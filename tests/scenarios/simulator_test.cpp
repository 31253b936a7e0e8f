#include <doctest/doctest.h>

#include "tests/scenarios/steps.h"

using namespace sealpost::scenarios;

TEST_CASE("the simulator's recipients play every end a delivery can take") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  const auto send = [&](const std::string& role) { return Send(service, Message(role + "@simulator.sealpost.test")); };
  const std::string delivered = send("delivered"), bounced = send("bounced"), complained = send("complained"),
                    delayed = send("delayed"), suppressed = send("suppressed");

  CHECK(AwaitState(service, delivered, "delivered"));
  CHECK(AwaitState(service, bounced, "bounced"));
  const Json bounce = Events(service, bounced);
  REQUIRE(bounce.Size() == 2);
  CHECK(bounce[1]["type"].Text() == "email.bounced");
  CHECK(Holds(bounce[1]["reply"].Text(), "5.1.1"));

  CHECK(AwaitState(service, complained, "complained"));
  AwaitMail(service, "complained@simulator.sealpost.test");

  CHECK(AwaitState(service, delayed, "delivered"));
  const Json delay = Events(service, delayed);
  REQUIRE(delay.Size() == 3);
  CHECK(delay[1]["type"].Text() == "email.delivery_delayed");
  CHECK(delay[2]["type"].Text() == "email.delivered");

  CHECK(AwaitState(service, suppressed, "suppressed"));
  CHECK(Inbox(service, "?to=suppressed@simulator.sealpost.test").Size() == 0);
  CHECK(Inbox(service, "?to=bounced@simulator.sealpost.test").Size() == 0);
}
