#include "mailer/smtpd/server.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <list>
#include <thread>

#include "mailer/base/guarded.h"
#include "mailer/base/threads.h"
#include "mailer/smtpd/conversation.h"
#include "mailer/smtpd/stream.h"

namespace sealpost::smtpd {
namespace {

constexpr int kBacklog = 256;
constexpr std::chrono::milliseconds kStopGrace{2'000};
constexpr std::chrono::milliseconds kAcceptPause{50};
constexpr std::string_view kFull = "421 4.3.2 Too many connections, try again later\r\n";

struct Connection {
  Stream* stream = nullptr;  // null: the session is over and the thread about to end
  std::jthread thread;
};

struct AddressDeleter {
  void operator()(addrinfo* list) const noexcept { freeaddrinfo(list); }
};

std::string Place(const Options& options) {
  const bool ipv6 = options.host.find(':') != std::string::npos;
  return (ipv6 ? "[" + options.host + "]" : options.host) + ":" + std::to_string(options.port);
}

base::Result<int> Listen(const Options& options) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (getaddrinfo(options.host.c_str(), std::to_string(options.port).c_str(), &hints, &found) != 0) {
    return base::Fail(base::ErrorKind::kInvalid, "cannot listen on " + Place(options) + ": no such address");
  }
  const std::unique_ptr<addrinfo, AddressDeleter> list(found);
  const int descriptor = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  if (descriptor >= 0) setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (descriptor < 0 || bind(descriptor, list->ai_addr, list->ai_addrlen) != 0 || listen(descriptor, kBacklog) != 0) {
    const int error = errno;
    if (descriptor >= 0) close(descriptor);
    const std::string why = error == EADDRINUSE ? Place(options) + " is in use"
                                                : "cannot listen on " + Place(options) + ": " + std::strerror(error);
    return base::Fail(base::ErrorKind::kUnavailable, why);
  }
  return descriptor;
}

std::string Describe(const sockaddr_storage& address, socklen_t length) {
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  if (getnameinfo(reinterpret_cast<const sockaddr*>(&address), length, host.data(), host.size(), port.data(),
                  port.size(), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "unknown";
  }
  const std::string name = host.data();
  return (name.find(':') == std::string::npos ? name : "[" + name + "]") + ":" + port.data();
}

int PortOf(int descriptor) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length);
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                                             : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

// TLS writes without MSG_NOSIGNAL; a peer that went away must not end the program.
void BlockBrokenPipe() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

struct Server::Impl {
  Impl(const Options& given, Handler& to, base::Log& log_to) : options(given), handler(to), log(log_to) {}
  ~Impl();

  void AcceptAll();
  void Admit(int descriptor, const std::string& peer);
  void Serve(Stream& stream, const std::string& peer);

  const Options options;
  Handler& handler;
  base::Log& log;
  std::unique_ptr<TlsContext> tls;
  int listener = -1;
  int port = 0;
  bool stopping = false;  // guarded by connections
  base::Guarded<std::list<Connection>> connections;
  std::condition_variable session_ended;
  std::jthread acceptor;
};

base::Result<std::unique_ptr<Server>> Server::Start(const Options& options, Handler& handler, base::Log& log) {
  auto impl = std::make_unique<Impl>(options, handler, log);
  if (!options.certificate_pem.empty()) {
    auto tls = TlsContext::Make(options.certificate_pem, options.key_pem);
    if (!tls) return std::unexpected(tls.error());
    impl->tls = std::move(*tls);
  }
  const base::Result<int> listener = Listen(options);
  if (!listener) return std::unexpected(listener.error());
  impl->listener = *listener;
  impl->port = PortOf(*listener);
  impl->acceptor = base::StartThread("smtpd", log, [self = impl.get()](std::stop_token) { self->AcceptAll(); });
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;
int Server::port() const {
  return impl_->port;
}

Server::Impl::~Impl() {
  if (listener < 0) return;
  shutdown(listener, SHUT_RDWR);  // wakes accept
  const auto idle = [](const std::list<Connection>& all) {
    return std::ranges::all_of(all, [](const Connection& one) { return one.stream == nullptr; });
  };
  {
    auto all = connections.Lock();
    stopping = true;
    for (const Connection& one : *all) {
      if (one.stream) one.stream->StopReading();
    }
    session_ended.wait_for(all.lock(), kStopGrace, [&] { return idle(*all); });
    for (const Connection& one : *all) {
      if (one.stream) one.stream->Abort();
    }
  }
  if (acceptor.joinable()) acceptor.join();
  // Joined without the lock, which the ending sessions still need.
  std::list<Connection> rest;
  {
    auto all = connections.Lock();
    session_ended.wait(all.lock(), [&] { return idle(*all); });
    rest.swap(*all);
  }
  rest.clear();
  close(listener);
}

void Server::Impl::AcceptAll() {
  for (;;) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    const int descriptor =
        accept4(listener, reinterpret_cast<sockaddr*>(&address), &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor >= 0) {
      Admit(descriptor, Describe(address, length));
      continue;
    }
    const int error = errno;
    {
      const auto all = connections.Lock();
      if (stopping) return;
    }
    // Out of descriptors or memory: the waiting client stays ready, so without a pause this would spin.
    if (error != ECONNABORTED && error != EINTR) std::this_thread::sleep_for(kAcceptPause);
  }
}

void Server::Impl::Admit(int descriptor, const std::string& peer) {
  const int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  auto stream = std::make_shared<Stream>(descriptor);
  std::list<Connection> ended;  // joined when the lock is free again
  auto all = connections.Lock();
  for (auto one = all->begin(); one != all->end();) {
    const auto next = std::next(one);
    if (one->stream == nullptr) ended.splice(ended.end(), *all, one);
    one = next;
  }
  if (stopping) return;
  if (all->size() >= options.connections) {
    log.Warn("smtpd_full", {{"connections", all->size()}});
    stream->Write(kFull, std::chrono::steady_clock::now());
    return;
  }
  const auto connection = all->insert(all->end(), Connection{stream.get(), {}});
  try {
    connection->thread = base::StartThread("smtp-session", log, [this, stream, peer, connection](std::stop_token) {
      Serve(*stream, peer);
      {
        const auto held = connections.Lock();
        connection->stream = nullptr;
      }
      session_ended.notify_all();
    });
  } catch (const std::system_error&) {
    all->erase(connection);
    stream->Write(kFull, std::chrono::steady_clock::now());
  }
}

// One bad session must not end the others: what escapes it (memory, say) ends only itself.
void Server::Impl::Serve(Stream& stream, const std::string& peer) {
  BlockBrokenPipe();
  try {
    Conversation(stream, options, tls.get(), handler, peer).Run();
  } catch (const std::exception& fault) {
    log.Error("smtp_session_failed", {{"what", fault.what()}});
  }
}

}  // namespace sealpost::smtpd
