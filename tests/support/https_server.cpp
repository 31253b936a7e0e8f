#include "tests/support/https_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "tests/support/fake_smtp_session.h"
#include "tests/support/tls_identity.h"

namespace sealpost::tests {

struct HttpsServer::Impl {
  HttpsServerOptions options;
  TlsIdentity identity;
  int listener = -1;
  int port = 0;
  std::thread thread;

  std::mutex mutex;  // guards the rest
  bool stopping = false;
  FakeWire* open = nullptr;
  std::size_t connections = 0;
  std::vector<std::string> requests;

  void Listen() {
    listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener, any, length) != 0 || ::listen(listener, 64) != 0 ||
        ::getsockname(listener, any, &length) != 0) {
      throw std::runtime_error("the HTTPS server of the test cannot listen");
    }
    port = ntohs(address.sin_port);
  }

  void Run() {
    for (;;) {
      const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) return;
      FakeWire wire(socket);
      {
        std::lock_guard lock(mutex);
        if (stopping) return;
        ++connections;
        open = &wire;
      }
      Serve(wire);
      std::lock_guard lock(mutex);
      open = nullptr;
    }
  }

  void Serve(FakeWire& wire) {
    if (!wire.Handshake(identity.context.get())) return;
    std::string head;
    while (head.find("\r\n\r\n") == std::string::npos) {
      if (!wire.Receive(head)) return;
    }
    {
      std::lock_guard lock(mutex);
      requests.push_back(head);
    }
    if (!options.silent) {
      wire.Send(options.answer);
      wire.Cut();
      return;
    }
    while (wire.Receive(head)) {
    }
  }
};

HttpsServer::HttpsServer(HttpsServerOptions options) : impl_(std::make_unique<Impl>()) {
  std::signal(SIGPIPE, SIG_IGN);  // SSL_write has no MSG_NOSIGNAL
  impl_->options = std::move(options);
  impl_->identity = MakeTlsIdentity(impl_->options.certificate_names, impl_->options.certificate_days,
                                    impl_->options.max_tls == 0 ? TLS1_3_VERSION : impl_->options.max_tls);
  impl_->Listen();
  impl_->thread = std::thread([this] { impl_->Run(); });
}

HttpsServer::~HttpsServer() {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    if (impl_->open != nullptr) impl_->open->Cut();
  }
  ::shutdown(impl_->listener, SHUT_RDWR);
  impl_->thread.join();
  ::close(impl_->listener);
}

int HttpsServer::port() const {
  return impl_->port;
}
const std::string& HttpsServer::certificate_pem() const {
  return impl_->identity.certificate_pem;
}
std::size_t HttpsServer::connections() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->connections;
}
std::vector<std::string> HttpsServer::requests() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->requests;
}

}  // namespace sealpost::tests
