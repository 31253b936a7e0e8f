// Takes due jobs and hands them to the courier; records what came of them. The only place where the state of a
// delivery changes after it was accepted.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mailer/base/clock.h"
#include "mailer/base/guarded.h"
#include "mailer/base/log.h"
#include "mailer/base/metrics.h"
#include "mailer/delivery/courier.h"
#include "mailer/queue/schedule.h"
#include "mailer/recipients/recipients.h"
#include "mailer/store/database.h"
#include "mailer/store/ready_list.h"
#include "ratelimit/limiter.h"

namespace sealpost::queue {

// What the limiter says now of a delivery that it held, or that was scheduled; an admission is charged, in place of
// what was charged before.
using AskAgain = std::function<ratelimit::Decision(const model::Job&)>;

// Gives back what was charged for a delivery that never left.
using Uncharge = std::function<void(const model::Job&)>;

// Who makes one message of many deliveries to a mailbox that a limit held (mailer/submit/digest.h says how).
struct DigestMaker {
  // Whether this delivery is told together with others. Brief: called under the lock of the ready list.
  std::function<bool(const model::Job&)> wants;
  // What the limiter says now of these together. Admitted: they are what belongs into the queue from now on.
  std::function<ratelimit::Decision(std::vector<model::Job>& held)> ask;
};

struct DispatcherOptions {
  ScheduleOptions schedule;
  std::size_t pending_at_most = 500'000;  // deliveries in memory; above it sends are refused
  std::size_t content_bytes = 64u << 20;  // composed messages kept in memory
};

// Thread safe.
class Dispatcher final : public delivery::Desk {
 public:
  Dispatcher(DispatcherOptions options, store::Database& database, const recipients::Recipients& recipients,
             const base::Clock& clock, base::Log& log, base::Metrics& metrics);
  // Waits until the store has answered for every outcome it was handed. Nobody calls any more.
  ~Dispatcher() override;

  // Takes up where an earlier process stopped: every pending delivery of the store. Once, before anything is taken.
  base::Result<std::size_t> Load();

  // Who is asked before a held or scheduled delivery is dialled. Once, before anything is taken.
  void AskAgainBy(AskAgain ask_again) { ask_again_ = std::move(ask_again); }

  // Who is told of a delivery that ends before anybody tried to send it. Once, before anything is taken.
  void UnchargeBy(Uncharge uncharge) { uncharge_ = std::move(uncharge); }

  // Who is asked where held deliveries may be told together; without one each goes by itself. Once, before anything is
  // taken.
  void DigestBy(DigestMaker maker) { digest_ = std::move(maker); }

  bool HasRoom(std::size_t count) const { return pending_.load() + count <= options_.pending_at_most; }
  void Put(model::Job job);
  std::size_t pending() const { return pending_.load(); }

  // Takes the scheduled jobs of an email away from the lanes, as ReadyList does. They stay pending, and the caller's,
  // who hands each to exactly one of the calls after this.
  std::vector<model::Job> TakeScheduled(const std::string& email_id) { return ready_.TakeScheduled(email_id); }
  void PutBack(model::Job job) { ready_.Put(std::move(job)); }
  // It has ended, and the store knows it.
  void Forget(const model::Job& job);

  std::optional<model::Job> Next(std::stop_token stop, std::chrono::milliseconds wait) override;
  void Done(model::Job job, delivery::Outcome outcome) override;
  void GiveBack(model::Job job) override;

  // A complaint about a delivered message (feedback loop; in development the simulator).
  void RecordComplaint(const std::string& delivery_id);

 private:
  struct Unrecorded {
    model::Delivery delivery;
    model::Event event;
  };
  enum class Wanted { kYes, kNotNow };  // kNotNow: it has ended, or waits in the list again
  Wanted Examine(model::Job& job);
  ratelimit::Decision Ask(const model::Job& job) const;
  Wanted Obey(const ratelimit::Decision& decision, model::Job& job);
  void LetOut(model::Job& job);
  void PutOff(const ratelimit::Decision& decision, model::Job job);
  bool LoadContent(model::Job& job);
  bool GoTogether(const model::Job& taken, const model::Job& other) const;
  void AskTogether(std::vector<model::Job> held);
  void End(model::Job job, model::DeliveryState state, model::Event event);
  void Record(Unrecorded outcome);
  void RecordAgain();
  model::Event EventFor(const model::Job& job, const char* type, const delivery::Outcome& outcome) const;

  DispatcherOptions options_;
  Schedule schedule_;
  store::Database& database_;
  const recipients::Recipients& recipients_;
  const base::Clock& clock_;
  base::Log& log_;
  base::Metrics& metrics_;
  AskAgain ask_again_;
  Uncharge uncharge_;
  DigestMaker digest_;
  store::ReadyList ready_;
  std::atomic<std::size_t> pending_{0};
  std::atomic<bool> has_unrecorded_{false};
  base::Guarded<std::vector<Unrecorded>> unrecorded_;  // outcomes the store refused to take; tried again
};

}  // namespace sealpost::queue
