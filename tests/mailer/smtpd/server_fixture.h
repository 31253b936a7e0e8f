// A running server with a handler that records, for the tests of server.cpp.
#pragma once

#include "mailer/smtpd/server.h"

#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "mailer/base/tls_files.h"
#include "tests/mailer/smtpd/raw_client.h"
#include "tests/support/wait.h"

using namespace sealpost;
using smtpd::Answer;

namespace {

struct Caught {
  smtpd::Session session;
  std::string message;
};

class Recorder final : public smtpd::Handler {
 public:
  Answer OnMail(const smtpd::Session& session) override {
    return session.mail_from == "refused@example.com" ? Answer{550, "5.7.1 Not you"} : Answer{};
  }
  Answer OnRecipient(const smtpd::Session&, std::string_view recipient) override {
    if (recipient == "closing@example.com") return {421, "4.3.2 Come back\r\n250 injected"};
    return recipient == "unknown@example.com" ? Answer{550, "5.1.1 Unknown"} : Answer{};
  }
  Answer OnData(const smtpd::Session& session) override {
    return session.mail_from == "nodata@example.com" ? Answer{451, "4.3.0 Later"} : Answer{354, "Go on"};
  }
  Answer OnMessage(const smtpd::Session& session, std::string message) override {
    std::unique_lock lock(mutex_);
    caught_.push_back({session, std::move(message)});
    arrived_.notify_all();
    released_.wait(lock, [this] { return !held_; });
    if (session.mail_from == "throws@example.com") throw std::runtime_error("handler");
    return {250, "2.0.0 Caught"};
  }

  std::vector<Caught> caught() {
    const std::lock_guard lock(mutex_);
    return caught_;
  }
  void Hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }
  void Release() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    released_.notify_all();
  }
  void WaitForOne() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return !caught_.empty(); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_, released_;
  bool held_ = false;
  std::vector<Caught> caught_;
};

struct Running {
  explicit Running(smtpd::Options options = {}) {
    auto started = smtpd::Server::Start(options, recorder, log);
    REQUIRE(started);
    server = std::move(*started);
  }
  static smtpd::Options WithTls() {
    const auto pair = base::MakeSelfSigned("localhost", 1);
    REQUIRE(pair);
    smtpd::Options options;
    options.certificate_pem = pair->certificate_pem;
    options.key_pem = pair->key_pem;
    return options;
  }
  base::Log log{base::LogLevel::kOff};
  Recorder recorder;
  std::unique_ptr<smtpd::Server> server;
};

const std::string kEnvelope = "MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\n";
const std::string kTransaction = kEnvelope + "DATA\r\n";

std::string Codes(RawClient& client, int replies) {
  std::string codes;
  for (int i = 0; i < replies; ++i) codes += (codes.empty() ? "" : " ") + client.Reply().substr(0, 3);
  return codes;
}

}  // namespace
