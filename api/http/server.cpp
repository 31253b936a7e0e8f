#include "api/http/server.h"

#include <Poco/Net/TCPServer.h>
#include <Poco/Net/TCPServerConnection.h>
#include <Poco/Net/TCPServerConnectionFactory.h>
#include <Poco/ThreadPool.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "api/http/connection.h"
#include "api/http/listener.h"
#include "api/http/origin.h"
#include "mailer/base/guarded.h"

namespace sealpost::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kStackBytes = 1024 * 1024;  // instrumented frames are several times as large
#else
constexpr int kStackBytes = 256 * 1024;
#endif
constexpr int kSpareThreads = 16;  // a thread that has ended its connection is not at once free for the next
constexpr int kQueued = 64;
constexpr rlim_t kOtherFiles = 512;  // descriptors of the rest of the program

constexpr std::string_view kFull =
    R"({"statusCode":503,"name":"internal_server_error","message":"The server has as many connections as it holds. )"
    R"(Try again in a few seconds.","type":"about:blank","title":"Service Unavailable","status":503})";

std::string FullAnswer() {
  return "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(kFull.size()) + "\r\nRetry-After: 5\r\nConnection: close\r\n\r\n" + std::string(kFull);
}

// IPv4 over an IPv6 socket is shown as IPv4; a zone ("%eth0") says nothing about who it is.
std::string AddressOf(const Poco::Net::StreamSocket& socket) {
  if (socket.address().family() == Poco::Net::SocketAddress::UNIX_LOCAL) return {};
  std::string text = socket.peerAddress().host().toString();
  if (text.starts_with("::ffff:") && text.find('.') != std::string::npos) text.erase(0, 7);
  return text.substr(0, text.find('%'));
}

// A connection costs a descriptor, and the usual soft limit of 1,024 is less than the connections promised.
void RaiseFileLimit(std::size_t connections) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = std::min<rlim_t>(connections + kOtherFiles, limit.rlim_max);
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = wanted;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

class PocoConnection final : public Poco::Net::TCPServerConnection {
 public:
  PocoConnection(const Poco::Net::StreamSocket& socket, ServerState& state, Poco::Net::Context::Ptr tls)
      : TCPServerConnection(socket), state_(state), tls_(std::move(tls)) {}

  void run() override {
    try {
      Serve();
    } catch (const std::exception& error) {
      // The peer was gone before we could ask for its address, or memory ran out: one connection is lost.
      state_.log.Warn("http_connection_failed", {{"what", error.what()}});
    }
  }

 private:
  void Serve() {
    Peer peer{.address = AddressOf(socket()), .tls = !tls_.isNull()};
    const bool counted = !peer.address.empty() && !IsLoopback(peer.address) && !state_.proxies.Contains(peer.address);
    const auto entry = state_.census.Enter(socket().impl()->sockfd(), counted ? CountingKey(peer.address) : "",
                                           state_.options.connections_per_client);
    if (!entry) {
      state_.log.Warn("http_too_many_connections", {{"client", peer.address}});
      return;
    }
    Channel channel(socket(), tls_.get());
    Connection(state_, channel, *entry, std::move(peer)).Serve();
  }

  ServerState& state_;
  Poco::Net::Context::Ptr tls_;
};

class Factory final : public Poco::Net::TCPServerConnectionFactory {
 public:
  Factory(ServerState& state, base::Guarded<Poco::Net::Context::Ptr>& tls) : state_(state), tls_(tls) {}
  Poco::Net::TCPServerConnection* createConnection(const Poco::Net::StreamSocket& socket) override {
    return new PocoConnection(socket, state_, *tls_.Lock());  // Poco owns it
  }

 private:
  ServerState& state_;
  base::Guarded<Poco::Net::Context::Ptr>& tls_;
};

// Asked by the acceptor before a connection takes a thread.
class Door final : public Poco::Net::TCPServerConnectionFilter {
 public:
  Door(ServerState& state, const Poco::Net::TCPServer& server, bool tls)
      : state_(state), server_(server), answer_(tls ? "" : FullAnswer()) {}
  bool accept(const Poco::Net::StreamSocket& socket) override {
    if (state_.stopping) return false;
    const int here = server_.currentConnections() + server_.queuedConnections();
    if (static_cast<std::size_t>(here) < state_.options.connections) return true;
    // Without waiting: an answer fits the empty send buffer, and a full house is no place to linger.
    if (!answer_.empty()) {
      [[maybe_unused]] const auto sent =
          ::send(socket.impl()->sockfd(), answer_.data(), answer_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    state_.metrics.Count("sealpost_http_requests_total", {{"status", "503"}});
    return false;
  }

 private:
  ServerState& state_;
  const Poco::Net::TCPServer& server_;
  const std::string answer_;
};

Poco::Net::TCPServerParams::Ptr Parameters(std::size_t connections) {
  Poco::Net::TCPServerParams::Ptr params(new Poco::Net::TCPServerParams);
  params->setMaxThreads(static_cast<int>(connections) + kSpareThreads);
  params->setMaxQueued(kQueued);
  return params;
}

}  // namespace

struct Server::Impl {
  Impl(ServerOptions options, Listener opened, TrustedProxies proxies, const Router& router, const base::Clock& clock,
       base::Log& log, base::Metrics& metrics)
      : state{.options = std::move(options),
              .router = router,
              .clock = clock,
              .log = log,
              .metrics = metrics,
              .proxies = std::move(proxies)},
        listener(std::move(opened)),
        tls(listener.tls),
        threads("http", 2, static_cast<int>(state.options.connections) + kSpareThreads, 60, kStackBytes),
        server(new Factory(state, tls), threads, listener.socket, Parameters(state.options.connections)) {
    server.setConnectionFilter(new Door(state, server, !listener.tls.isNull()));
    if (listener.unix_path.empty()) port = server.port();
    server.start();
  }

  ServerState state;
  Listener listener;
  base::Guarded<Poco::Net::Context::Ptr> tls;  // of the connections to come
  Poco::ThreadPool threads;
  Poco::Net::TCPServer server;
  int port = 0;
  bool stopped = false;
};

base::Result<std::unique_ptr<Server>> Server::Start(ServerOptions options, const Router& router,
                                                    const base::Clock& clock, base::Log& log, base::Metrics& metrics) {
  auto proxies = TrustedProxies::Parse(options.trusted_proxies);
  if (!proxies) return std::unexpected(proxies.error());
  auto listener = OpenListener(options);
  if (!listener) return std::unexpected(listener.error());
  RaiseFileLimit(options.connections);
  try {
    return std::unique_ptr<Server>(new Server(std::make_unique<Impl>(
        std::move(options), std::move(*listener), std::move(*proxies), router, clock, log, metrics)));
  } catch (const std::exception& error) {
    return base::Fail(base::ErrorKind::kUnavailable, std::string("the HTTP server cannot start: ") + error.what());
  }
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() {
  Stop(milliseconds(0));
}

int Server::port() const {
  return impl_->listener.unix_path.empty() ? impl_->server.port() : 0;
}

base::Result<void> Server::RenewCertificate() {
  if (impl_->listener.tls.isNull()) return {};
  auto renewed = MakeTls(impl_->state.options);
  if (!renewed) return std::unexpected(renewed.error());
  *impl_->tls.Lock() = *renewed;
  return {};
}

void Server::Stop(milliseconds grace) {
  if (std::exchange(impl_->stopped, true)) return;
  const auto deadline = steady_clock::now() + grace;
  impl_->state.stopping = true;  // from here on the door turns everybody away
  Census& census = impl_->state.census;
  census.Shutdown(true);
  if (!census.WaitEmpty(deadline)) census.Shutdown(false);
  // Handlers cannot be cut short; what they use must outlive them.
  census.WaitEmpty(steady_clock::time_point::max());
  // Wakes the acceptor, which looks only four times a second by itself. Last, because Poco waits here for its threads.
  ::shutdown(impl_->listener.socket.impl()->sockfd(), SHUT_RDWR);
  impl_->server.stop();
  impl_->threads.joinAll();
  impl_->listener.socket.close();
  if (!impl_->listener.unix_path.empty()) ::unlink(impl_->listener.unix_path.c_str());
}

}  // namespace sealpost::http
