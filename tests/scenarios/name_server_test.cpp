#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "tests/scenarios/steps.h"

using namespace sealpost::scenarios;

namespace {

constexpr char kA = 1, kMx = 15, kTxt = 16;

std::uint16_t DnsPort(const Sealpost& service) {
  const std::string mark = " dns 127.0.0.1:";
  const std::size_t at = service.ready_line().find(mark);
  REQUIRE(at != std::string::npos);
  return static_cast<std::uint16_t>(std::stoi(service.ready_line().substr(at + mark.size())));
}

std::string Question(const std::string& name, char type) {
  std::string bytes("\x12\x34\x01\0\0\1\0\0\0\0\0\0", 12);
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t end = std::min(name.find('.', at), name.size());
    bytes += static_cast<char>(end - at) + name.substr(at, end - at);
    at = end + 1;
  }
  return bytes + std::string{0, 0, type, 0, 1};
}

// The answer's datagram; empty if none came.
std::string OverUdp(std::uint16_t port, const std::string& question) {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address);
  ::send(socket, question.data(), question.size(), 0);
  pollfd waiting{socket, POLLIN, 0};
  std::array<char, 2048> bytes;
  const ssize_t size = ::poll(&waiting, 1, 20'000) == 1 ? ::recv(socket, bytes.data(), bytes.size(), 0) : 0;
  ::close(socket);
  return {bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
}

std::string Framed(const std::string& message) {
  return std::string{static_cast<char>(message.size() >> 8), static_cast<char>(message.size() & 0xff)} + message;
}

std::string OneMessage(tests::RawConnection& connection) {
  const auto& received = connection.received();
  const auto byte = [&](std::size_t at) { return static_cast<std::size_t>(static_cast<unsigned char>(received[at])); };
  while (received.size() < 2 || received.size() < 2 + (byte(0) << 8 | byte(1))) {
    if (connection.Receive() != tests::RawConnection::Event::kMore) return "";
  }
  return connection.Take(2 + (byte(0) << 8 | byte(1))).substr(2);
}

int Code(const std::string& answer) {
  return answer.size() < 12 ? -1 : answer[3] & 15;
}

bool Truncated(const std::string& answer) {
  return answer.size() >= 12 && (answer[2] & 2) != 0;
}

}  // namespace

TEST_CASE("development answers for the domains it has sent from, over UDP and TCP") {
  TempFolder folder;
  Sealpost service = StartDev(folder, {"--dns", "127.0.0.1:0"});
  const std::uint16_t port = DnsPort(service);
  CHECK(Code(OverUdp(port, Question("acme.example", kTxt))) == 3);
  Send(service, Message("ann@example.com"));
  AwaitMail(service, "ann@example.com");

  CHECK(Holds(OverUdp(port, Question("acme.example", kTxt)), "v=spf1 ip4:127.0.0.1 -all"));
  CHECK(Holds(OverUdp(port, Question("_dmarc.ACME.example", kTxt)), "p=quarantine"));
  CHECK(Holds(OverUdp(port, Question("bounce.acme.example", kMx)), "localhost"));
  CHECK(OverUdp(port, Question("localhost", kA)).ends_with(std::string("\x7f\0\0\1", 4)));
  CHECK(Code(OverUdp(port, Question("_domainkey.acme.example", kTxt))) == 0);
  CHECK(Code(OverUdp(port, Question("nothing.acme.example", kTxt))) == 3);

  // An RSA key of 2048 bits does not fit 512 bytes beside its question and header every time; TCP has it in any case.
  const std::string key = Question("dev-rsa._domainkey.acme.example", kTxt);
  const std::string datagram = OverUdp(port, key);
  CHECK((Truncated(datagram) || Holds(datagram, "v=DKIM1")));
  tests::RawConnection connection(port);
  REQUIRE(connection.Send(Framed(key) + Framed(Question("acme.example", kTxt))));
  const std::string whole = OneMessage(connection);
  CHECK_FALSE(Truncated(whole));
  CHECK(Holds(whole, "v=DKIM1"));
  CHECK(Holds(OneMessage(connection), "v=spf1"));
  CHECK(service.Stop() == 0);
}

TEST_CASE("bytes that are no question leave the name server of development working") {
  TempFolder folder;
  Sealpost service = StartDev(folder, {"--dns", "127.0.0.1:0"});
  const std::uint16_t port = DnsPort(service);
  CHECK(Code(OverUdp(port, std::string("\x12\x34\x01\0\0\1\0\0\0\0\0\0\x3f", 13))) == 1);
  tests::RawConnection silent(port), broken(port), half(port);
  REQUIRE(half.Send(std::string("\0\x40half", 6)));
  REQUIRE(broken.Send(std::string("\0\3abc", 5)));
  CHECK(broken.ReceiveUntilClosed());
  CHECK(Code(OverUdp(port, Question("localhost", kA))) == 0);
  CHECK(service.Stop() == 0);
}

TEST_CASE("the name server of development is off unless asked for, stays on loopback, and names its flag") {
  TempFolder folder, other;
  Sealpost service = StartDev(folder, {"--dns", "127.0.0.1:0"});
  CHECK_FALSE(Holds(StartDev(other).ready_line(), " dns "));
  const std::string taken = "127.0.0.1:" + std::to_string(DnsPort(service));
  for (const std::string& address : {std::string("0.0.0.0:0"), std::string("127.0.0.1"), taken}) {
    TempFolder third;
    const auto outcome = tests::Run({SEALPOST_BINARY, "dev", "--dns", address, "--listen", "127.0.0.1:0", "--catcher",
                                     "127.0.0.1:0", "--data", third.File("data")},
                                    {.error_file = third.File("stderr")});
    CAPTURE(address);
    CHECK(outcome.exit_code == 2);
    CHECK(outcome.output.empty());
    CHECK(Holds(third.Read("stderr"), "--dns"));
  }
}
