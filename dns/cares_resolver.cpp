#include "dns/cares_resolver.h"

#include <ares.h>
#include <sys/socket.h>

#include <condition_variable>
#include <cstring>
#include <mutex>
#include <new>
#include <optional>
#include <random>
#include <stdexcept>
#include <unordered_map>

#include "dns/ask_loop.h"
#include "dns/name.h"

namespace sealpost::dns {
namespace {

constexpr int kReceiveBuffer = 1 << 20;

Status CarriedBy(int code) {
  switch (code) {
    case ARES_SUCCESS:
      return Status::kAnswer;
    case ARES_ETIMEOUT:
      return Status::kTimeout;
    case ARES_EBADRESP:
    case ARES_EFORMERR:
      return Status::kMalformed;
    default:
      return Status::kUnreachable;
  }
}

struct DestroyChannel {
  void operator()(ares_channel channel) const noexcept { ares_destroy(channel); }
};
using AresChannel = std::unique_ptr<std::remove_pointer_t<ares_channel>, DestroyChannel>;

AresChannel MakeChannel(ares_options options, int mask) {
  ares_channel channel = nullptr;
  const int code = ares_init_options(&channel, &options, mask);
  if (code == ARES_ENOMEM) throw std::bad_alloc();
  if (code != ARES_SUCCESS) throw std::runtime_error(std::string("c-ares: ") + ares_strerror(code));
  return AresChannel(channel);
}

std::vector<Server> SystemServers() {
  const AresChannel channel = MakeChannel({}, 0);
  ares_addr_port_node* nodes = nullptr;
  if (ares_get_servers_ports(channel.get(), &nodes) != ARES_SUCCESS) return {};
  const std::unique_ptr<ares_addr_port_node, decltype([](void* list) noexcept { ares_free_data(list); })> owner(nodes);
  std::vector<Server> servers;
  for (; nodes != nullptr; nodes = nodes->next) {
    Server server;
    server.ip.v6 = nodes->family == AF_INET6;
    std::memcpy(server.ip.bytes.data(), &nodes->addr, server.ip.v6 ? 16 : 4);
    if (nodes->udp_port != 0) server.port = static_cast<std::uint16_t>(nodes->udp_port);
    servers.push_back(server);
  }
  return servers;
}

// c-ares for one server. Results are put aside, because its callbacks may run inside Send() and while it is destroyed.
class Channel final : public Carrier {
 public:
  Channel(const Server& server, std::chrono::milliseconds patience, Dock& dock) : dock_(dock) {
    ares_options options{};
    char lookups[] = "b";
    options.flags = ARES_FLAG_NOCHECKRESP | ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS;
    options.timeout = static_cast<int>(patience.count());
    options.tries = 1;
    options.lookups = lookups;
    options.ednspsz = kUdpPayload;
    options.socket_receive_buffer_size = kReceiveBuffer;
    options.sock_state_cb = &Channel::OnSocket;
    options.sock_state_cb_data = this;
    channel_ =
        MakeChannel(options, ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
                                 ARES_OPT_DOMAINS | ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_RCVBUF | ARES_OPT_SOCK_STATE_CB);
    ares_addr_port_node node{};
    node.family = server.ip.v6 ? AF_INET6 : AF_INET;
    std::memcpy(&node.addr, server.ip.bytes.data(), server.ip.v6 ? 16 : 4);
    node.udp_port = node.tcp_port = server.port;
    ares_set_servers_ports(channel_.get(), &node);
  }

  bool idle() const override { return flights_.empty(); }

  void Send(std::uint64_t serial, unsigned attempt, const Query& query) override {
    const std::optional<std::uint16_t> id = FreeId();
    if (!id) {
      dock_.heard.push_back({serial, attempt, {}});
      return;
    }
    Flight& flight = flights_[*id] = {this, *id, serial, attempt};
    const std::vector<std::uint8_t> bytes = QueryBytes(query, *id);
    ares_send(channel_.get(), bytes.data(), static_cast<int>(bytes.size()), &Channel::OnDone, &flight);
  }

  void Process(int socket, bool readable, bool writable) override {
    int type = SOCK_DGRAM;
    socklen_t size = sizeof type;
    getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size);
    reading_tcp_ = type == SOCK_STREAM;
    ares_process_fd(channel_.get(), readable ? socket : ARES_SOCKET_BAD, writable ? socket : ARES_SOCKET_BAD);
    reading_tcp_ = false;
  }

  void Tick() override { ares_process_fd(channel_.get(), ARES_SOCKET_BAD, ARES_SOCKET_BAD); }

 private:
  struct Flight {
    Channel* channel;
    std::uint16_t id;
    std::uint64_t serial;
    unsigned attempt;
  };

  // c-ares 1.18 sends the id it is given, and an id that can be guessed is half of a forged answer.
  std::optional<std::uint16_t> FreeId() {
    if (flights_.size() > UINT16_MAX / 2) return std::nullopt;
    while (true) {
      const auto id = static_cast<std::uint16_t>(random_());
      if (!flights_.contains(id)) return id;
    }
  }

  static void OnDone(void* argument, int code, int, unsigned char* bytes, int size) noexcept {
    const Flight flight = *static_cast<Flight*>(argument);
    Channel& self = *flight.channel;
    Reply reply;
    reply.carried = CarriedBy(code);
    // Some codes come with the message that caused them.
    if (bytes != nullptr && size > 0) {
      reply.carried = Status::kAnswer;
      reply.bytes.assign(bytes, bytes + size);
    }
    reply.over_tcp = self.reading_tcp_;
    self.dock_.heard.push_back({flight.serial, flight.attempt, std::move(reply)});
    self.flights_.erase(flight.id);
  }

  static void OnSocket(void* argument, ares_socket_t socket, int readable, int writable) noexcept {
    Channel& self = *static_cast<Channel*>(argument);
    self.dock_.poller.Watch(socket, readable != 0, writable != 0);
    if (readable != 0 || writable != 0) {
      self.dock_.by_socket[socket] = &self;
    } else {
      self.dock_.by_socket.erase(socket);
    }
  }

  Dock& dock_;
  std::random_device random_;
  bool reading_tcp_ = false;
  std::unordered_map<std::uint16_t, Flight> flights_;
  AresChannel channel_;  // last: its end calls back into the above
};

CaresOptions Complete(CaresOptions options) {
  if (options.servers.empty()) options.servers = SystemServers();
  return options;
}

std::unique_ptr<Carrier> OpenChannel(const Server& server, std::chrono::milliseconds patience, Dock& dock) {
  return std::make_unique<Channel>(server, patience, dock);
}

}  // namespace

class CaresResolver::Loop final : public AskLoop {
 public:
  explicit Loop(CaresOptions options) : AskLoop(Complete(std::move(options)), &OpenChannel) {}
};

CaresResolver::CaresResolver(CaresOptions options) : loop_(std::make_unique<Loop>(std::move(options))) {}

CaresResolver::~CaresResolver() = default;

Answer CaresResolver::Ask(const Question& question, Deadline deadline) {
  struct Waiting {
    std::mutex mutex;
    std::condition_variable arrived;
    std::optional<Answer> answer;
  };
  const auto waiting = std::make_shared<Waiting>();
  Start(question, deadline, [waiting](Answer answer) {
    const std::lock_guard lock(waiting->mutex);
    waiting->answer = std::move(answer);
    waiting->arrived.notify_one();
  });
  std::unique_lock lock(waiting->mutex);
  waiting->arrived.wait(lock, [&] { return waiting->answer.has_value(); });
  return std::move(*waiting->answer);
}

void CaresResolver::Start(const Question& question, Deadline deadline, Done done) {
  if (IsQueryable(question.name)) return loop_->Start(question, deadline, std::move(done));
  Answer answer;
  answer.status = Status::kBadName;
  answer.detail = "a name has labels of 1 to 63 bytes and 253 bytes in all";
  done(std::move(answer));
}

std::vector<Server> CaresResolver::Servers() const {
  return loop_->servers();
}

}  // namespace sealpost::dns
