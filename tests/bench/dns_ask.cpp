// A bare client, for comparison: so many TXT questions over UDP, so many under way at once, nothing read but the id.
//   bench_dns_ask --port N --count 10000 --at-once 256
// prints {"seconds":...,"per_second":...}. A question without an answer for a second is asked again.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstdio>
#include <string>

#include "tests/bench/options.h"

namespace {

using sealpost::bench::Die;
using sealpost::bench::Nanoseconds;

std::string Question(int number) {
  std::string bytes = {static_cast<char>(number >> 8), static_cast<char>(number)};
  bytes += std::string("\1\0\0\1\0\0\0\0\0\0", 10);  // RD, one question
  const std::string label = "d" + std::to_string(number % 500);
  bytes += static_cast<char>(label.size());
  return bytes + label + std::string("\7example\0\0\20\0\1", 13);
}

int Connected(int port) {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) Die("no server is there");
  return socket;
}

}  // namespace

int main(int argc, char** argv) {
  const sealpost::bench::Options options(argc, argv);
  const int count = options.Number("--count", 10'000), at_once = options.Number("--at-once", 256);
  const int socket = Connected(options.Number("--port", 0));
  const std::int64_t begun = Nanoseconds();
  char answer[4096];
  int asked = 0, under_way = 0;
  for (int answered = 0; answered < count;) {
    for (; under_way < at_once && asked < count; ++asked, ++under_way) {
      const std::string question = Question(asked);
      if (::send(socket, question.data(), question.size(), 0) < 0) Die("cannot send");
    }
    pollfd readable{socket, POLLIN, 0};
    if (::poll(&readable, 1, 1'000) == 0) {
      asked -= under_way;
      under_way = 0;
      continue;
    }
    if (::recv(socket, answer, sizeof answer, 0) < 12) Die("no answer");
    ++answered;
    --under_way;
  }
  const double seconds = static_cast<double>(Nanoseconds() - begun) / 1e9;
  std::printf("{\"seconds\":%.3f,\"per_second\":%.0f}\n", seconds, count / seconds);
}
