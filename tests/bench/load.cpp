// Sends: N requests POST /emails over K kept connections, each to a recipient of its own.
//   bench_load --port P --count N --connections K --body FILE      (BENCH_TOKEN in the environment: the API key)
// RECIPIENT in the body's file becomes the address. Prints one JSON object: the first request's time in nanoseconds,
// how many answers were 200, the latencies in milliseconds.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tests/bench/options.h"

namespace sealpost::bench {
namespace {

struct Plan {
  int port = 0;
  int count = 0;
  std::string head;           // of a request, up to the value of Content-Length
  std::string before, after;  // the body around the recipient
};

struct Tally {
  std::atomic<int> next = 0;  // number of the next request
  std::mutex mutex;
  std::vector<double> latencies;  // of the answers with 200; guarded by the mutex
  int others = 0;                 // answers that were not 200, or did not come; guarded by the mutex
};

class Connection {
 public:
  explicit Connection(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      Die("bench_load: cannot connect");
    }
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  ~Connection() { ::close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The whole answer, head and body; empty if the connection broke.
  std::string Ask(std::string_view request) {
    while (!request.empty()) {
      const auto sent = ::send(socket_, request.data(), request.size(), MSG_NOSIGNAL);
      if (sent <= 0) return {};
      request.remove_prefix(static_cast<std::size_t>(sent));
    }
    std::string answer;
    std::size_t whole = std::string::npos;
    while (answer.size() < whole) {
      char piece[4096];
      const auto got = ::recv(socket_, piece, sizeof piece, 0);
      if (got <= 0) return {};
      answer.append(piece, static_cast<std::size_t>(got));
      if (whole == std::string::npos) whole = LengthOf(answer);
    }
    return answer;
  }

 private:
  static std::size_t LengthOf(const std::string& answer) {
    constexpr std::string_view kLength = "\r\nContent-Length: ";
    const std::size_t end = answer.find("\r\n\r\n");
    const std::size_t at = answer.find(kLength);
    if (end == std::string::npos || at == std::string::npos) return std::string::npos;
    return end + 4 + static_cast<std::size_t>(std::atoll(answer.c_str() + at + kLength.size()));
  }

  const int socket_;
};

std::string RequestFor(const Plan& plan, int number) {
  const std::string to = "user" + std::to_string(number) + "@host" + std::to_string(number % 50) + ".example";
  const std::size_t size = plan.before.size() + to.size() + plan.after.size();
  return plan.head + std::to_string(size) + "\r\n\r\n" + plan.before + to + plan.after;
}

void Send(const Plan& plan, Tally& tally) {
  Connection connection(plan.port);
  std::vector<double> latencies;
  int others = 0;
  for (int number = tally.next++; number < plan.count; number = tally.next++) {
    const std::string request = RequestFor(plan, number);
    const std::int64_t begun = Nanoseconds();
    const std::string answer = connection.Ask(request);
    if (answer.starts_with("HTTP/1.1 200 ")) {
      latencies.push_back(static_cast<double>(Nanoseconds() - begun) / 1e6);
      continue;
    }
    if (others++ == 0) std::fprintf(stderr, "bench_load: answered by: %.600s\n", answer.c_str());
    if (answer.empty()) break;
  }
  const std::lock_guard lock(tally.mutex);
  tally.latencies.insert(tally.latencies.end(), latencies.begin(), latencies.end());
  tally.others += others;
}

Plan ReadPlan(const Options& options) {
  std::ifstream file(options.Text("--body"));
  const std::string body((std::istreambuf_iterator<char>(file)), {});
  constexpr std::string_view kPlace = "RECIPIENT";
  const std::size_t at = body.find(kPlace);
  const char* token = std::getenv("BENCH_TOKEN");
  if (at == std::string::npos || token == nullptr) Die("bench_load: no RECIPIENT in --body, or no BENCH_TOKEN");
  Plan plan{.port = options.Number("--port", 0),
            .count = options.Number("--count", 1000),
            .head = {},
            .before = {},
            .after = {}};
  plan.head = "POST /emails HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(plan.port) +
              "\r\nUser-Agent: bench\r\nAccept: application/json\r\nAuthorization: Bearer " + token +
              "\r\nContent-Type: application/json\r\nContent-Length: ";
  plan.before = body.substr(0, at);
  plan.after = body.substr(at + kPlace.size());
  return plan;
}

double Percentile(const std::vector<double>& sorted, double part) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(part * static_cast<double>(sorted.size())))];
}

}  // namespace
}  // namespace sealpost::bench

int main(int argc, char** argv) {
  using namespace sealpost::bench;
  const Options options(argc, argv);
  const Plan plan = ReadPlan(options);
  Tally tally;
  const std::int64_t first = Nanoseconds();
  {
    std::vector<std::jthread> threads;
    for (int i = options.Number("--connections", 64); i > 0; --i) threads.emplace_back([&] { Send(plan, tally); });
  }
  const double seconds = static_cast<double>(Nanoseconds() - first) / 1e9;
  std::sort(tally.latencies.begin(), tally.latencies.end());
  std::printf(R"({"first_ns":%lld,"seconds":%.3f,"accepted":%zu,"others":%d,"p50_ms":%.2f,"p95_ms":%.2f,"p99_ms":%.2f})"
              "\n",
              static_cast<long long>(first), seconds, tally.latencies.size(), tally.others,
              Percentile(tally.latencies, 0.5), Percentile(tally.latencies, 0.95), Percentile(tally.latencies, 0.99));
  return tally.others == 0 ? 0 : 1;
}
