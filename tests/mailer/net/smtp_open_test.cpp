#include "mailer/net/smtp_open.h"

#include <openssl/tls1.h>

#include "tests/mailer/net/smtp_fixture.h"
#include "tests/support/temp_folder.h"

using namespace sealpost::tests;
using sealpost::model::SmtpReply;
using sealpost::model::SmtpStage;
using sealpost::net::SmtpConnection;
using sealpost::net::SmtpPeer;
using sealpost::net::TlsDemand;

namespace {

struct Bench {
  std::shared_ptr<void> network = sealpost::net::InitNetwork();
  TempFolder folder;

  // A peer that trusts the server's own certificate.
  SmtpPeer Trusting(const FakeSmtpServer& server) {
    SmtpPeer peer = PeerOf(server, TlsDemand::kRequired);
    peer.ca_file = folder.Write("ca.pem", server.certificate_pem());
    return peer;
  }
  SmtpPeer WithLogin(SmtpPeer peer, const std::string& password) {
    peer.user = "user";
    peer.password_file = folder.Write("password", password + "\n");
    return peer;
  }
};

SmtpReply RefusalOf(const SmtpPeer& peer, sealpost::net::Timeouts timeouts = PatientTimeouts()) {
  auto opened = SmtpConnection::Open(peer, timeouts);
  REQUIRE_FALSE(opened.has_value());
  return opened.error();
}

std::unique_ptr<SmtpConnection> Opened(const SmtpPeer& peer) {
  auto opened = SmtpConnection::Open(peer, PatientTimeouts());
  if (!opened) {
    FAIL(opened.error().ToString());
  }
  return std::move(*opened);
}

}  // namespace

TEST_CASE("a plain connection tells host, capabilities and HELO name") {
  Bench bench;
  FakeSmtpServer server(FakeSmtpOptions{.smtputf8 = true, .size = 12345});
  const auto connection = Opened(PeerOf(server));
  CHECK(connection->host() == "127.0.0.1:" + std::to_string(server.port()));
  CHECK(connection->tls().empty());
  CHECK(connection->alive());
  CHECK(connection->capabilities().pipelining);
  CHECK(connection->capabilities().eight_bit_mime);
  CHECK(connection->capabilities().smtputf8);
  CHECK(connection->capabilities().size);
  CHECK(connection->capabilities().size_limit == 12345);
  CHECK(server.Transcript(0) == std::vector<std::string>{"EHLO client.example"});
}

TEST_CASE("EHLO refused means HELO and no capabilities") {
  Bench bench;
  FakeSmtpServer server({}, {{"EHLO", "502 5.5.1 no"}});
  CHECK_FALSE(Opened(PeerOf(server))->capabilities().pipelining);
  CHECK(server.Transcript(0).back() == "HELO client.example");
}

TEST_CASE("STARTTLS with a trusted certificate: the facts, and only the capabilities offered after it") {
  Bench bench;
  FakeSmtpServer server(FakeSmtpOptions{.starttls = true},
                        {{"EHLO", "250-fake\r\n250-SIZE 99\r\n250 STARTTLS", Then::kGoOn, 1}});
  const auto connection = Opened(bench.Trusting(server));
  CHECK(connection->tls().starts_with("TLSv1.3 TLS_"));
  CHECK(connection->capabilities().pipelining);
  CHECK_FALSE(connection->capabilities().size);
  CHECK(server.Commands("EHLO") == 2);
}

TEST_CASE("implicit TLS is verified as well") {
  Bench bench;
  FakeSmtpServer server(FakeSmtpOptions{.implicit_tls = true});
  SmtpPeer peer = bench.Trusting(server);
  peer.implicit_tls = true;
  CHECK(Opened(peer)->tls().starts_with("TLSv1.3"));
  peer.ca_file.clear();
  CHECK(RefusalOf(peer).stage == SmtpStage::kStartTls);
}

TEST_CASE("required TLS sends no MAIL unless the certificate holds") {
  Bench bench;
  FakeSmtpServer own(FakeSmtpOptions{.starttls = true});
  FakeSmtpServer other(FakeSmtpOptions{.starttls = true, .certificate_names = "DNS:other.example"});
  FakeSmtpServer expired(FakeSmtpOptions{.starttls = true, .certificate_days = -1});
  FakeSmtpServer old(FakeSmtpOptions{.starttls = true, .max_tls = TLS1_1_VERSION});
  SmtpPeer unknown = bench.Trusting(own);
  unknown.ca_file.clear();
  for (const SmtpPeer& peer : {unknown, bench.Trusting(other), bench.Trusting(expired), bench.Trusting(old)}) {
    SmtpPeer trusting = peer;
    const auto refusal = RefusalOf(trusting);
    CHECK(refusal.code == 0);
    CHECK(refusal.stage == SmtpStage::kStartTls);
    CHECK_FALSE(refusal.text.empty());
  }
  for (const auto* server : {&own, &other, &expired, &old}) {
    CHECK(server->connections() <= 1);
    CHECK(server->Commands("MAIL") == 0);
  }
}

TEST_CASE("required TLS fails where STARTTLS is stripped, refused or injected") {
  Bench bench;
  FakeSmtpServer stripped;
  FakeSmtpServer refused(FakeSmtpOptions{.starttls = true}, {{"STARTTLS", "454 4.7.0 not now"}});
  FakeSmtpServer injected(FakeSmtpOptions{.starttls = true}, {{"STARTTLS", "220 go\r\n250-fake\r\n250 PIPELINING"}});
  FakeSmtpServer garbage(FakeSmtpOptions{.starttls = true}, {{"STARTTLS", "220 go", Then::kDrop}});
  for (const auto* server : {&stripped, &refused, &injected, &garbage}) {
    const auto refusal = RefusalOf(bench.Trusting(*server));
    CHECK(refusal.stage == SmtpStage::kStartTls);
    CHECK(refusal.code == (server == &refused ? 454 : 0));
    CHECK(server->connections() == 1);
    CHECK(server->Commands("MAIL") == 0);
  }
}

TEST_CASE("opportunistic TLS takes any certificate, and plaintext where there is no TLS") {
  Bench bench;
  FakeSmtpServer any(FakeSmtpOptions{.starttls = true, .certificate_names = "DNS:other.example"});
  CHECK_FALSE(Opened(PeerOf(any, TlsDemand::kOpportunistic))->tls().empty());
  FakeSmtpServer none;
  CHECK(Opened(PeerOf(none, TlsDemand::kOpportunistic))->tls().empty());
  FakeSmtpServer refused(FakeSmtpOptions{.starttls = true}, {{"STARTTLS", "454 4.7.0 not now"}});
  CHECK(Opened(PeerOf(refused, TlsDemand::kOpportunistic))->tls().empty());
  CHECK(refused.connections() == 1);
}

TEST_CASE("an opportunistic handshake that breaks is followed by a new connection in plaintext") {
  Bench bench;
  FakeSmtpServer server(FakeSmtpOptions{.starttls = true}, {{"STARTTLS", "220 go", Then::kDrop}});
  CHECK(Opened(PeerOf(server, TlsDemand::kOpportunistic))->tls().empty());
  CHECK(server.connections() == 2);
  CHECK(server.Transcript(1) == std::vector<std::string>{"EHLO client.example"});
}

TEST_CASE("a connection that requires TLS is never one that was opened without it") {
  Bench bench;
  FakeSmtpServer server(FakeSmtpOptions{.starttls = true});
  const auto plain = Opened(PeerOf(server));
  const auto secure = Opened(bench.Trusting(server));
  CHECK(plain->tls().empty());
  CHECK_FALSE(secure->tls().empty());
  CHECK(server.connections() == 2);
}

TEST_CASE("a refusal at the door comes with its stage and reply") {
  Bench bench;
  FakeSmtpServer busy({}, {{"greeting", "421 4.3.2 too busy", Then::kDrop}});
  CHECK(RefusalOf(PeerOf(busy)).code == 421);
  CHECK(RefusalOf(PeerOf(busy)).stage == SmtpStage::kGreeting);
  FakeSmtpServer blocked({}, {{"greeting", "554-5.7.1 blocked\r\n554 5.7.1 see example.com", Then::kDrop}});
  CHECK(RefusalOf(PeerOf(blocked)).ToString() == "554 5.7.1 blocked see example.com");
  FakeSmtpServer silent({}, {{"greeting", "", Then::kDrop}});
  CHECK(RefusalOf(PeerOf(silent)).stage == SmtpStage::kGreeting);
  CHECK(RefusalOf(PeerOf(silent)).code == 0);
  FakeSmtpServer ehlo({}, {{"EHLO", "550 5.7.1 bad name"}, {"HELO", "550 5.7.1 bad name"}});
  CHECK(RefusalOf(PeerOf(ehlo)).code == 550);
  CHECK(RefusalOf(PeerOf(ehlo)).stage == SmtpStage::kEhlo);
  FakeSmtpServer gone({}, {{"EHLO", "", Then::kDrop}});
  CHECK(RefusalOf(PeerOf(gone)).code == 0);
  CHECK(RefusalOf(PeerOf(gone)).stage == SmtpStage::kEhlo);
}

TEST_CASE("nobody listening is a refusal at connect") {
  Bench bench;
  SmtpPeer peer;
  {
    FakeSmtpServer server;
    peer = PeerOf(server);
  }
  CHECK(RefusalOf(peer).code == 0);
  CHECK(RefusalOf(peer).stage == SmtpStage::kConnect);
}

TEST_CASE("silence and dripping at the door end with the connect deadline") {
  Bench bench;
  auto timeouts = PatientTimeouts();
  timeouts.connect = std::chrono::milliseconds(300);
  FakeSmtpServer silent({}, {{"greeting", "", Then::kHang}});
  CHECK(RefusalOf(PeerOf(silent), timeouts).stage == SmtpStage::kGreeting);
  FakeSmtpServer dripping({}, {{"EHLO", "", Then::kDrip}});
  CHECK(RefusalOf(PeerOf(dripping), timeouts).code == 0);
}

TEST_CASE("a stop request ends the opening") {
  Bench bench;
  FakeSmtpServer silent({}, {{"greeting", "", Then::kHang}});
  std::stop_source stop;
  stop.request_stop();
  const auto opened = SmtpConnection::Open(PeerOf(silent), PatientTimeouts(), stop.get_token());
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().text == "cut off: shutting down");
}

TEST_CASE("a login is made with the password file, read at each connect") {
  Bench bench;
  FakeSmtpServer server(FakeSmtpOptions{.starttls = true, .auth = "user:pa ss"});
  CHECK(Opened(bench.WithLogin(bench.Trusting(server), "pa ss"))->alive());
  const auto refusal = RefusalOf(bench.WithLogin(bench.Trusting(server), "wrong"));
  CHECK(refusal.code == 535);
  CHECK(refusal.stage == SmtpStage::kAuth);
}

TEST_CASE("a login in plaintext is for loopback only") {
  Bench bench;
  FakeSmtpServer server(FakeSmtpOptions{.auth = "user:pass"});
  CHECK(Opened(bench.WithLogin(PeerOf(server), "pass"))->alive());
  SmtpPeer far = bench.WithLogin(PeerOf(server), "pass");
  far.host = "relay.example";
  const auto refusal = RefusalOf(far);
  CHECK(refusal.stage == SmtpStage::kAuth);
  CHECK(refusal.text.find("TLS") != std::string::npos);
}

TEST_CASE("a login that cannot be made is a refusal, not a session without it") {
  Bench bench;
  FakeSmtpServer server;
  CHECK(RefusalOf(bench.WithLogin(PeerOf(server), "pass")).stage == SmtpStage::kAuth);
  SmtpPeer peer = bench.WithLogin(PeerOf(server), "pass");
  peer.password_file = bench.folder.File("missing");
  CHECK(RefusalOf(peer).text.find("missing") != std::string::npos);
  CHECK(server.Commands("MAIL") == 0);
}

TEST_CASE("loopback is this machine") {
  using sealpost::net::IsLoopback;
  CHECK(IsLoopback("127.0.0.1"));
  CHECK(IsLoopback("127.9.9.9"));
  CHECK(IsLoopback("::1"));
  CHECK(IsLoopback("localhost"));
  CHECK_FALSE(IsLoopback("128.0.0.1"));
  CHECK_FALSE(IsLoopback("localhost.example"));
  CHECK_FALSE(IsLoopback("127.0.0.1.example"));
  CHECK_FALSE(IsLoopback("::2"));
  CHECK_FALSE(IsLoopback(""));
}
