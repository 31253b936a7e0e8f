// One connection of the fake SMTP server: the wire (plain or TLS) and the dialogue on it.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "tests/support/fake_smtp_server.h"

namespace sealpost::tests {

// Blocking bytes in and out. Cut() from another thread ends a blocked call.
class FakeWire {
 public:
  explicit FakeWire(int socket) : socket_(socket) {}
  ~FakeWire();
  bool Handshake(SSL_CTX* context);
  bool Send(const std::string& bytes);
  bool Receive(std::string& buffer);  // appends what comes; false at the end
  void Cut();
  bool tls() const { return ssl_ != nullptr; }

 private:
  int socket_;
  SSL* ssl_ = nullptr;
};

// What a session needs of its server.
struct FakeSmtpHooks {
  std::function<std::optional<Rule>(const std::string& at)> rule_for;
  std::function<void(const std::string& line)> on_command;
  std::function<void(CaughtMessage)> on_message;
  std::function<void(const std::string& what)> on_fault;
  SSL_CTX* context = nullptr;
};

class FakeSmtpSession {
 public:
  FakeSmtpSession(FakeWire& wire, const FakeSmtpOptions& options, FakeSmtpHooks hooks)
      : wire_(wire), options_(options), hooks_(std::move(hooks)) {}
  void Run();  // until the dialogue ends

 private:
  bool ReadLine(std::string& line);
  bool ReadBody();
  bool Serve(const std::string& line);
  bool Answer(const std::string& at, const std::string& usual);
  bool AwaitLine(const std::string& beginning);
  bool Authenticate(const std::string& line);
  std::string UsualAnswer(const std::string& line) const;
  std::string Ehlo() const;

  FakeWire& wire_;
  const FakeSmtpOptions& options_;
  FakeSmtpHooks hooks_;
  std::string buffer_;
  std::string last_answer_;
  CaughtMessage message_;
  bool in_mail_ = false;
  bool authenticated_ = false;
};

}  // namespace sealpost::tests
