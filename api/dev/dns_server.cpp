#include "api/dev/dns_server.h"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <list>
#include <thread>
#include <utility>
#include <vector>

#include "mailer/base/threads.h"

namespace sealpost::dev {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostConnections = 64;
constexpr std::chrono::seconds kLongestConnection{10};
constexpr int kFreePortTries = 20;

class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  int get() const { return number_; }

 private:
  int number_;
};

struct Sockets {
  Descriptor udp, tcp;
  int port = 0;
};

struct Connection {
  Descriptor socket;
  Clock::time_point end;
  std::string in, out;
};

base::Result<Descriptor> Bind(const std::string& host, int port, int kind) {
  const std::string place =
      (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
  addrinfo hints{};
  hints.ai_socktype = kind;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
    return base::Fail(base::ErrorKind::kInvalid, "cannot listen on " + place + ": no such address");
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> holder(found, freeaddrinfo);
  Descriptor socket(::socket(found->ai_family, kind | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  // Over UDP it would let a second server share the port.
  if (kind == SOCK_STREAM) setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (socket.get() < 0 || bind(socket.get(), found->ai_addr, found->ai_addrlen) != 0 ||
      (kind == SOCK_STREAM && listen(socket.get(), SOMAXCONN) != 0)) {
    const std::string why =
        errno == EADDRINUSE ? place + " is in use" : "cannot listen on " + place + ": " + std::strerror(errno);
    return base::Fail(base::ErrorKind::kUnavailable, why);
  }
  return socket;
}

int PortOf(const Descriptor& socket) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &length);
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                                             : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

// The kernel chooses for UDP; TCP may have given the same number away.
base::Result<Sockets> OpenSockets(const std::string& host, int port) {
  for (int attempt = 1;; ++attempt) {
    auto udp = Bind(host, port, SOCK_DGRAM);
    if (!udp) return std::unexpected(udp.error());
    const int chosen = PortOf(*udp);
    auto tcp = Bind(host, chosen, SOCK_STREAM);
    if (tcp) return Sockets{std::move(*udp), std::move(*tcp), chosen};
    if (port != 0 || attempt == kFreePortTries) return std::unexpected(tcp.error());
  }
}

}  // namespace

class DnsServer::Loop {
 public:
  Loop(Sockets sockets, RecordsAround records, base::Log& log)
      : sockets_(std::move(sockets)),
        records_(std::move(records)),
        stop_(eventfd(0, EFD_CLOEXEC)),
        thread_(base::StartThread("dev-dns", log, [this](std::stop_token) { Run(); })) {}
  ~Loop() { eventfd_write(stop_.get(), 1); }
  int port() const { return sockets_.port; }

 private:
  void Run();
  std::vector<pollfd> Watched() const;
  int UntilNextEnd() const;
  void Accept();
  void AnswerDatagram();
  bool Serve(Connection& connection, short events) const;
  bool AnswerWhole(Connection& connection) const;

  const Sockets sockets_;
  const RecordsAround records_;
  const Descriptor stop_;
  std::list<Connection> connections_;  // the oldest first
  std::jthread thread_;                // last: it ends before what it uses
};

void DnsServer::Loop::Run() {
  for (;;) {
    std::vector<pollfd> watched = Watched();
    if (poll(watched.data(), watched.size(), UntilNextEnd()) < 0 && errno != EINTR) return;
    if (watched[0].revents != 0) return;
    if (watched[1].revents != 0) AnswerDatagram();
    const auto now = Clock::now();
    std::size_t at = 3;
    for (auto connection = connections_.begin(); connection != connections_.end(); ++at) {
      const bool keep = Serve(*connection, watched[at].revents) && connection->end > now;
      connection = keep ? std::next(connection) : connections_.erase(connection);
    }
    if (watched[2].revents != 0) Accept();
  }
}

// Who has not taken an answer is not read from; with all places taken nobody is accepted.
std::vector<pollfd> DnsServer::Loop::Watched() const {
  std::vector<pollfd> watched = {{stop_.get(), POLLIN, 0}, {sockets_.udp.get(), POLLIN, 0}};
  watched.push_back({connections_.size() < kMostConnections ? sockets_.tcp.get() : -1, POLLIN, 0});
  for (const Connection& connection : connections_) {
    const short events = connection.out.empty() ? POLLIN : POLLOUT;
    watched.push_back({connection.socket.get(), events, 0});
  }
  return watched;
}

int DnsServer::Loop::UntilNextEnd() const {
  if (connections_.empty()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(connections_.front().end - Clock::now());
  return static_cast<int>(std::max<std::chrono::milliseconds::rep>(left.count(), 0));
}

void DnsServer::Loop::Accept() {
  Descriptor socket(accept4(sockets_.tcp.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (socket.get() < 0) return;
  connections_.push_back({std::move(socket), Clock::now() + kLongestConnection, {}, {}});
}

void DnsServer::Loop::AnswerDatagram() {
  std::array<char, 65'536> bytes;
  sockaddr_storage peer{};
  socklen_t length = sizeof peer;
  auto* address = reinterpret_cast<sockaddr*>(&peer);
  const ssize_t size = recvfrom(sockets_.udp.get(), bytes.data(), bytes.size(), 0, address, &length);
  if (size < 0) return;
  const auto answer = AnswerDns({bytes.data(), static_cast<std::size_t>(size)}, false, records_);
  if (answer) sendto(sockets_.udp.get(), answer->data(), answer->size(), 0, address, length);
}

// False: it is over.
bool DnsServer::Loop::Serve(Connection& connection, short events) const {
  if (events == 0) return true;
  if (connection.out.empty()) {
    std::array<char, 4096> bytes;
    const ssize_t size = recv(connection.socket.get(), bytes.data(), bytes.size(), 0);
    if (size <= 0) return size < 0 && errno == EAGAIN;
    connection.in.append(bytes.data(), static_cast<std::size_t>(size));
    if (!AnswerWhole(connection)) return false;
    if (connection.out.empty()) return true;
  }
  const ssize_t sent = send(connection.socket.get(), connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
  if (sent < 0) return errno == EAGAIN;
  connection.out.erase(0, static_cast<std::size_t>(sent));
  return true;
}

// RFC 7766 8: each message behind its length.
bool DnsServer::Loop::AnswerWhole(Connection& connection) const {
  std::string& in = connection.in;
  const auto byte = [&](std::size_t at) { return static_cast<std::size_t>(static_cast<unsigned char>(in[at])); };
  while (in.size() >= 2 && in.size() >= 2 + (byte(0) << 8 | byte(1))) {
    const std::size_t length = byte(0) << 8 | byte(1);
    const auto answer = AnswerDns(std::string_view(in).substr(2, length), true, records_);
    if (!answer) return false;
    connection.out += static_cast<char>(answer->size() >> 8);
    connection.out += static_cast<char>(answer->size() & 0xff);
    connection.out += *answer;
    in.erase(0, 2 + length);
  }
  return true;
}

DnsServer::DnsServer(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
DnsServer::~DnsServer() = default;

int DnsServer::port() const {
  return loop_->port();
}

base::Result<std::unique_ptr<DnsServer>> DnsServer::Start(const std::string& host, int port, RecordsAround records,
                                                          base::Log& log) {
  auto sockets = OpenSockets(host, port);
  if (!sockets) return std::unexpected(sockets.error());
  return std::unique_ptr<DnsServer>(
      new DnsServer(std::make_unique<Loop>(std::move(*sockets), std::move(records), log)));
}

}  // namespace sealpost::dev
