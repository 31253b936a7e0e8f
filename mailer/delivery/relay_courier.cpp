#include "mailer/delivery/relay_courier.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "mailer/base/threads.h"
#include "mailer/delivery/dial_gate.h"
#include "mailer/delivery/lane.h"
#include "mailer/delivery/prepare.h"

namespace sealpost::delivery {
namespace {

// There is always one lane that is free to take a job, until there are as many as may be: a job that comes never waits
// for a busy lane while another could be opened, and a thread without a job costs next to nothing.
class RelayCourier final : public Courier, private Crew {
 public:
  RelayCourier(RelayOptions options, Desk& desk, const dkim::Keyring& keyring, const base::TokenSigner& tokens,
               ReturnPathOf return_path_of, const base::Clock& clock, base::Log& log, base::Metrics& metrics)
      : options_(std::move(options)),
        log_(log),
        preparer_(keyring, tokens, std::move(return_path_of), clock, options_.signers),
        gate_(options_.pauses),
        site_{options_, desk, preparer_, gate_, *this, log, metrics} {
    std::lock_guard lock(mutex_);
    StartLane();
  }
  ~RelayCourier() override { Stop(std::chrono::milliseconds(0)); }

  void Stop(std::chrono::milliseconds grace) override {
    std::vector<Member> leaving;
    {
      std::unique_lock lock(mutex_);
      stopping_ = true;
      for (Member& member : members_) {
        member.thread.request_stop();
      }
      left_.wait_for(lock, grace, [&] { return running_ == 0; });
      for (Member& member : members_) {
        member.lane->Cancel();
      }
      leaving.swap(members_);
    }
    // The threads are joined here, without the lock that they need to leave.
  }

 private:
  struct Member {
    std::unique_ptr<Lane> lane;  // outlives its thread
    std::jthread thread;
  };

  void Begun() override {
    std::lock_guard lock(mutex_);
    ++busy_;
    if (busy_ == running_ && running_ < std::max<std::size_t>(options_.connections, 1) && !stopping_) {
      StartLane();
    }
  }
  void Ended() override {
    std::lock_guard lock(mutex_);
    --busy_;
  }
  bool AllBusy() const override {
    std::lock_guard lock(mutex_);
    return busy_ == running_;
  }

  void StartLane() {
    auto lane = std::make_unique<Lane>(site_);
    ++running_;
    const std::string name = "lane-" + std::to_string(running_);
    auto thread = base::StartThread(name, log_, [this, lane = lane.get()](std::stop_token stop) {
      lane->Run(std::move(stop));
      std::lock_guard lock(mutex_);
      --running_;
      left_.notify_all();
    });
    members_.push_back({std::move(lane), std::move(thread)});
  }

  const RelayOptions options_;
  base::Log& log_;
  Preparer preparer_;
  DialGate gate_;
  const SiteParts site_;
  mutable std::mutex mutex_;
  std::condition_variable left_;
  std::size_t running_ = 0;
  std::size_t busy_ = 0;
  bool stopping_ = false;
  std::vector<Member> members_;
};

}  // namespace

std::unique_ptr<Courier> MakeRelayCourier(RelayOptions options, Desk& desk, const dkim::Keyring& keyring,
                                          const base::TokenSigner& tokens, ReturnPathOf return_path_of,
                                          const base::Clock& clock, base::Log& log, base::Metrics& metrics) {
  return std::make_unique<RelayCourier>(std::move(options), desk, keyring, tokens, std::move(return_path_of), clock,
                                        log, metrics);
}

}  // namespace sealpost::delivery
