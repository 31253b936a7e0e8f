// Decisions of the Redis limiter, or a script that does nothing over the same pipeline, to compare with.
//   bench_limits --redis URL --count N --threads T [--rate PER_SECOND] [--ask mailbox|scopes|bare]
// `mailbox`: one counter, each call its own mailbox; `scopes`: an anonymous request for an unconfirmed mailbox, every
// counter around it included; `bare`: EVALSHA of "return 1". With a rate calls are due at even times, and what is
// waited for one counts from then, not from when a thread came to it. Prints one JSON object.
#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "ratelimit/redis_limiter.h"
#include "ratelimit/redis_pipeline.h"
#include "tests/bench/options.h"

namespace {

using namespace sealpost;

constexpr std::chrono::seconds kTimeout{2};

// Asks once; whether it went well.
using Ask = std::function<bool(int number)>;

ratelimit::Request RequestOf(int number, bool scopes) {
  const std::string text = std::to_string(number);
  ratelimit::Request request;
  request.id = "request-" + text;
  request.recipients.push_back({.mailbox = "user" + text + "@host.example"});
  if (!scopes) return request;
  request.category = ratelimit::Category::kOtp;
  request.recipients[0].mailbox = "user+tag@host" + text + ".example";
  request.recipients[0].family = "user@host" + text + ".example";
  request.recipients[0].domain = "host" + text + ".example";
  request.key = "key-" + std::to_string(number / 400);
  request.source = "10." + std::to_string(number >> 16) + "." + std::to_string(number >> 8 & 255) + "." +
                   std::to_string(number & 255);
  return request;
}

Ask MakeAsk(const std::string& what, const ratelimit::RedisAddress& address) {
  if (what == "bare") {
    const auto pipeline = std::make_shared<ratelimit::RedisPipeline>(address, "return 1", kTimeout);
    return [pipeline](int) { return pipeline->Call({}).has_value(); };
  }
  if (what != "mailbox" && what != "scopes") bench::Die("bench_limits: --ask takes mailbox, scopes or bare");
  const std::shared_ptr<ratelimit::RedisLimiter> limiter = ratelimit::MakeRedisLimiter(
      ratelimit::Policy::Default(), {.address = address, .secret = "bench", .timeout = kTimeout});
  return [limiter, scopes = what == "scopes"](int number) {
    const auto decision = limiter->TryAdmit(RequestOf(number, scopes));
    return decision && decision->admitted();
  };
}

struct Load {
  Ask ask;
  int count = 0;
  std::int64_t begun = 0;        // ns
  double nanoseconds_apart = 0;  // 0: as fast as may be
  std::atomic<int> next = 0;
  std::atomic<int> failed = 0;
  std::mutex mutex;
  std::vector<double> latencies;  // milliseconds; guarded by the mutex

  void Run() {
    std::vector<double> own;
    for (int number = next++; number < count; number = next++) {
      std::int64_t due = bench::Nanoseconds();
      if (nanoseconds_apart > 0) {
        due = begun + static_cast<std::int64_t>(number * nanoseconds_apart);
        std::this_thread::sleep_for(std::chrono::nanoseconds(due - bench::Nanoseconds()));
      }
      if (!ask(number)) ++failed;
      own.push_back(static_cast<double>(bench::Nanoseconds() - due) / 1e6);
    }
    const std::lock_guard lock(mutex);
    latencies.insert(latencies.end(), own.begin(), own.end());
  }
};

}  // namespace

int main(int argc, char** argv) {
  const bench::Options options(argc, argv);
  auto address = ratelimit::ParseRedisAddress(options.Text("--redis"), "", "");
  if (!address) bench::Die("bench_limits: " + address.error());
  const std::string what = options.Text("--ask").empty() ? "mailbox" : options.Text("--ask");
  Load load;
  load.ask = MakeAsk(what, *address);
  load.count = options.Number("--count", 50'000);
  if (const int rate = options.Number("--rate", 0); rate > 0) load.nanoseconds_apart = 1e9 / rate;
  if (!load.ask(load.count)) bench::Die("bench_limits: Redis does not answer");
  load.begun = bench::Nanoseconds();
  {
    std::vector<std::jthread> threads;
    for (int i = options.Number("--threads", 64); i > 0; --i) threads.emplace_back([&load] { load.Run(); });
  }
  const double seconds = static_cast<double>(bench::Nanoseconds() - load.begun) / 1e9;
  std::sort(load.latencies.begin(), load.latencies.end());
  const auto at = [&](std::size_t percent) { return load.latencies[load.latencies.size() * percent / 100]; };
  std::printf(R"({"decisions":%d,"failed":%d,"per_second":%.0f,"p50_ms":%.3f,"p99_ms":%.3f})"
              "\n",
              load.count, static_cast<int>(load.failed), load.count / seconds, at(50), at(99));
  return load.failed == 0 ? 0 : 1;
}
