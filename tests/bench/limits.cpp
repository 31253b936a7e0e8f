// Decisions of the Redis limiter: T threads ask for N mailboxes, each of its own.
//   bench_limits --redis URL --count N --threads T
// Prints one JSON object.
#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "ratelimit/redis_limiter.h"
#include "tests/bench/options.h"

namespace {

using namespace sealpost;

struct Tally {
  std::atomic<int> next = 0;
  std::atomic<int> failed = 0;
  std::mutex mutex;
  std::vector<double> latencies;  // milliseconds; guarded by the mutex
};

void Decide(ratelimit::RedisLimiter& limiter, int count, Tally& tally) {
  std::vector<double> latencies;
  for (int number = tally.next++; number < count; number = tally.next++) {
    ratelimit::Request request;
    request.id = "request-" + std::to_string(number);
    request.recipients.push_back({"user" + std::to_string(number) + "@host.example", {}, {}, false});
    const std::int64_t begun = bench::Nanoseconds();
    const auto decision = limiter.TryAdmit(request);
    if (!decision || !decision->admitted()) ++tally.failed;
    latencies.push_back(static_cast<double>(bench::Nanoseconds() - begun) / 1e6);
  }
  const std::lock_guard lock(tally.mutex);
  tally.latencies.insert(tally.latencies.end(), latencies.begin(), latencies.end());
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Options options(argc, argv);
  auto address = ratelimit::ParseRedisAddress(options.Text("--redis"), "", "");
  if (!address) bench::Die("bench_limits: " + address.error());
  const auto limiter = ratelimit::MakeRedisLimiter(
      ratelimit::Policy::Default(), {.address = *address, .secret = "bench", .timeout = std::chrono::seconds(2)});
  const int count = options.Number("--count", 50'000);
  if (const auto ready = limiter->Ping(); !ready) bench::Die("bench_limits: " + ready.error());
  Tally tally;
  const std::int64_t begun = bench::Nanoseconds();
  {
    std::vector<std::jthread> threads;
    for (int i = options.Number("--threads", 64); i > 0; --i)
      threads.emplace_back([&] { Decide(*limiter, count, tally); });
  }
  const double seconds = static_cast<double>(bench::Nanoseconds() - begun) / 1e9;
  std::sort(tally.latencies.begin(), tally.latencies.end());
  const auto at = [&](std::size_t percent) { return tally.latencies[tally.latencies.size() * percent / 100]; };
  std::printf(R"({"decisions":%d,"failed":%d,"per_second":%.0f,"p50_ms":%.2f,"p99_ms":%.2f})"
              "\n",
              count, static_cast<int>(tally.failed), count / seconds, at(50), at(99));
  return tally.failed == 0 ? 0 : 1;
}
