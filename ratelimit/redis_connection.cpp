#include "ratelimit/redis_connection.h"

#include <hiredis/hiredis.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

namespace sealpost::ratelimit {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using Failure = std::unexpected<std::string>;

constexpr std::string_view kForms = "use redis://HOST:PORT/DB or redis+unix:///path/to.sock";

struct FreeContext {
  void operator()(redisContext* context) const noexcept { redisFree(context); }
};
struct FreeReply {
  void operator()(redisReply* reply) const noexcept { freeReplyObject(reply); }
};

template <class Number>
std::optional<Number> ParseNumber(std::string_view text, Number least, Number most) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most) return std::nullopt;
  return value;
}

std::expected<RedisAddress, std::string> ParseUnix(std::string_view path) {
  if (path.size() < 2 || path.front() != '/') {
    return Failure("the Redis address needs an absolute socket path: redis+unix:///path/to.sock");
  }
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    return Failure("the Redis socket path is longer than the 107 bytes a unix socket can have; use a shorter path");
  }
  RedisAddress address;
  address.path = path;
  return address;
}

// HOST, HOST:PORT, [IPV6] or [IPV6]:PORT.
std::expected<RedisAddress, std::string> ParseHost(std::string_view authority) {
  RedisAddress address;
  std::string_view port;
  bool has_port = false;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return Failure("the Redis address has an IPv6 host without its closing ]");
    address.host = authority.substr(1, close - 1);
    const std::string_view rest = authority.substr(close + 1);
    has_port = rest.starts_with(':');
    if (!rest.empty() && !has_port) return Failure("the Redis address has text after ]; " + std::string(kForms));
    if (has_port) port = rest.substr(1);
  } else {
    const std::size_t colon = authority.find(':');
    has_port = colon != std::string_view::npos;
    address.host = authority.substr(0, colon);
    if (has_port) port = authority.substr(colon + 1);
  }
  if (address.host.empty()) return Failure("the Redis address has no host; " + std::string(kForms));
  if (!has_port) return address;
  const auto number = ParseNumber<std::uint16_t>(port, 1, 65535);
  if (!number) return Failure("the port of the Redis address must be a number from 1 to 65535");
  address.port = *number;
  return address;
}

std::expected<RedisAddress, std::string> ParseTcp(std::string_view rest) {
  const std::size_t slash = rest.find('/');
  auto address = ParseHost(rest.substr(0, slash));
  if (!address || slash == std::string_view::npos || slash + 1 == rest.size()) return address;
  const auto database = ParseNumber<std::uint32_t>(rest.substr(slash + 1), 0, 65535);
  if (!database) return Failure("the database of the Redis address must be a number, as in redis://127.0.0.1:6379/0");
  address->database = *database;
  return address;
}

RedisReply Convert(const redisReply& reply) {
  using Kind = RedisReply::Kind;
  RedisReply out;
  switch (reply.type) {
    case REDIS_REPLY_INTEGER:
      out.kind = Kind::kInteger;
      out.integer = reply.integer;
      break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_ERROR:
      out.kind = reply.type == REDIS_REPLY_ERROR ? Kind::kError : Kind::kText;
      out.text.assign(reply.str, reply.len);
      break;
    case REDIS_REPLY_ARRAY:
      out.kind = Kind::kList;
      out.list.reserve(reply.elements);
      for (std::size_t i = 0; i < reply.elements; ++i) out.list.push_back(Convert(*reply.element[i]));
      break;
    default:
      break;
  }
  return out;
}

std::string SystemError(int code) {
  return "Redis connection: " + std::system_category().message(code);
}

}  // namespace

void AppendCommand(std::string& out, const RedisCommand& command) {
  out += '*' + std::to_string(command.size()) + "\r\n";
  for (const std::string_view word : command) {
    out += '$' + std::to_string(word.size()) + "\r\n";
    out.append(word).append("\r\n");
  }
}

std::expected<RedisAddress, std::string> ParseRedisAddress(std::string_view url, std::string username,
                                                           std::string password) {
  constexpr std::string_view kTcp = "redis://";
  constexpr std::string_view kUnix = "redis+unix://";
  if (url.starts_with("rediss://")) {
    return Failure(
        "rediss:// is not supported: run a TLS tunnel (stunnel, for one) beside this service and give its "
        "local address as redis://127.0.0.1:PORT/DB");
  }
  const bool unix_socket = url.starts_with(kUnix);
  if (!unix_socket && !url.starts_with(kTcp)) {
    return Failure("not a Redis address; " + std::string(kForms));
  }
  // Not echoed: what stands before the @ may be a password.
  if (url.contains('@')) {
    return Failure("credentials do not belong into the Redis address; give username and password beside it");
  }
  if (url.find_first_of("?#") != std::string_view::npos) {
    return Failure("the Redis address takes no ? or # part; " + std::string(kForms));
  }
  auto address = unix_socket ? ParseUnix(url.substr(kUnix.size())) : ParseTcp(url.substr(kTcp.size()));
  if (!address) return address;
  if (!username.empty() && password.empty()) return Failure("a Redis username needs a password beside it");
  address->username = std::move(username);
  address->password = std::move(password);
  return address;
}

struct RedisConnection::Impl {
  std::unique_ptr<redisContext, FreeContext> context;

  std::expected<void, std::string> WaitFor(short events, Clock::time_point deadline) const {
    while (true) {
      const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now()).count();
      if (left <= 0) return Failure("Redis did not answer in time");
      pollfd ready{.fd = context->fd, .events = events, .revents = 0};
      const int count = ::poll(&ready, 1, static_cast<int>(left));
      if (count > 0) return {};
      if (count < 0 && errno != EINTR) return Failure(SystemError(errno));
    }
  }

  // Not by hiredis: its plain write would raise SIGPIPE, and a full socket would block past the deadline.
  std::expected<void, std::string> Send(std::string_view bytes, Clock::time_point deadline) const {
    while (!bytes.empty()) {
      const ssize_t count = ::send(context->fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (count >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(count));
      } else if (errno == EAGAIN) {
        if (const auto waited = WaitFor(POLLOUT, deadline); !waited) return waited;
      } else if (errno != EINTR) {
        return Failure(SystemError(errno));
      }
    }
    return {};
  }

  // Takes a reply out of what has been read; nothing: it is not whole yet.
  std::expected<std::optional<RedisReply>, std::string> TakeReply() const {
    void* raw = nullptr;
    if (redisGetReplyFromReader(context.get(), &raw) != REDIS_OK) return Failure(Reason());
    const std::unique_ptr<redisReply, FreeReply> reply(static_cast<redisReply*>(raw));
    if (!reply) return std::nullopt;
    return Convert(*reply);
  }

  // Adds what has arrived, at least one.
  std::expected<void, std::string> Receive(std::vector<RedisReply>& replies, Clock::time_point deadline) const {
    for (const std::size_t before = replies.size();;) {
      auto reply = TakeReply();
      if (!reply) return Failure(std::move(reply.error()));
      if (*reply) {
        replies.push_back(std::move(**reply));
        continue;
      }
      if (replies.size() > before) return {};
      if (const auto waited = WaitFor(POLLIN, deadline); !waited) return waited;
      if (redisBufferRead(context.get()) != REDIS_OK) return Failure(Reason());
    }
  }

  std::string Reason() const { return std::string("Redis connection: ") + context->errstr; }
};

RedisConnection::RedisConnection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RedisConnection::RedisConnection(RedisConnection&&) noexcept = default;
RedisConnection& RedisConnection::operator=(RedisConnection&&) noexcept = default;
RedisConnection::~RedisConnection() = default;

std::expected<RedisConnection, std::string> RedisConnection::Open(const RedisAddress& address, milliseconds timeout) {
  const timeval limit{.tv_sec = timeout.count() / 1000, .tv_usec = (timeout.count() % 1000) * 1000};
  auto impl = std::make_unique<Impl>();
  impl->context.reset(address.host.empty() ? redisConnectUnixWithTimeout(address.path.c_str(), limit)
                                           : redisConnectWithTimeout(address.host.c_str(), address.port, limit));
  if (!impl->context) return Failure("Redis connection: out of memory");
  if (impl->context->err != 0) return Failure(impl->Reason());
  RedisConnection connection(std::move(impl));

  const std::string database = std::to_string(address.database);
  std::vector<RedisCommand> commands;
  if (!address.password.empty()) {
    commands.push_back({"AUTH"});
    if (!address.username.empty()) commands.back().push_back(address.username);
    commands.back().push_back(address.password);
  }
  if (address.database != 0) commands.push_back({"SELECT", database});
  const auto replies = connection.Run(commands, timeout);
  if (!replies) return Failure(replies.error());
  for (const RedisReply& reply : *replies) {
    if (reply.kind == RedisReply::Kind::kError) return Failure("Redis refused the connection: " + reply.text);
  }
  return connection;
}

std::expected<std::vector<RedisReply>, std::string> RedisConnection::Run(std::span<const RedisCommand> commands,
                                                                         milliseconds timeout) {
  const Clock::time_point deadline = Clock::now() + timeout;
  std::string bytes;
  for (const RedisCommand& command : commands) AppendCommand(bytes, command);
  if (const auto sent = impl_->Send(bytes, deadline); !sent) return Failure(sent.error());
  std::vector<RedisReply> replies;
  replies.reserve(commands.size());
  while (replies.size() < commands.size()) {
    if (const auto received = impl_->Receive(replies, deadline); !received) return Failure(received.error());
  }
  return replies;
}

std::expected<void, std::string> RedisConnection::Send(std::string_view bytes, milliseconds timeout) {
  return impl_->Send(bytes, Clock::now() + timeout);
}

std::expected<std::vector<RedisReply>, std::string> RedisConnection::Receive(milliseconds timeout) {
  std::vector<RedisReply> replies;
  if (const auto received = impl_->Receive(replies, Clock::now() + timeout); !received) {
    return Failure(received.error());
  }
  return replies;
}

void RedisConnection::Shutdown() const {
  ::shutdown(impl_->context->fd, SHUT_RDWR);
}

}  // namespace sealpost::ratelimit
