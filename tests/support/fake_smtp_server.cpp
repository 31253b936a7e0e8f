#include "tests/support/fake_smtp_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "tests/support/fake_smtp_session.h"
#include "tests/support/tls_identity.h"

namespace sealpost::tests {

struct FakeSmtpServer::Impl {
  FakeSmtpOptions options;
  TlsIdentity identity;
  int listener = -1;
  int port = 0;

  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  std::vector<Rule> rules;
  std::vector<std::vector<std::string>> transcripts;  // by connection
  std::vector<FakeWire*> open;
  std::size_t peak = 0;
  std::vector<CaughtMessage> messages;
  std::vector<std::string> faults;
  bool stopping = false;
  std::vector<std::thread> sessions;
  std::thread acceptor;

  template <class Change>
  auto Locked(Change change) {
    std::lock_guard lock(mutex);
    changed.notify_all();
    return change();
  }

  std::optional<Rule> RuleFor(const std::string& at) {
    std::lock_guard lock(mutex);
    for (Rule& rule : rules) {
      if (at.rfind(rule.at, 0) == 0 && rule.times != 0) {
        rule.times -= rule.times > 0 ? 1 : 0;
        return rule;
      }
    }
    return std::nullopt;
  }

  void Listen() {
    listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener, any, length) != 0 || ::listen(listener, 512) != 0 ||
        ::getsockname(listener, any, &length) != 0) {
      throw std::runtime_error("the fake SMTP server cannot listen");
    }
    port = ntohs(address.sin_port);
  }

  void Accept() {
    for (;;) {
      const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) {
        return;
      }
      const int on = 1;
      ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      std::lock_guard lock(mutex);
      if (stopping) {
        ::close(socket);
        return;
      }
      const std::size_t index = transcripts.size();
      transcripts.emplace_back();
      auto wire = std::make_unique<FakeWire>(socket);
      open.push_back(wire.get());
      peak = std::max(peak, open.size());
      sessions.emplace_back([this, index, owned = std::move(wire)] { Serve(*owned, index); });
      changed.notify_all();
    }
  }

  void Serve(FakeWire& wire, std::size_t index) {
    FakeSmtpHooks hooks;
    hooks.context = identity.context.get();
    hooks.rule_for = [this](const std::string& at) { return RuleFor(at); };
    hooks.on_command = [&](const std::string& line) { Locked([&] { transcripts[index].push_back(line); }); };
    hooks.on_fault = [&](const std::string& what) { Locked([&] { faults.push_back(what); }); };
    hooks.on_message = [&](CaughtMessage message) {
      message.connection = index;
      Locked([&] { messages.push_back(std::move(message)); });
    };
    FakeSmtpSession(wire, options, std::move(hooks)).Run();
    Locked([&] {
      wire.Cut();
      std::erase(open, &wire);
    });
  }
};

FakeSmtpServer::FakeSmtpServer(FakeSmtpOptions options, std::vector<Rule> rules) : impl_(std::make_unique<Impl>()) {
  std::signal(SIGPIPE, SIG_IGN);  // SSL_write has no MSG_NOSIGNAL
  impl_->options = std::move(options);
  impl_->rules = std::move(rules);
  impl_->identity = MakeTlsIdentity(impl_->options.certificate_names, impl_->options.certificate_days,
                                    impl_->options.max_tls == 0 ? TLS1_3_VERSION : impl_->options.max_tls);
  impl_->Listen();
  impl_->acceptor = std::thread([this] { impl_->Accept(); });
}

FakeSmtpServer::~FakeSmtpServer() {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    for (FakeWire* wire : impl_->open) {
      wire->Cut();
    }
  }
  ::shutdown(impl_->listener, SHUT_RDWR);
  impl_->acceptor.join();
  for (std::thread& session : impl_->sessions) {
    session.join();
  }
  ::close(impl_->listener);
}

int FakeSmtpServer::port() const {
  return impl_->port;
}
const std::string& FakeSmtpServer::certificate_pem() const {
  return impl_->identity.certificate_pem;
}
void FakeSmtpServer::Add(Rule rule) {
  impl_->Locked([&] { impl_->rules.push_back(std::move(rule)); });
}

std::size_t FakeSmtpServer::connections() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->transcripts.size();
}

std::size_t FakeSmtpServer::peak_connections() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->peak;
}

std::size_t FakeSmtpServer::Commands(const std::string& verb) const {
  std::lock_guard lock(impl_->mutex);
  std::size_t count = 0;
  for (const auto& transcript : impl_->transcripts) {
    count += static_cast<std::size_t>(std::count_if(transcript.begin(), transcript.end(),
                                                    [&](const auto& line) { return line.rfind(verb, 0) == 0; }));
  }
  return count;
}

std::vector<std::string> FakeSmtpServer::Transcript(std::size_t connection) const {
  std::lock_guard lock(impl_->mutex);
  return impl_->transcripts.at(connection);
}

std::vector<CaughtMessage> FakeSmtpServer::messages() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->messages;
}

std::vector<std::string> FakeSmtpServer::faults() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->faults;
}

bool FakeSmtpServer::Await(const std::function<bool(const FakeSmtpServer&)>& test) const {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!test(*this)) {
    std::unique_lock lock(impl_->mutex);
    // Something may have happened between the test and the lock, so no wait is long.
    impl_->changed.wait_for(lock, std::chrono::milliseconds(20));
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
  }
  return true;
}

}  // namespace sealpost::tests
