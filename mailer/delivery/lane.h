// A lane: one thread, one connection at a time, one job after the other. It takes a job, has it prepared, dials if it
// must, speaks, hands the verdict to the desk, goes on; the code reads in this order.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "mailer/base/guarded.h"
#include "mailer/base/log.h"
#include "mailer/base/metrics.h"
#include "mailer/delivery/courier.h"
#include "mailer/delivery/dial_gate.h"
#include "mailer/delivery/prepare.h"
#include "mailer/delivery/relay_courier.h"
#include "mailer/net/smtp_dialogue.h"

namespace sealpost::delivery {

// The lanes of a site as one of them sees them. Thread safe.
class Crew {
 public:
  virtual ~Crew() = default;
  virtual void Begun() = 0;          // this lane took a job: another lane may be wanted for the next
  virtual void Ended() = 0;          // it is free again
  virtual bool AllBusy() const = 0;  // nobody else would take a job that is due at this moment
};

// What the lanes of a site share; all of it outlives them.
struct SiteParts {
  const RelayOptions& options;
  Desk& desk;
  Preparer& preparer;
  DialGate& gate;
  Crew& crew;
  base::Log& log;
  base::Metrics& metrics;
};

class Lane {
 public:
  explicit Lane(const SiteParts& site) : site_(site) {}
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // On the lane's own thread, until a stop is requested: a running transaction, and one announced with it, are
  // finished before it returns.
  void Run(std::stop_token stop);
  // Cuts the connection, now and whatever is opened later. Safe from any thread.
  void Cancel();

 private:
  struct Line {
    net::SmtpConnection* open = nullptr;
    bool cut = false;
  };

  std::optional<Prepared> Take(std::stop_token stop, std::chrono::milliseconds wait);
  void Work(Prepared first, std::stop_token stop);
  bool Dial(Prepared& turn, std::stop_token stop);
  bool Transact(Prepared& turn, const net::Envelope* next);
  model::Verdict Conclude(model::Job job, model::SmtpReply reply, bool uncertain, std::string host, std::string tls);
  void HangUp();

  SiteParts site_;
  std::optional<DialPermit> permit_;  // held while dialling is allowed or the connection is open
  std::unique_ptr<net::SmtpConnection> connection_;
  std::optional<net::SmtpDialogue> dialogue_;
  bool reused_ = false;  // a transaction went over the connection before
  std::chrono::steady_clock::time_point begun_;
  base::Guarded<Line> line_;
};

}  // namespace sealpost::delivery
