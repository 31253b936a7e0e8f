// One connection to one Redis: the only door to hiredis. Commands go out together and their replies come back in the
// same order, under one deadline.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sealpost::ratelimit {

struct RedisAddress {
  std::string host;  // empty: `path` is a unix socket
  std::uint16_t port = 6379;
  std::string path;
  std::uint32_t database = 0;
  std::string username;  // empty: Redis' default user
  std::string password;  // empty: no AUTH
};

// Reads redis://HOST:PORT/DB (port and database may be left out; IPv6 in brackets) or redis+unix:///path/to.sock.
// Credentials come beside the address, never in it. The error names what is wrong and the remedy, never a secret.
std::expected<RedisAddress, std::string> ParseRedisAddress(std::string_view url, std::string username = {},
                                                           std::string password = {});

struct RedisReply {
  enum class Kind { kNil, kInteger, kText, kError, kList };
  Kind kind = Kind::kNil;
  std::int64_t integer = 0;
  std::string text;  // kText: the bytes; kError: Redis' sentence, its first word the code
  std::vector<RedisReply> list;
};

using RedisCommand = std::vector<std::string_view>;

// Adds the command as it travels.
void AppendCommand(std::string& out, const RedisCommand& command);

// Not thread safe, but that one thread may Send while another one Receives; may move between threads. After an error
// the connection is of no further use: replies still on the way would answer the wrong commands. Never raises SIGPIPE.
class RedisConnection {
 public:
  // Connects, authenticates and selects the database. A host name is resolved by the system, which no timeout of
  // ours covers: give an address where that matters.
  static std::expected<RedisConnection, std::string> Open(const RedisAddress& address,
                                                          std::chrono::milliseconds timeout);
  RedisConnection(RedisConnection&&) noexcept;
  RedisConnection& operator=(RedisConnection&&) noexcept;
  ~RedisConnection();

  // One reply per command, in order; a reply of kind kError is a reply, not an error. The views in `commands` need to
  // live until the call returns.
  std::expected<std::vector<RedisReply>, std::string> Run(std::span<const RedisCommand> commands,
                                                          std::chrono::milliseconds timeout);

  // The two halves of Run. `bytes` are whole commands; replies come in their order, as many as have arrived and at
  // least one.
  std::expected<void, std::string> Send(std::string_view bytes, std::chrono::milliseconds timeout);
  std::expected<std::vector<RedisReply>, std::string> Receive(std::chrono::milliseconds timeout);
  // Thread safe: lets what waits in Send and Receive fail at once.
  void Shutdown() const;

 private:
  struct Impl;
  explicit RedisConnection(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sealpost::ratelimit
