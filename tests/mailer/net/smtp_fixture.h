// A client and a fake server face to face.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "mailer/net/smtp_connection.h"
#include "mailer/net/smtp_dialogue.h"
#include "tests/support/fake_smtp_server.h"

namespace sealpost::tests {

// Generous, because they bound hangs of the test and not what it measures.
inline net::Timeouts PatientTimeouts() {
  net::Timeouts timeouts;
  timeouts.connect = timeouts.mail = timeouts.rcpt = timeouts.data = timeouts.block = timeouts.dot =
      std::chrono::milliseconds(20'000);
  return timeouts;
}

inline net::SmtpPeer PeerOf(const FakeSmtpServer& server, net::TlsDemand tls = net::TlsDemand::kNone) {
  net::SmtpPeer peer;
  peer.host = "127.0.0.1";
  peer.port = server.port();
  peer.tls = tls;
  peer.helo = "client.example";
  return peer;
}

inline net::Envelope EnvelopeTo(const std::string& recipient) {
  return {"b@bounce.example", recipient, 100, false};
}

struct SmtpClient {
  explicit SmtpClient(const FakeSmtpServer& server, net::Timeouts patience = PatientTimeouts())
      : timeouts(patience), connection(Connect(server, timeouts)), dialogue(*connection, timeouts) {}

  static std::unique_ptr<net::SmtpConnection> Connect(const FakeSmtpServer& server, const net::Timeouts& timeouts) {
    auto opened = net::SmtpConnection::Open(PeerOf(server), timeouts);
    REQUIRE(opened.has_value());
    return std::move(*opened);
  }
  net::TransactionResult Send(const std::string& recipient, const net::Envelope* next = nullptr) {
    return dialogue.Send(EnvelopeTo(recipient), "Head: 1\r\n", "Subject: x\r\n\r\nHello\r\n", next);
  }

  std::shared_ptr<void> network = net::InitNetwork();
  net::Timeouts timeouts;
  std::unique_ptr<net::SmtpConnection> connection;
  net::SmtpDialogue dialogue;
};

}  // namespace sealpost::tests
