#include "api/dev/dns_server.h"

#include <doctest/doctest.h>

#include <vector>

#include "tests/support/http_client.h"

using namespace sealpost;

namespace {

// A length and a question for localhost, A.
const std::string kQuestion("\0\x1b\x12\x34\x01\0\0\1\0\0\0\0\0\0\x09localhost\0\0\1\0\1", 29);

std::vector<dev::Record> Localhost(std::string_view) {
  return {{"localhost", "A", "127.0.0.1"}};
}

std::unique_ptr<dev::DnsServer> Started(base::Log& log) {
  auto server = dev::DnsServer::Start("127.0.0.1", 0, Localhost, log);
  REQUIRE(server);
  return std::move(*server);
}

std::uint16_t Port(const dev::DnsServer& server) {
  return static_cast<std::uint16_t>(server.port());
}

bool Answered(tests::RawConnection& connection) {
  return connection.ReceiveUntil(std::string("\x7f\0\0\1", 4));
}

}  // namespace

TEST_CASE("a question that comes in pieces, and several in one piece, are answered") {
  base::Log log(base::LogLevel::kError);
  const auto server = Started(log);
  tests::RawConnection connection(Port(*server));
  for (const char byte : kQuestion) REQUIRE(connection.Send(std::string(1, byte)));
  CHECK(Answered(connection));
  connection.Take();
  std::string many;
  for (int i = 0; i < 500; ++i) many += kQuestion;
  REQUIRE(connection.Send(many));
  std::size_t received = 0;
  while (received < 500 * 45 && connection.Receive() == tests::RawConnection::Event::kMore) {
    received += connection.Take().size();
  }
  CHECK(received == 500 * 45);
}

TEST_CASE("a port in use is an error that names it") {
  base::Log log(base::LogLevel::kError);
  const auto server = Started(log);
  const auto second = dev::DnsServer::Start("127.0.0.1", server->port(), Localhost, log);
  REQUIRE_FALSE(second);
  CHECK(second.error().message == "127.0.0.1:" + std::to_string(server->port()) + " is in use");
}

TEST_CASE("what cannot be listened on is an error") {
  base::Log log(base::LogLevel::kError);
  CHECK_FALSE(dev::DnsServer::Start("no address", 0, Localhost, log));
  CHECK_FALSE(dev::DnsServer::Start("192.0.2.1", 0, Localhost, log));
}

TEST_CASE("more connections than there are places wait for one and are answered then") {
  base::Log log(base::LogLevel::kError);
  const auto server = Started(log);
  std::vector<tests::RawConnection> idle;
  for (int i = 0; i < 64; ++i) idle.emplace_back(Port(*server));
  tests::RawConnection one_more(Port(*server));
  REQUIRE(one_more.Send(kQuestion));
  idle.clear();
  CHECK(Answered(one_more));
}

TEST_CASE("it stops at once with connections open") {
  base::Log log(base::LogLevel::kError);
  auto server = Started(log);
  tests::RawConnection connection(Port(*server));
  REQUIRE(connection.Send(kQuestion));
  CHECK(Answered(connection));
  server.reset();
  CHECK(connection.ReceiveUntilClosed());
}
