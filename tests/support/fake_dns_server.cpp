#include "tests/support/fake_dns_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace sealpost::tests {
namespace {

using Clock = std::chrono::steady_clock;

struct Connection {
  std::string in, out;
};

// To whom an answer goes: over TCP by the connection's number, which is never used twice as a descriptor is.
struct Due {
  std::string bytes;
  std::size_t connection = 0;  // 0: UDP
  sockaddr_in peer{};
};

int Bound(int kind, int port) {
  const int socket = ::socket(AF_INET, kind | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int size = 8 << 20;
  // Hundreds of questions may come in one burst. Beyond the system's limit only for root.
  if (kind == SOCK_DGRAM && ::setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0) {
    ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      (kind == SOCK_DGRAM || ::listen(socket, 512) == 0)) {
    return socket;
  }
  ::close(socket);
  return -1;
}

int PortOf(int socket) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length);
  return ntohs(address.sin_port);
}

}  // namespace

struct FakeDnsServer::Impl {
  // Only the thread touches these once it runs.
  int udp = -1, tcp = -1, stop = -1, poll = -1;
  int port = 0;
  std::size_t last_connection = 0;
  std::map<std::size_t, std::pair<int, Connection>> connections;  // by number: descriptor and buffers
  std::multimap<Clock::time_point, Due> waiting;
  std::thread thread;

  mutable std::mutex mutex;  // guards the rest
  FakeDnsZone zone;
  FakeDnsSwitches switches;
  std::chrono::milliseconds delay{0};
  std::vector<FakeDnsQuery> asked;

  static constexpr std::size_t kUdp = 0, kTcp = ~0UL, kStop = ~1UL;

  void Watch(int operation, int descriptor, std::size_t number, std::uint32_t events) const {
    epoll_event event{};
    event.events = events;
    event.data.u64 = number;
    ::epoll_ctl(poll, operation, descriptor, &event);
  }

  void Open() {
    for (int attempt = 0; attempt < 100 && tcp < 0; ++attempt) {
      if (udp >= 0) ::close(udp);
      udp = Bound(SOCK_DGRAM, 0);
      port = PortOf(udp);
      tcp = Bound(SOCK_STREAM, port);  // the port may be taken there
    }
    if (tcp < 0) throw std::runtime_error("the fake DNS server cannot listen");
    stop = ::eventfd(0, EFD_CLOEXEC);
    poll = ::epoll_create1(EPOLL_CLOEXEC);
    Watch(EPOLL_CTL_ADD, udp, kUdp, EPOLLIN);
    Watch(EPOLL_CTL_ADD, tcp, kTcp, EPOLLIN);
    Watch(EPOLL_CTL_ADD, stop, kStop, EPOLLIN);
    thread = std::thread([this] { Run(); });
  }

  void Run() {
    std::array<epoll_event, 64> events{};
    for (;;) {
      const int count = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), UntilNext());
      for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        if (event.data.u64 == kStop) return;
        if (event.data.u64 == kUdp) {
          ReadDatagrams();
        } else if (event.data.u64 == kTcp) {
          Accept();
        } else {
          Serve(event.data.u64);
        }
      }
      while (!waiting.empty() && waiting.begin()->first <= Clock::now()) {
        auto first = waiting.extract(waiting.begin());
        Send(std::move(first.mapped()));
      }
    }
  }

  int UntilNext() const {
    if (waiting.empty()) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(waiting.begin()->first - Clock::now());
    return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
  }

  void ReadDatagrams() {
    std::array<char, 65536> buffer;
    // Not all that is there: a flood must not keep answers from going out.
    for (int i = 0; i < 64; ++i) {
      sockaddr_in peer{};
      socklen_t length = sizeof peer;
      const auto size = ::recvfrom(udp, buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&peer), &length);
      if (size < 0) return;
      Answer({buffer.data(), static_cast<std::size_t>(size)}, {.bytes = {}, .connection = 0, .peer = peer});
    }
  }

  void Accept() {
    const int socket = ::accept4(tcp, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket < 0) return;
    connections[++last_connection].first = socket;
    Watch(EPOLL_CTL_ADD, socket, last_connection, EPOLLIN);
  }

  void Serve(std::size_t number) {
    const auto found = connections.find(number);
    if (found == connections.end()) return;
    auto& [socket, connection] = found->second;
    std::array<char, 65536> buffer;
    const auto size = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (size == 0 || (size < 0 && errno != EAGAIN)) return Close(number);
    if (size > 0) connection.in.append(buffer.data(), static_cast<std::size_t>(size));
    while (connection.in.size() >= 2) {
      const std::size_t length = static_cast<std::size_t>(static_cast<unsigned char>(connection.in[0]) << 8 |
                                                          static_cast<unsigned char>(connection.in[1]));
      if (connection.in.size() < 2 + length) break;
      const std::string question = connection.in.substr(2, length);
      connection.in.erase(0, 2 + length);
      Answer(question, {.bytes = {}, .connection = number});
      if (!connections.contains(number)) return;
    }
    Flush(number);
  }

  void Close(std::size_t number) {
    ::close(connections.at(number).first);
    connections.erase(number);
  }

  void Answer(std::string_view question, Due due) {
    std::chrono::milliseconds wait{};
    {
      std::lock_guard lock(mutex);
      std::optional<FakeDnsQuery> heard;
      const auto answer = zone.Answer(question, due.connection != 0, switches, heard);
      if (heard) asked.push_back(std::move(*heard));
      if (!answer) return;
      due.bytes = *answer;
      wait = delay;
    }
    if (wait.count() == 0) return Send(std::move(due));
    waiting.emplace(Clock::now() + wait, std::move(due));
  }

  void Send(Due due) {
    if (due.connection == 0) {
      ::sendto(udp, due.bytes.data(), due.bytes.size(), 0, reinterpret_cast<const sockaddr*>(&due.peer),
               sizeof due.peer);
      return;
    }
    const auto found = connections.find(due.connection);
    if (found == connections.end()) return;
    Put16(found->second.second.out, static_cast<std::uint32_t>(due.bytes.size()));
    found->second.second.out += due.bytes;
    Flush(due.connection);
  }

  void Flush(std::size_t number) {
    auto& [socket, connection] = connections.at(number);
    const auto size = ::send(socket, connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
    if (size < 0 && errno != EAGAIN) return Close(number);
    if (size > 0) connection.out.erase(0, static_cast<std::size_t>(size));
    Watch(EPOLL_CTL_MOD, socket, number, connection.out.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT);
  }

  template <class Change>
  void Locked(Change change) {
    std::lock_guard lock(mutex);
    change();
  }

  ~Impl() {
    if (thread.joinable()) {
      ::eventfd_write(stop, 1);
      thread.join();
    }
    for (const auto& [number, connection] : connections) ::close(connection.first);
    for (const int descriptor : {udp, tcp, stop, poll}) {
      if (descriptor >= 0) ::close(descriptor);
    }
  }
};

FakeDnsServer::FakeDnsServer() : impl_(std::make_unique<Impl>()) {
  impl_->Open();
}
FakeDnsServer::~FakeDnsServer() = default;

std::string FakeDnsServer::address() const {
  return "127.0.0.1:" + std::to_string(impl_->port);
}
int FakeDnsServer::port() const {
  return impl_->port;
}

void FakeDnsServer::Add(const FakeDnsName& name, int type, std::string rdata, std::uint32_t ttl) {
  impl_->Locked([&] { impl_->zone.Add(name, type, std::move(rdata), ttl); });
}
void FakeDnsServer::Behave(const FakeDnsName& name, Behaviour behaviour) {
  impl_->Locked([&] { impl_->zone.Behave(name, std::nullopt, behaviour); });
}
void FakeDnsServer::Behave(const FakeDnsName& name, int type, Behaviour behaviour) {
  impl_->Locked([&] { impl_->zone.Behave(name, type, behaviour); });
}
void FakeDnsServer::Clear() {
  impl_->Locked([&] {
    impl_->zone = {};
    impl_->asked.clear();
  });
}
void FakeDnsServer::Use(FakeDnsZone zone) {
  impl_->Locked([&] { impl_->zone = std::move(zone); });
}

void FakeDnsServer::SetTruncateAll(bool on) {
  impl_->Locked([&] { impl_->switches.truncate_all = on; });
}
void FakeDnsServer::SetSilenceAll(bool on) {
  impl_->Locked([&] { impl_->switches.silence_all = on; });
}
void FakeDnsServer::SetAuthenticated(bool on) {
  impl_->Locked([&] { impl_->switches.authenticated = on; });
}
void FakeDnsServer::SetExactNamesOnly(bool on) {
  impl_->Locked([&] { impl_->switches.exact_names_only = on; });
}
void FakeDnsServer::SetUnderstandEdns(bool on) {
  impl_->Locked([&] { impl_->switches.understand_edns = on; });
}
void FakeDnsServer::SetChase(int aliases) {
  impl_->Locked([&] { impl_->switches.chase = aliases; });
}
void FakeDnsServer::SetDelay(std::chrono::milliseconds time) {
  impl_->Locked([&] { impl_->delay = time; });
}

std::vector<FakeDnsQuery> FakeDnsServer::Asked() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->asked;
}
std::size_t FakeDnsServer::Count() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->asked.size();
}
std::size_t FakeDnsServer::Count(const FakeDnsName& name, std::optional<int> type) const {
  const std::string text = name.Text();
  std::lock_guard lock(impl_->mutex);
  return static_cast<std::size_t>(std::count_if(impl_->asked.begin(), impl_->asked.end(), [&](const auto& query) {
    return ::strcasecmp(query.name.c_str(), text.c_str()) == 0 && (!type || query.type == *type);
  }));
}

}  // namespace sealpost::tests
