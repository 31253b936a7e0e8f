#include "mailer/net/smtp_connection.h"

#include <thread>

#include "tests/mailer/net/smtp_fixture.h"

using namespace sealpost::tests;
using sealpost::model::SmtpStage;
using sealpost::net::SmtpConnection;

TEST_CASE("QUIT is said once and waits for its answer no longer than it may") {
  FakeSmtpServer server({}, {{"QUIT", "", Then::kHang}});
  auto timeouts = PatientTimeouts();
  timeouts.quit = std::chrono::milliseconds(50);
  SmtpClient client(server, timeouts);
  client.connection->Quit();
  CHECK_FALSE(client.connection->alive());
  client.connection->Quit();
  CHECK(server.Await([](const auto& s) { return s.Commands("QUIT") == 1; }));
}

TEST_CASE("the destructor closes without QUIT") {
  FakeSmtpServer server;
  {
    SmtpClient client(server);
  }
  SmtpClient second(server);
  CHECK(second.Send("ann@example.com").reply.code == 250);
  CHECK(server.Transcript(0) == std::vector<std::string>{"EHLO client.example"});
}

TEST_CASE("Cancel frees a thread that waits for an answer") {
  FakeSmtpServer server({}, {{"MAIL FROM:", "", Then::kHang}});
  SmtpClient client(server);
  std::thread canceller([&] {
    CHECK(server.Await([](const auto& s) { return s.Commands("MAIL FROM:") == 1; }));
    client.connection->Cancel();
    client.connection->Cancel();
  });
  const auto result = client.Send("ann@example.com");
  canceller.join();
  CHECK(result.reply.code == 0);
  CHECK(result.reply.text == "cut off: shutting down");
  CHECK_FALSE(client.connection->alive());
}

TEST_CASE("bytes written are counted") {
  FakeSmtpServer server;
  SmtpClient client(server);
  CHECK(client.connection->written() == 0);
  CHECK(client.connection->Write("NOOP\r\n", std::chrono::seconds(20)));
  CHECK(client.connection->written() == 6);
  CHECK(client.connection->ReadReply(SmtpStage::kMail, std::chrono::seconds(20)).code == 250);
  CHECK_FALSE(client.connection->HasUnread());
}
