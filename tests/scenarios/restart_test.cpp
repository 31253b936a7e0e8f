#include <doctest/doctest.h>

#include "tests/scenarios/steps.h"

using namespace sealpost::scenarios;

TEST_CASE("development keeps inbox, signatures and queue over a restart") {
  TempFolder folder;
  std::optional<Sealpost> service(StartDev(folder));
  const std::string caught = Send(*service, Message("ann@example.com"));
  AwaitMail(*service, "ann@example.com");
  Script(*service, "bob@example.com", "451 4.7.1 come back later", 1000);
  const std::string waiting = Send(*service, Message("bob@example.com"));
  REQUIRE(AwaitState(*service, waiting, "delivery_delayed"));
  CHECK(service->Stop() == 0);

  service.emplace(StartDev(folder));
  const Json kept = AwaitMail(*service, "ann@example.com");
  CHECK(kept["email_id"].Text() == caught);
  CHECK(BothPass(kept));
  CHECK(Email(*service, caught)["last_event"].Text() == "delivered");
  CHECK(AwaitMail(*service, "bob@example.com")["email_id"].Text() == waiting);
  CHECK(AwaitState(*service, waiting, "delivered"));
  CHECK(Inbox(*service).Size() == 2);
  CHECK(service->Stop() == 0);
}

TEST_CASE("a second development service on the same data is refused and harms nothing") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  std::string complaint;
  try {
    StartDev(folder);
  } catch (const std::runtime_error& error) {
    complaint = error.what();
  }
  CAPTURE(complaint);
  CHECK(Holds(complaint, "another process has the store"));
  AwaitState(service, Send(service, Message("ann@example.com")), "delivered");
}

TEST_CASE("a busy port ends the program with 2 and names the flag") {
  TempFolder folder, other;
  Sealpost service = StartDev(folder);
  for (const auto& [flag, port] :
       {std::pair("--listen", service.port()), std::pair("--catcher", service.catcher_port())}) {
    const std::string free_one = flag == std::string("--listen") ? "--catcher" : "--listen";
    const auto outcome = tests::Run({SEALPOST_BINARY, "dev", flag, "127.0.0.1:" + std::to_string(port), free_one,
                                     "127.0.0.1:0", "--data", other.File("data")},
                                    {.error_file = other.File("stderr")});
    CHECK(outcome.exit_code == 2);
    CHECK(outcome.output.empty());
    const std::string complaint = other.Read("stderr");
    CAPTURE(complaint);
    CHECK(Holds(complaint, flag));
    CHECK(Holds(complaint, std::to_string(port)));
  }
}

TEST_CASE("development does not listen where others could reach it") {
  TempFolder folder;
  const auto outcome = tests::Run(
      {SEALPOST_BINARY, "dev", "--listen", "0.0.0.0:0", "--catcher", "127.0.0.1:0", "--data", folder.File("data")},
      {.error_file = folder.File("stderr")});
  CHECK(outcome.exit_code == 2);
  CHECK(Holds(folder.Read("stderr"), "--listen"));
}
