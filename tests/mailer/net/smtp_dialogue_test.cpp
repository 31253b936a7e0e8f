#include "mailer/net/smtp_dialogue.h"

#include "tests/mailer/net/smtp_fixture.h"

using namespace sealpost::tests;
using sealpost::model::SmtpStage;
using sealpost::net::Envelope;

namespace {

constexpr auto kShort = std::chrono::milliseconds(300);

}  // namespace

TEST_CASE("a message is delivered as it is, head before body") {
  FakeSmtpServer server;
  SmtpClient client(server);
  const auto result = client.Send("ann@example.com");
  CHECK(result.reply.code == 250);
  CHECK(result.reply.stage == SmtpStage::kBody);
  CHECK_FALSE(result.uncertain);
  CHECK(result.reusable);
  REQUIRE(server.messages().size() == 1);
  const auto message = server.messages()[0];
  CHECK(message.mail_from == "<b@bounce.example>");
  CHECK(message.rcpt_to == std::vector<std::string>{"<ann@example.com>"});
  CHECK(message.data == "Head: 1\r\nSubject: x\r\n\r\nHello\r\n");
  CHECK(server.faults().empty());
}

TEST_CASE("MAIL, RCPT and DATA travel together where the server pipelines") {
  // Answers MAIL only when DATA has come as well; a client that waits would wait for ever.
  FakeSmtpServer server({}, {{"MAIL FROM:", "250 ok", Then::kGoOn, -1, "DATA"}});
  SmtpClient client(server);
  CHECK(client.Send("ann@example.com").reply.code == 250);
}

TEST_CASE("one command at a time where it does not") {
  FakeSmtpServer server(FakeSmtpOptions{.pipelining = false});
  SmtpClient client(server);
  const Envelope next = EnvelopeTo("bob@example.com");
  CHECK(client.Send("ann@example.com", &next).reply.code == 250);
  CHECK_FALSE(client.dialogue.HasAnnounced());
  CHECK(client.Send("bob@example.com").reply.code == 250);
  CHECK(server.faults().empty());
  CHECK(server.messages().size() == 2);
}

TEST_CASE("the next message is announced together with the end of the body") {
  FakeSmtpServer server({}, {{"body", "250 ok", Then::kGoOn, 1, "DATA"}});
  SmtpClient client(server);
  const Envelope next = EnvelopeTo("bob@example.com");
  CHECK(client.Send("ann@example.com", &next).reply.code == 250);
  CHECK(client.dialogue.HasAnnounced());
  CHECK(client.Send("bob@example.com").reply.code == 250);
  CHECK_FALSE(client.dialogue.HasAnnounced());
  REQUIRE(server.messages().size() == 2);
  CHECK(server.messages()[1].rcpt_to == std::vector<std::string>{"<bob@example.com>"});
  CHECK(server.Commands("RSET") == 0);
}

TEST_CASE("a body never goes to the recipient announced for another one") {
  FakeSmtpServer server;
  SmtpClient client(server);
  const Envelope next = EnvelopeTo("bob@example.com");
  CHECK(client.Send("ann@example.com", &next).reply.code == 250);
  const auto result = client.Send("eve@example.com");
  CHECK(result.reply.code == 0);
  CHECK(result.reply.stage == SmtpStage::kMail);
  CHECK_FALSE(result.reusable);
  CHECK(server.messages().size() == 1);
}

TEST_CASE("a refusal tells its stage and the connection goes on") {
  for (const bool pipelining : {true, false}) {
    CAPTURE(pipelining);
    FakeSmtpServer server(FakeSmtpOptions{.pipelining = pipelining},
                          {{"MAIL FROM:", "550 5.7.1 not you", Then::kGoOn, 1},
                           {"RCPT TO:<bad@", "550 5.1.1 no such user"},
                           {"DATA", "451 4.3.0 later", Then::kGoOn, 1},
                           {"body", "554 5.6.0 spam", Then::kGoOn, 1}});
    SmtpClient client(server);
    struct Expected {
      const char* recipient;
      SmtpStage stage;
      int code;
    };
    // With pipelining the DATA rule answers the group whose MAIL was refused, so that stage is met only without it.
    std::vector<Expected> expected{{"ann@example.com", SmtpStage::kMail, 550}};
    if (!pipelining) {
      expected.push_back({"ann@example.com", SmtpStage::kData, 451});
    }
    expected.push_back({"bad@example.com", SmtpStage::kRcpt, 550});
    expected.push_back({"ann@example.com", SmtpStage::kBody, 554});
    expected.push_back({"ann@example.com", SmtpStage::kBody, 250});
    for (const Expected& one : expected) {
      const auto result = client.Send(one.recipient);
      CHECK(result.reply.stage == one.stage);
      CHECK(result.reply.code == one.code);
      CHECK_FALSE(result.uncertain);
      CHECK(result.reusable);
    }
    CHECK(server.connections() == 1);
    CHECK(server.messages().size() == 1);
    CHECK(server.faults().empty());
  }
}

TEST_CASE("RSET is said only when a transaction is open") {
  FakeSmtpServer server({}, {{"MAIL FROM:", "451 4.3.0 later", Then::kGoOn, 1}, {"RCPT TO:<bad@", "550 5.1.1 no"}});
  SmtpClient client(server);
  client.Send("ann@example.com");  // MAIL refused: nothing is open
  client.Send("ann@example.com");
  CHECK(server.Commands("RSET") == 0);
  client.Send("bad@example.com");  // MAIL accepted, no recipient
  CHECK(client.Send("ann@example.com").reply.code == 250);
  CHECK(server.Commands("RSET") == 1);
}

TEST_CASE("DATA taken without a recipient is ended by an empty body") {
  FakeSmtpServer server({}, {{"RCPT TO:<bad@", "550 5.1.1 no"}, {"DATA", "354 go on", Then::kGoOn, 1}});
  SmtpClient client(server);
  const auto refused = client.Send("bad@example.com");
  CHECK(refused.reply.code == 550);
  CHECK(refused.reply.stage == SmtpStage::kRcpt);
  CHECK(refused.reusable);
  CHECK(client.Send("ann@example.com").reply.code == 250);
  CHECK(server.Commands("RSET") == 0);
  CHECK(server.messages().size() == 1);
}

TEST_CASE("a 421 ends the session wherever it comes") {
  for (const char* at : {"MAIL FROM:", "RCPT TO:", "DATA", "body"}) {
    CAPTURE(at);
    FakeSmtpServer server({}, {{at, "421 4.3.2 closing", Then::kDrop}});
    SmtpClient client(server);
    const Envelope next = EnvelopeTo("bob@example.com");
    const auto result = client.Send("ann@example.com", &next);
    CHECK(result.reply.code == 421);
    CHECK_FALSE(result.uncertain);
    CHECK_FALSE(result.reusable);
    CHECK_FALSE(client.dialogue.HasAnnounced());
  }
}

TEST_CASE("a connection that drops tells where, and only silence after the final dot is uncertain") {
  for (const bool pipelining : {true, false}) {
    for (const auto& [at, stage] : {std::pair{"MAIL FROM:", SmtpStage::kMail}, std::pair{"RCPT TO:", SmtpStage::kRcpt},
                                    std::pair{"DATA", SmtpStage::kData}, std::pair{"body", SmtpStage::kBody}}) {
      CAPTURE(at);
      FakeSmtpServer server(FakeSmtpOptions{.pipelining = pipelining}, {{at, "", Then::kDrop}});
      SmtpClient client(server);
      const auto result = client.Send("ann@example.com");
      CHECK(result.reply.code == 0);
      CHECK(result.reply.stage == stage);
      CHECK(result.uncertain == (stage == SmtpStage::kBody));
      CHECK_FALSE(result.reusable);
      CHECK(server.messages().empty());
    }
  }
}

TEST_CASE("a connection that drops after an answer fails at the next step") {
  for (const auto& [at, answer, stage] :
       {std::tuple{"MAIL FROM:", "250 ok", SmtpStage::kRcpt}, std::tuple{"RCPT TO:", "250 ok", SmtpStage::kData}}) {
    FakeSmtpServer server({}, {{at, answer, Then::kDrop}});
    SmtpClient client(server);
    const auto result = client.Send("ann@example.com");
    CHECK(result.reply.code == 0);
    CHECK(result.reply.stage == stage);
    CHECK_FALSE(result.uncertain);
  }
}

TEST_CASE("a connection that drops after 354 is not uncertain: the body did not go out whole") {
  FakeSmtpServer server({}, {{"DATA", "354 go on", Then::kDrop}});
  SmtpClient client(server);
  std::string body(8u << 20, 'x');  // more than the socket takes at once
  for (std::size_t i = 78; i + 1 < body.size(); i += 80) {
    body.replace(i, 2, "\r\n");
  }
  const auto result = client.dialogue.Send(EnvelopeTo("ann@example.com"), "", body + "\r\n");
  CHECK(result.reply.code == 0);
  CHECK(result.reply.stage == SmtpStage::kBody);
  CHECK_FALSE(result.uncertain);
  CHECK_FALSE(result.reusable);
}

TEST_CASE("an idle connection that was closed fails before MAIL was answered") {
  for (const char* last : {"", "\r\n421 4.4.2 idle too long"}) {
    CAPTURE(last);
    FakeSmtpServer server({}, {{"body", std::string("250 taken") + last, Then::kDrop}});
    SmtpClient client(server);
    CHECK(client.Send("ann@example.com").reply.code == 250);
    const auto result = client.Send("bob@example.com");
    CHECK((result.reply.code == 0 || result.reply.code == 421));
    CHECK(result.reply.stage == SmtpStage::kMail);
    CHECK_FALSE(result.uncertain);
    CHECK_FALSE(result.reusable);
    CHECK(server.messages().size() == 1);
  }
}

TEST_CASE("a reply that drips is cut by the deadline of the whole reply") {
  for (const auto& [at, stage] : {std::pair{"MAIL FROM:", SmtpStage::kMail}, std::pair{"body", SmtpStage::kBody}}) {
    FakeSmtpServer server({}, {{at, "", Then::kDrip}});
    auto timeouts = PatientTimeouts();
    timeouts.mail = timeouts.dot = kShort;
    SmtpClient client(server, timeouts);
    const auto result = client.Send("ann@example.com");
    CHECK(result.reply.code == 0);
    CHECK(result.reply.stage == stage);
    CHECK(result.uncertain == (stage == SmtpStage::kBody));
  }
}

TEST_CASE("each stage has a deadline of its own against silence") {
  for (const auto& [at, stage] : {std::pair{"MAIL FROM:", SmtpStage::kMail}, std::pair{"RCPT TO:", SmtpStage::kRcpt},
                                  std::pair{"DATA", SmtpStage::kData}, std::pair{"body", SmtpStage::kBody}}) {
    CAPTURE(at);
    FakeSmtpServer server({}, {{at, "", Then::kHang}});
    auto timeouts = PatientTimeouts();
    timeouts.mail = timeouts.rcpt = timeouts.data = timeouts.dot = kShort;
    SmtpClient client(server, timeouts);
    const auto result = client.Send("ann@example.com");
    CHECK(result.reply.code == 0);
    CHECK(result.reply.stage == stage);
    CHECK(result.reply.text.find("300 ms") != std::string::npos);
  }
}

TEST_CASE("replies of many lines are read whole") {
  FakeSmtpServer server({}, {{"RCPT TO:", "550-5.1.1 first\r\n550-5.1.1 second\r\n550 5.1.1 third"}});
  SmtpClient client(server);
  const auto reply = client.Send("ann@example.com").reply;
  CHECK(reply.enhanced == "5.1.1");
  CHECK(reply.text == "first second third");
}

TEST_CASE("an answer of the wrong kind ends the connection and never counts as delivery") {
  for (const auto& [at, answer] : {std::pair{"MAIL FROM:", "354 odd"}, std::pair{"RCPT TO:", "354 odd"},
                                   std::pair{"DATA", "250 odd"}, std::pair{"MAIL FROM:", "HTTP/1.1 200 OK"}}) {
    CAPTURE(answer);
    FakeSmtpServer server({}, {{at, answer}});
    SmtpClient client(server);
    const auto result = client.Send("ann@example.com");
    CHECK(result.reply.code == 0);
    CHECK_FALSE(result.uncertain);
    CHECK_FALSE(result.reusable);
    CHECK(server.messages().empty());
  }
}

TEST_CASE("an answer too many is noticed before a body is sent, so that none is taken for the final one") {
  for (const char* at : {"RCPT TO:", "DATA"}) {
    CAPTURE(at);
    const std::string extra = at == std::string("DATA") ? "354 go on\r\n250 2.0.0 taken" : "250 ok\r\n250 ok";
    FakeSmtpServer server({}, {{at, extra}, {"body", "554 5.6.0 refused"}});
    SmtpClient client(server);
    const auto result = client.Send("ann@example.com");
    CHECK(result.reply.code == 0);
    CHECK_FALSE(result.reusable);
  }
}

TEST_CASE("an odd answer to the final dot is uncertain") {
  FakeSmtpServer server({}, {{"body", "354 go on"}});
  SmtpClient client(server);
  const auto result = client.Send("ann@example.com");
  CHECK(result.reply.code == 0);
  CHECK(result.uncertain);
  CHECK_FALSE(result.reusable);
}

TEST_CASE("dots that begin a line are stuffed on the wire and nowhere else") {
  FakeSmtpServer server;
  SmtpClient client(server);
  const std::string head = ".Head: odd\r\n";
  const std::string body = "Subject: x.\r\n\r\n.\r\n..\r\n.a\r\nb.\r\n";
  CHECK(client.dialogue.Send(EnvelopeTo("ann@example.com"), head, body).reply.code == 250);
  REQUIRE(server.messages().size() == 1);
  CHECK(server.messages()[0].wire == "..Head: odd\r\nSubject: x.\r\n\r\n..\r\n...\r\n..a\r\nb.\r\n");
  CHECK(server.messages()[0].data == head + body);
}

TEST_CASE("a long message arrives whole, whatever block its dots fall into") {
  FakeSmtpServer server;
  SmtpClient client(server);
  std::string body;
  while (body.size() < (1u << 20)) {
    body += "." + std::string(body.size() % 61, 'x') + "\r\n";
  }
  const Envelope next = EnvelopeTo("bob@example.com");
  CHECK(client.dialogue.Send(EnvelopeTo("ann@example.com"), "A: 1\r\n", body, &next).reply.code == 250);
  CHECK(client.Send("bob@example.com").reply.code == 250);
  REQUIRE(server.messages().size() == 2);
  CHECK(server.messages()[0].data == "A: 1\r\n" + body);
  CHECK(server.faults().empty());
}

TEST_CASE("a bare CR or LF is refused before anything is written") {
  FakeSmtpServer server;
  SmtpClient client(server);
  for (const char* body : {"a\n.\nb\r\n", "a\r.\r\n", "a\n.\r\nMAIL FROM:<x@y>\r\n", "no end"}) {
    const auto result = client.dialogue.Send(EnvelopeTo("ann@example.com"), "", body);
    CHECK(result.reply.code == 554);
    CHECK(result.reply.enhanced == "5.6.0");
    CHECK(result.reusable);
  }
  CHECK(client.dialogue.Send(EnvelopeTo("ann@example.com"), "Head: 1", "a\r\n").reply.code == 554);
  CHECK(client.Send("ann@example.com").reply.code == 250);
  CHECK(server.Commands("MAIL") == 1);
}

TEST_CASE("a command cannot be smuggled through an address") {
  FakeSmtpServer server;
  SmtpClient client(server);
  CHECK(client.Send("ann@example.com>\r\nRCPT TO:<eve@example.com").reply.code == 553);
  Envelope envelope = EnvelopeTo("ann@example.com");
  envelope.mail_from = "x\r\nRSET";
  CHECK(client.dialogue.Send(envelope, "", "a\r\n").reply.code == 553);
  CHECK(server.Commands("") == 1);  // EHLO
}

TEST_CASE("the size is announced where SIZE is offered, and a message over the limit stays here") {
  FakeSmtpServer server(FakeSmtpOptions{.size = 5000});
  SmtpClient client(server);
  Envelope envelope = EnvelopeTo("ann@example.com");
  envelope.size = 5001;
  const auto refused = client.dialogue.Send(envelope, "", "a\r\n");
  CHECK(refused.reply.code == 552);
  CHECK(refused.reply.enhanced == "5.3.4");
  CHECK(refused.reusable);
  CHECK(server.Commands("MAIL") == 0);
  envelope.size = 5000;
  CHECK(client.dialogue.Send(envelope, "", "a\r\n").reply.code == 250);
  CHECK(server.messages()[0].mail_from == "<b@bounce.example> SIZE=5000");
}

TEST_CASE("SMTPUTF8 is said where it is needed and offered, and refused here where it is not offered") {
  Envelope envelope = EnvelopeTo("j\xc3\xb6rg@example.com");
  envelope.smtputf8 = true;
  FakeSmtpServer plain;
  SmtpClient plain_client(plain);
  const auto refused = plain_client.dialogue.Send(envelope, "", "a\r\n");
  CHECK(refused.reply.code == 553);
  CHECK(refused.reply.enhanced == "5.6.7");
  CHECK(plain.Commands("MAIL") == 0);

  FakeSmtpServer server(FakeSmtpOptions{.smtputf8 = true});
  SmtpClient client(server);
  CHECK(client.dialogue.Send(envelope, "", "a\r\n").reply.code == 250);
  CHECK(server.messages()[0].mail_from == "<b@bounce.example> SMTPUTF8");
}

TEST_CASE("a message that cannot go to this server is not announced") {
  FakeSmtpServer server(FakeSmtpOptions{.size = 5000});
  SmtpClient client(server);
  Envelope next = EnvelopeTo("bob@example.com");
  next.size = 6000;
  CHECK(client.Send("ann@example.com", &next).reusable);
  CHECK_FALSE(client.dialogue.HasAnnounced());
}

TEST_CASE("the empty return path is written as <>") {
  FakeSmtpServer server;
  SmtpClient client(server);
  CHECK(client.dialogue.Send({"", "ann@example.com", 0, false}, "", "a\r\n").reply.code == 250);
  CHECK(server.messages()[0].mail_from == "<>");
}
