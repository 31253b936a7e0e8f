// The life of server.cpp: idle clients, caps, crowds, stopping, starting.
#include "tests/mailer/smtpd/server_fixture.h"

TEST_CASE("an exception in a handler ends its session and no other") {
  Running running;
  RawClient client(running.server->port()), other(running.server->port());
  client.Hello();
  other.Hello();
  client.Send("MAIL FROM:<throws@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n");
  CHECK(Codes(client, 3) == "250 250 354");
  client.Send("x\r\n.\r\n");
  CHECK(client.Reply().empty());
  CHECK(other.Ask("NOOP\r\n").starts_with("250"));
}

TEST_CASE("an idle client is told and sent away, also within a body") {
  smtpd::Options options;
  options.idle = std::chrono::milliseconds(50);
  Running running(options);
  RawClient client(running.server->port());
  client.Reply();
  CHECK(client.Reply().starts_with("421 4.4.2"));
  CHECK(client.Reply().empty());
}

TEST_CASE("connections above the cap get 421, and a free place serves again") {
  smtpd::Options options;
  options.connections = 2;
  Running running(options);
  RawClient first(running.server->port());
  first.Hello();
  {
    RawClient second(running.server->port());
    second.Hello();
    RawClient third(running.server->port());
    CHECK(third.Reply().starts_with("421 4.3.2 Too many"));
    CHECK(third.Reply().empty());
    second.Ask("QUIT\r\n");
    second.Rest();
  }
  // The place is free a moment after the close is seen, so the first clients may be early.
  CHECK(tests::WaitFor([&] { return RawClient(running.server->port()).Reply().starts_with("220"); }));
}

TEST_CASE("many clients at once") {
  Running running;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&running] {
      RawClient client(running.server->port());
      client.Hello();
      for (int n = 0; n < 20; ++n) {
        client.Send(kTransaction);
        Codes(client, 3);
        client.Ask("body\r\n.\r\n");
      }
    });
  }
  threads.clear();
  CHECK(running.recorder.caught().size() == 160);
}

TEST_CASE("stopping ends idle sessions with a word") {
  Running running;
  RawClient client(running.server->port());
  client.Hello();
  running.server.reset();
  CHECK(client.Reply().starts_with("421 4.3.2"));
  CHECK(client.Reply().empty());
}

TEST_CASE("stopping still answers for a message that was taken") {
  Running running;
  running.recorder.Hold();
  RawClient client(running.server->port());
  client.Hello();
  client.Send(kTransaction);
  CHECK(Codes(client, 3) == "250 250 354");
  client.Send("body\r\n.\r\n");
  running.recorder.WaitForOne();
  std::jthread stopper([&running] { running.server.reset(); });
  running.recorder.Release();
  CHECK(client.Reply() == "250 2.0.0 Caught\r\n");
}

TEST_CASE("a port in use and an address that is none are named") {
  Running running;
  smtpd::Options options;
  options.port = running.server->port();
  const auto second = smtpd::Server::Start(options, running.recorder, running.log);
  REQUIRE_FALSE(second);
  CHECK(second.error().kind == base::ErrorKind::kUnavailable);
  CHECK(second.error().message == "127.0.0.1:" + std::to_string(options.port) + " is in use");
  options.host = "not an address";
  CHECK(smtpd::Server::Start(options, running.recorder, running.log).error().kind == base::ErrorKind::kInvalid);
}

TEST_CASE("a certificate that is none, or another's key, is refused at start") {
  Running running;
  smtpd::Options options;
  options.certificate_pem = "nonsense";
  CHECK(smtpd::Server::Start(options, running.recorder, running.log).error().kind == base::ErrorKind::kInvalid);
  options = Running::WithTls();
  options.key_pem = Running::WithTls().key_pem;
  CHECK(smtpd::Server::Start(options, running.recorder, running.log).error().message.find("key") != std::string::npos);
}
