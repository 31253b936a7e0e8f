// Who may dial a site, and when. While it answers, any lane; after a failure nobody until a pause is over, then one
// lane as a probe, and the others once its first message went through. A dead site costs one job an attempt for each
// pause, however many jobs are waiting.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>

#include "mailer/base/backoff.h"

namespace sealpost::delivery {

// Given by Enter, handed back by exactly one of Unused, Failed or (after Opened) Closed.
struct DialPermit {
  std::uint64_t id = 0;
  std::uint64_t outage = 0;  // how many outages there had been: what fails later may be an old one
};

// Thread safe.
class DialGate {
 public:
  explicit DialGate(base::Backoff pauses) : pauses_(std::move(pauses)) {}

  // Waits until dialling is allowed; nothing if it is not and `stop` was requested.
  std::optional<DialPermit> Enter(std::stop_token stop);
  void Unused(const DialPermit& permit);
  void Opened(const DialPermit& permit);
  // The dial failed. True if the job that waited for it must bear the attempt; false if this outage was counted
  // before, or another lane is connected, so that the failure says nothing about the job's chances.
  bool Failed(const DialPermit& permit);
  // A message went over the opened connection and its answer was not about the site.
  void Proven(const DialPermit& permit);
  // The answer was about the site ("too many connections"): new dials pause.
  void Troubled(const DialPermit& permit);
  void Closed(const DialPermit& permit);

 private:
  bool BeginOutage(const DialPermit& permit);
  void Release(const DialPermit& permit);
  void Heal();
  void Changed();

  const base::Backoff pauses_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::uint64_t version_ = 0;  // counts changes, for the waiting
  bool healthy_ = false;       // the very first dial is a probe as well
  std::uint64_t prober_ = 0;   // the permit that probes, 0: none
  std::uint64_t last_id_ = 0;
  std::uint64_t outages_ = 0;
  int failures_ = 0;  // in a row
  std::size_t connected_ = 0;
  std::chrono::steady_clock::time_point not_before_{};
};

}  // namespace sealpost::delivery
