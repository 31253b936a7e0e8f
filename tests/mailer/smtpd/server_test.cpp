// The dialogue of the server as a client sees it.
#include "tests/mailer/smtpd/server_fixture.h"

TEST_CASE("a message goes through with its envelope and bytes") {
  Running running;
  RawClient client(running.server->port());
  CHECK(client.Reply() == "220 localhost ESMTP Sealpost\r\n");
  const std::string hello = client.Ask("EHLO client.example\r\n");
  for (const char* word : {"250-PIPELINING\r\n", "250-SIZE 67108864\r\n", "250-8BITMIME\r\n", "250-SMTPUTF8\r\n",
                           "250 ENHANCEDSTATUSCODES\r\n"}) {
    CHECK(hello.find(word) != std::string::npos);
  }
  CHECK(hello.find("STARTTLS") == std::string::npos);
  CHECK(client.Ask("MAIL FROM:<a@example.com> SIZE=20 BODY=8BITMIME\r\n").starts_with("250 2."));
  CHECK(client.Ask("RCPT TO:<b@example.com>\r\n").starts_with("250"));
  CHECK(client.Ask("RCPT TO:<unknown@example.com>\r\n") == "550 5.1.1 Unknown\r\n");
  CHECK(client.Ask("RCPT TO:<PostMaster>\r\n").starts_with("250"));
  CHECK(client.Ask("DATA\r\n").starts_with("354"));
  CHECK(client.Ask("Subject: x\r\n\r\n..dot\r\n\xff\r\n.\r\n") == "250 2.0.0 Caught\r\n");
  CHECK(client.Ask("QUIT\r\n").starts_with("221"));
  CHECK(client.Rest().empty());

  const auto caught = running.recorder.caught();
  REQUIRE(caught.size() == 1);
  CHECK(caught[0].message == "Subject: x\r\n\r\n.dot\r\n\xff\r\n");
  CHECK(caught[0].session.helo == "client.example");
  CHECK(caught[0].session.peer.starts_with("127.0.0.1:"));
  CHECK(caught[0].session.tls.empty());
  CHECK(caught[0].session.mail_from == "a@example.com");
  CHECK(caught[0].session.recipients == std::vector<std::string>{"b@example.com", "PostMaster"});
}

TEST_CASE("pipelined transactions, the next one in the same write as the end of a body") {
  Running running;
  RawClient client(running.server->port());
  client.Hello();
  client.Send(kTransaction);
  CHECK(Codes(client, 3) == "250 250 354");
  client.Send("one\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<unknown@example.com>\r\nRCPT TO:<c@example.com>\r\nDATA\r\n");
  CHECK(Codes(client, 5) == "250 250 550 250 354");
  client.Send("two\r\n.\r\nQUIT\r\n");
  CHECK(Codes(client, 2) == "250 221");
  const auto caught = running.recorder.caught();
  REQUIRE(caught.size() == 2);
  CHECK(caught[1].session.mail_from.empty());
  CHECK(caught[1].session.recipients == std::vector<std::string>{"c@example.com"});
  CHECK(caught[1].message == "two\r\n");
}

TEST_CASE("pipelined DATA after only refused recipients asks for no body") {
  Running running;
  RawClient client(running.server->port());
  client.Hello();
  client.Send("MAIL FROM:<a@example.com>\r\nRCPT TO:<unknown@example.com>\r\nDATA\r\nRSET\r\n");
  CHECK(Codes(client, 4) == "250 550 554 250");
}

TEST_CASE("commands out of order are refused and change nothing") {
  Running running;
  RawClient client(running.server->port());
  client.Reply();
  CHECK(client.Ask("MAIL FROM:<a@example.com>\r\n").starts_with("503 5.5.1"));
  CHECK(client.Ask("HELO\r\n").starts_with("501"));
  CHECK(client.Ask("HELO client.example\r\n") == "250 localhost\r\n");
  CHECK(client.Ask("RCPT TO:<b@example.com>\r\n").starts_with("503"));
  CHECK(client.Ask("DATA\r\n").starts_with("503"));
  CHECK(client.Ask("MAIL FROM:<a@example.com>\r\n").starts_with("250"));
  CHECK(client.Ask("MAIL FROM:<a@example.com>\r\n").starts_with("503"));
  CHECK(client.Ask("RSET\r\n").starts_with("250"));
  CHECK(client.Ask("RCPT TO:<b@example.com>\r\n").starts_with("503"));
  CHECK(client.Ask("NOOP x\r\n").starts_with("250"));
  CHECK(client.Ask("VRFY a\r\n").starts_with("252"));
  CHECK(client.Ask("AUTH PLAIN\r\n").starts_with("502"));
  CHECK(client.Ask("STARTTLS\r\n").starts_with("502"));
  CHECK(client.Ask("FROB\r\n").starts_with("500 5.5.2"));
}

TEST_CASE("MAIL and RCPT: bad syntax, parameters and what SMTPUTF8 is for") {
  Running running;
  RawClient client(running.server->port());
  client.Hello();
  CHECK(client.Ask("MAIL FROM:a@example.com\r\n").starts_with("501"));
  CHECK(client.Ask("MAIL FROM:<a b@example.com>\r\n").starts_with("501 5.1.7"));
  CHECK(client.Ask("MAIL FROM:<a@example.com> SIZE=67108865\r\n").starts_with("552 5.3.4"));
  CHECK(client.Ask("MAIL FROM:<a@example.com> SIZE=99999999999999999999999\r\n").starts_with("552"));
  CHECK(client.Ask("MAIL FROM:<a@example.com> SIZE=-1\r\n").starts_with("501"));
  CHECK(client.Ask("MAIL FROM:<a@example.com> BODY=BINARYMIME\r\n").starts_with("501"));
  CHECK(client.Ask("MAIL FROM:<a@example.com> AUTH=<>\r\n").starts_with("555"));
  CHECK(client.Ask("MAIL FROM:<refused@example.com>\r\n").starts_with("550"));
  CHECK(client.Ask("MAIL FROM:<j\xc3\xb6rg@example.com>\r\n").starts_with("550 5.6.7"));
  CHECK(client.Ask("MAIL FROM:<a@example.com>\r\n").starts_with("250"));
  CHECK(client.Ask("RCPT TO:<j\xc3\xb6rg@example.com>\r\n").starts_with("553 5.6.7"));
  CHECK(client.Ask("RCPT TO:<b@example.com> NOTIFY=NEVER\r\n").starts_with("555"));
  CHECK(client.Ask("RCPT TO:<>\r\n").starts_with("501 5.1.3"));
  CHECK(client.Ask("RSET\r\n").starts_with("250"));
  CHECK(client.Ask("MAIL FROM:<j\xc3\xb6rg@example.com> SMTPUTF8\r\n").starts_with("250"));
  CHECK(client.Ask("RCPT TO:<j\xc3\xb6rg@example.com>\r\n").starts_with("250"));
}

TEST_CASE("smuggled messages come through as none, never as two") {
  for (const char* end : {"\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r", "\r.\r\n", "\r\r\n.\r\r\n"}) {
    Running running;
    RawClient client(running.server->port());
    client.Hello();
    client.Send(kTransaction);
    CHECK(Codes(client, 3) == "250 250 354");
    client.Send(std::string("first") + end + "MAIL FROM:<evil@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n");
    client.Send("second\r\n.\r\nQUIT\r\n");
    CHECK(client.Reply().starts_with("550 5.5.2"));
    CHECK(client.Reply().starts_with("221"));
    CHECK(running.recorder.caught().empty());
  }
}

TEST_CASE("a bare line end among commands ends the session") {
  Running running;
  RawClient client(running.server->port());
  client.Hello();
  client.Send("NOOP\nMAIL FROM:<a@example.com>\r\n");
  const std::string rest = client.Rest();
  CHECK(rest.starts_with("500 5.5.2"));
  CHECK(rest.find("250") == std::string::npos);
}

TEST_CASE("a web page cannot speak SMTP through a browser") {
  Running running;
  RawClient client(running.server->port());
  client.Reply();
  client.Send("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nEHLO x\r\n" + kTransaction + "x\r\n.\r\n");
  CHECK(client.Reply().starts_with("421"));
  CHECK(client.Reply().empty());
  CHECK(running.recorder.caught().empty());
}

TEST_CASE("lines, recipients, faults and sizes have their limits") {
  smtpd::Options options;
  options.recipients = 2;
  options.message_bytes = 100;
  Running running(options);
  RawClient client(running.server->port());
  client.Hello();
  CHECK(client.Ask("NOOP " + std::string(5000, 'x') + "\r\n").starts_with("500 5.5.6"));
  client.Send(kEnvelope + "RCPT TO:<c@example.com>\r\nRCPT TO:<d@example.com>\r\nDATA\r\n");
  CHECK(Codes(client, 5) == "250 250 250 452 354");
  CHECK(client.Ask(std::string(99, 'x') + "\r\n.\r\n").starts_with("552 5.3.4"));
  client.Send(kTransaction);
  CHECK(Codes(client, 3) == "250 250 354");
  CHECK(client.Ask(std::string(98, 'x') + "\r\n.\r\n").starts_with("250"));
  client.Send(kTransaction);
  CHECK(Codes(client, 3) == "250 250 354");
  CHECK(client.Ask(std::string(300, 'x')).starts_with("552"));
  CHECK(client.Reply().empty());
  CHECK(running.recorder.caught().size() == 1);
}

TEST_CASE("too many faults end the session") {
  Running running;
  RawClient client(running.server->port());
  client.Hello();
  for (int i = 0; i < 19; ++i) CHECK(client.Ask("FROB\r\n").starts_with("500"));
  CHECK(client.Ask("FROB\r\n").starts_with("500"));
  CHECK(client.Reply().starts_with("421"));
  CHECK(client.Reply().empty());
}

TEST_CASE("STARTTLS starts the session anew") {
  Running running(Running::WithTls());
  RawClient client(running.server->port());
  CHECK(client.Hello().find("250-STARTTLS\r\n") != std::string::npos);
  CHECK(client.Ask("MAIL FROM:<a@example.com>\r\n").starts_with("250"));
  CHECK(client.Ask("STARTTLS now\r\n").starts_with("501"));
  CHECK(client.Ask("STARTTLS\r\n").starts_with("220"));
  REQUIRE(client.StartTls());
  CHECK(client.Ask("RCPT TO:<b@example.com>\r\n").starts_with("503"));
  CHECK(client.Ask("MAIL FROM:<a@example.com>\r\n").starts_with("503"));
  CHECK(client.Ask("EHLO again.example\r\n").find("STARTTLS") == std::string::npos);
  CHECK(client.Ask("STARTTLS\r\n").starts_with("503"));
  client.Send(kTransaction);
  CHECK(Codes(client, 3) == "250 250 354");
  const std::string body(200'000, 'x');
  CHECK(client.Ask(body + "\r\n.\r\n").starts_with("250"));
  const auto caught = running.recorder.caught();
  REQUIRE(caught.size() == 1);
  CHECK(caught[0].session.tls.starts_with("TLSv1.3 TLS_"));
  CHECK(caught[0].session.helo == "again.example");
  CHECK(caught[0].message.size() == body.size() + 2);
}

TEST_CASE("what is sent behind STARTTLS in plaintext ends the session before the handshake") {
  Running running(Running::WithTls());
  RawClient client(running.server->port());
  client.Hello();
  client.Send("STARTTLS\r\nNOOP\r\n");
  CHECK(client.Reply().starts_with("501"));
  CHECK(client.Reply().empty());
}

TEST_CASE("a handshake that is none ends the session") {
  Running running(Running::WithTls());
  RawClient client(running.server->port());
  client.Hello();
  CHECK(client.Ask("STARTTLS\r\n").starts_with("220"));
  client.Send("MAIL FROM:<a@example.com>\r\n");
  CHECK(client.Rest().find("250") == std::string::npos);
}

TEST_CASE("a handler's answers are one line, 421 closes, a refused DATA leaves the session usable") {
  Running running;
  RawClient client(running.server->port());
  client.Hello();
  client.Send("MAIL FROM:<nodata@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\nRSET\r\n");
  CHECK(Codes(client, 4) == "250 250 451 250");
  client.Send("MAIL FROM:<a@example.com>\r\nRCPT TO:<closing@example.com>\r\n");
  CHECK(client.Reply().starts_with("250"));
  CHECK(client.Reply() == "421 4.3.2 Come back  250 injected\r\n");
  CHECK(client.Reply().empty());
}

TEST_CASE("a client that goes away within a body leaves no message") {
  Running running;
  {
    RawClient client(running.server->port());
    client.Hello();
    client.Send(kTransaction);
    CHECK(Codes(client, 3) == "250 250 354");
    client.Send("half a mess");
    client.StopSending();
    client.Rest();
  }
  CHECK(running.recorder.caught().empty());
}
