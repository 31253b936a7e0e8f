#include "ratelimit/redis_connection.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/ratelimit/redis.h"

using namespace sealpost::ratelimit;
using sealpost::tests::AddressOf;
using sealpost::tests::kPatience;
using sealpost::tests::RedisServer;
using std::chrono::milliseconds;

namespace {

std::string ErrorOf(std::string_view url) {
  const auto address = ParseRedisAddress(url);
  return address ? "" : address.error();
}

bool Says(const std::string& error, std::string_view part) {
  return error.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a TCP address has a host, a port and a database") {
  const auto full = ParseRedisAddress("redis://cache.example:6380/3");
  REQUIRE(full);
  CHECK(full->host == "cache.example");
  CHECK(full->port == 6380);
  CHECK(full->database == 3);
  CHECK(full->path.empty());
}

TEST_CASE("port and database may be left out") {
  for (const char* url : {"redis://127.0.0.1", "redis://127.0.0.1/", "redis://127.0.0.1:6379", "redis://127.0.0.1/0"}) {
    CAPTURE(url);
    const auto address = ParseRedisAddress(url);
    REQUIRE(address);
    CHECK(address->host == "127.0.0.1");
    CHECK(address->port == 6379);
    CHECK(address->database == 0);
  }
}

TEST_CASE("an IPv6 host stands in brackets") {
  const auto address = ParseRedisAddress("redis://[::1]:6380/1");
  REQUIRE(address);
  CHECK(address->host == "::1");
  CHECK(address->port == 6380);
  CHECK(ParseRedisAddress("redis://[::1]")->port == 6379);
}

TEST_CASE("a unix socket has a path") {
  const auto address = ParseRedisAddress("redis+unix:///run/redis/redis.sock");
  REQUIRE(address);
  CHECK(address->host.empty());
  CHECK(address->path == "/run/redis/redis.sock");
}

TEST_CASE("credentials come beside the address") {
  const auto address = ParseRedisAddress("redis://127.0.0.1", "mailer", "secret");
  REQUIRE(address);
  CHECK(address->username == "mailer");
  CHECK(address->password == "secret");
  CHECK(Says(ParseRedisAddress("redis://127.0.0.1", "mailer").error(), "needs a password"));
}

TEST_CASE("a password in the address is refused and not repeated") {
  const std::string error = ErrorOf("redis://mailer:hunter2@127.0.0.1");
  CHECK(Says(error, "beside it"));
  CHECK_FALSE(Says(error, "hunter2"));
}

TEST_CASE("rediss:// is refused with the way out") {
  CHECK(Says(ErrorOf("rediss://127.0.0.1"), "TLS tunnel"));
}

TEST_CASE("addresses that are none are refused with the remedy") {
  for (const char* url : {"", "redis", "127.0.0.1:6379", "unix:///x", "http://x", "redis://", "redis://:6379",
                          "redis:///0", "redis://[::1", "redis://[::1]x", "redis://[]"}) {
    CAPTURE(url);
    CHECK(Says(ErrorOf(url), "Redis"));
  }
  for (const char* port : {"0", "65536", "x", "", "-1", "6379x"}) {
    CHECK(Says(ErrorOf("redis://127.0.0.1:" + std::string(port)), "1 to 65535"));
  }
  for (const char* database : {"x", "-1", "1/2", "99999"}) {
    CHECK(Says(ErrorOf("redis://127.0.0.1/" + std::string(database)), "database"));
  }
  CHECK(Says(ErrorOf("redis://127.0.0.1/0?x=1"), "? or #"));
  CHECK(Says(ErrorOf("redis+unix://relative.sock"), "absolute"));
  CHECK(Says(ErrorOf("redis+unix:///"), "absolute"));
  CHECK(Says(ErrorOf("redis+unix:///" + std::string(107, 'x')), "107"));
  CHECK(ErrorOf("redis+unix:///" + std::string(106, 'x')).empty());
}

TEST_CASE("replies come back in the order of the commands, whatever their bytes") {
  RedisServer server;
  auto connection = RedisConnection::Open(AddressOf(server), kPatience);
  REQUIRE(connection);
  const std::string binary("a\r\n$3\r\n\0b", 9);
  const std::vector<RedisCommand> commands{{"SET", "k", binary}, {"GET", "k"},  {"INCR", "n"},
                                           {"GET", "none"},      {"INCR", "k"}, {"MGET", "k", "none"}};
  const auto replies = connection->Run(commands, kPatience);
  REQUIRE(replies);
  using Kind = RedisReply::Kind;
  CHECK((*replies)[0].text == "OK");
  CHECK((*replies)[1].text == binary);
  CHECK((*replies)[2].kind == Kind::kInteger);
  CHECK((*replies)[2].integer == 1);
  CHECK((*replies)[3].kind == Kind::kNil);
  CHECK((*replies)[4].kind == Kind::kError);
  CHECK(Says((*replies)[4].text, "ERR"));
  REQUIRE((*replies)[5].list.size() == 2);
  CHECK((*replies)[5].list[0].text == binary);
}

TEST_CASE("more than a socket buffer goes out in one run") {
  RedisServer server;
  auto connection = RedisConnection::Open(AddressOf(server), kPatience);
  REQUIRE(connection);
  const std::string large(100'000, 'x');
  const std::vector<RedisCommand> commands(100, {"ECHO", large});
  const auto replies = connection->Run(commands, kPatience);
  REQUIRE(replies);
  CHECK(replies->size() == 100);
  CHECK(replies->back().text == large);
}

TEST_CASE("password and database are in force") {
  RedisServer server({"--requirepass", "secret"});
  RedisAddress address = AddressOf(server);
  auto refused = RedisConnection::Open(address, kPatience);
  REQUIRE(refused);  // the server lets in, and refuses the first command
  const std::vector<RedisCommand> ping{{"PING"}};
  CHECK(Says(refused->Run(ping, kPatience)->front().text, "NOAUTH"));
  address.password = "wrong";
  CHECK(Says(RedisConnection::Open(address, kPatience).error(), "WRONGPASS"));
  address.password = "secret";
  address.username = "default";
  address.database = 3;
  auto connection = RedisConnection::Open(address, kPatience);
  REQUIRE(connection);
  const std::vector<RedisCommand> info{{"CLIENT", "INFO"}};
  CHECK(Says(connection->Run(info, kPatience)->front().text, "db=3"));
  address.database = 9999;
  CHECK(Says(RedisConnection::Open(address, kPatience).error(), "refused the connection"));
}

TEST_CASE("nobody there is an error") {
  const auto connection = RedisConnection::Open(*ParseRedisAddress("redis+unix:///nowhere/redis.sock"), kPatience);
  REQUIRE_FALSE(connection);
  CHECK(Says(connection.error(), "No such file"));
  CHECK_FALSE(RedisConnection::Open(*ParseRedisAddress("redis://127.0.0.1:1"), kPatience));
}

TEST_CASE("a server that died is an error, not a signal") {
  RedisServer server;
  auto connection = RedisConnection::Open(AddressOf(server), kPatience);
  REQUIRE(connection);
  server.Kill();
  const std::vector<RedisCommand> ping{{"PING"}};
  CHECK_FALSE(connection->Run(ping, kPatience));
  CHECK_FALSE(connection->Run(ping, kPatience));
}

TEST_CASE("a server that does not answer is given up at the deadline") {
  RedisServer server;
  auto connection = RedisConnection::Open(AddressOf(server), kPatience);
  REQUIRE(connection);
  server.Freeze();
  const std::vector<RedisCommand> ping{{"PING"}};
  const auto silent = connection->Run(ping, milliseconds(10));
  REQUIRE_FALSE(silent);
  CHECK(Says(silent.error(), "in time"));
  // Too much for the socket's buffers, so that already the writing must stop.
  const std::string large(10'000'000, 'x');
  const std::vector<RedisCommand> echo{{"ECHO", large}};
  CHECK(Says(connection->Run(echo, milliseconds(10)).error(), "in time"));
  server.Thaw();
}
