#include <doctest/doctest.h>

#include <csignal>
#include <future>

#include "tests/scenarios/production.h"
#include "tests/support/fake_smtp_server.h"

using namespace sealpost::scenarios;
using tests::FakeSmtpServer;

TEST_CASE("a plaintext connection never carries a message that requires TLS") {
  FakeSmtpServer relay;
  Production production(relay.port(), "relay_tls = \"required\"");
  std::optional<Sealpost> service(production.Start());
  const std::string id = Send(*service, Message("ann@example.com"));
  REQUIRE(AwaitState(*service, id, "delivery_delayed"));
  CHECK(relay.connections() >= 1);
  CHECK(relay.Commands("MAIL") == 0);
  CHECK(relay.Commands("RCPT") == 0);
  const Json event = Events(*service, id)[1];
  CHECK(event["type"].Text() == "email.delivery_delayed");
  CHECK_FALSE(event["next_attempt_at"].IsNull());
  CAPTURE(event.Raw());
  CHECK(Holds(event["reply"].Text(), "TLS"));

  // The operator decides otherwise: the message that waited leaves.
  CHECK(service->Stop() == 0);
  CHECK(relay.Commands("MAIL") == 0);
  std::string config = production.ReadConfig();
  config.replace(config.find("\"required\""), 10, "\"opportunistic\"");
  production.Write(config);
  service.emplace(production.Start());
  CHECK(AwaitState(*service, id, "delivered"));
  REQUIRE(relay.messages().size() == 1);
  CHECK_FALSE(relay.messages()[0].tls);
}

TEST_CASE("required TLS wants a certificate that is trusted, opportunistic TLS takes any") {
  FakeSmtpServer relay({.starttls = true});
  Production production(relay.port(), "relay_tls = \"required\"");
  std::optional<Sealpost> service(production.Start());
  const std::string id = Send(*service, Message("ann@example.com"));
  REQUIRE(AwaitState(*service, id, "delivery_delayed"));
  CHECK(relay.Commands("MAIL") == 0);
  CHECK(service->Stop() == 0);

  production.folder().Write("relay.pem", relay.certificate_pem());
  std::string config = production.ReadConfig();
  config.insert(config.find("relay_tls"), "relay_ca_file = \"" + production.folder().File("relay.pem") + "\"\n");
  production.Write(config);
  service.emplace(production.Start());
  CHECK(AwaitState(*service, id, "delivered"));
  REQUIRE(relay.messages().size() == 1);
  CHECK(relay.messages()[0].tls);
  CHECK(relay.faults().empty());

  FakeSmtpServer stranger({.starttls = true});
  Production easy(stranger.port(), "relay_tls = \"opportunistic\"");
  Sealpost other = easy.Start();
  CHECK(AwaitState(other, Send(other, Message("ann@example.com")), "delivered"));
  REQUIRE(stranger.messages().size() == 1);
  CHECK(stranger.messages()[0].tls);
}

TEST_CASE("a hundred messages to one relay open at most four connections, and each arrives once") {
  FakeSmtpServer relay;
  Production production(relay.port());
  Sealpost service = production.Start();
  std::vector<std::string> ids;
  for (int i = 0; i < 100; ++i) ids.push_back(Send(service, Message("r" + std::to_string(i) + "@example.com")));
  CHECK(relay.Await([](const FakeSmtpServer& server) { return server.messages().size() >= 100; }));
  for (const std::string& id : ids) CHECK(AwaitState(service, id, "delivered"));
  CHECK(relay.messages().size() == 100);
  CHECK(relay.peak_connections() <= 4);
  CHECK(relay.connections() <= 4);
  CHECK(relay.faults().empty());
}

TEST_CASE("a relay that hangs up costs a retry and no message") {
  using tests::Then;
  // Each fault ends what the courier thinks of the relay, so more of them would only be more waiting.
  FakeSmtpServer relay({}, {{.at = "greeting", .answer = "421 4.3.2 not now", .then = Then::kDrop, .times = 1},
                            {.at = "body", .answer = "", .then = Then::kDrop, .times = 1}});
  Production production(relay.port());
  Sealpost service = production.Start();
  std::vector<std::string> ids;
  for (int i = 0; i < 8; ++i) ids.push_back(Send(service, Message("r" + std::to_string(i) + "@example.com")));
  for (const std::string& id : ids) CHECK(AwaitState(service, id, "delivered"));
  CHECK(relay.messages().size() == 8);
  CHECK(relay.faults().empty());
}

TEST_CASE("SIGTERM refuses requests at once, finishes running transactions, and loses and repeats nothing") {
  FakeSmtpServer relay;
  std::promise<void> release;
  const auto released = release.get_future().share();
  relay.Add({.at = "body", .answer = "", .times = 4, .wait = [released] { released.wait(); }});
  Production production(relay.port());
  std::optional<Sealpost> service(production.Start());
  std::vector<std::string> ids;
  const auto send = [&](int i) { ids.push_back(Send(*service, Message("r" + std::to_string(i) + "@example.com"))); };
  for (int i = 0; i < 4; ++i) send(i);
  REQUIRE(relay.Await([](const FakeSmtpServer& server) { return server.Commands("DATA") == 4; }));
  for (int i = 4; i < 7; ++i) send(i);

  service->Signal(SIGTERM);
  CHECK(WaitFor([&] {
    try {
      tests::RawConnection refused(service->port());
      return false;
    } catch (const std::runtime_error&) {
      return true;
    }
  }));
  CHECK(service->Running());
  CHECK(relay.messages().empty());
  release.set_value();
  CHECK(service->Wait() == 0);
  CHECK(relay.messages().size() >= 4);

  service.emplace(production.Start());
  for (const std::string& id : ids) CHECK(AwaitState(*service, id, "delivered"));
  CHECK(relay.messages().size() == ids.size());
  for (const std::string& id : ids) CHECK(Events(*service, id).Size() == 2);
}
