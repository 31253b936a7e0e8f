#include "api/app/check_run.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "api/app/commands/commands.h"

namespace sealpost::app {

void CheckAll(const std::vector<dns::Sender>& senders, DnsTools& tools, std::size_t jobs,
              const std::function<void(const dns::Report&)>& show,
              const std::function<void(const dns::Report&)>& done) {
  std::mutex mutex;
  std::condition_variable ready;
  std::size_t next = 0;
  std::vector<std::optional<dns::Report>> reports(senders.size());
  const auto work = [&] {
    for (;;) {
      std::unique_lock lock(mutex);
      if (next == senders.size()) return;
      const std::size_t mine = next++;
      lock.unlock();
      dns::Report report = dns::Check(senders[mine], tools.At(CheckDeadline()));
      lock.lock();
      done(report);
      reports[mine] = std::move(report);
      ready.notify_one();
    }
  };
  std::vector<std::jthread> workers;
  for (std::size_t i = 0; i < std::min(jobs, senders.size()); ++i) workers.emplace_back(work);
  for (auto& report : reports) {
    std::unique_lock lock(mutex);
    ready.wait(lock, [&] { return report.has_value(); });
    const dns::Report shown = std::move(*report);
    lock.unlock();
    show(shown);
  }
}

int ExitOf(const std::vector<dns::Outcome>& outcomes) {
  int code = kOk;
  for (const dns::Outcome outcome : outcomes) {
    if (outcome == dns::Outcome::kNo) return kBad;
    if (outcome == dns::Outcome::kUnknown) code = kCouldNotTell;
  }
  return code;
}

}  // namespace sealpost::app
