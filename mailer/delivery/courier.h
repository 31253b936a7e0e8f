// Brings one job to the right host at the right pace. The queue above hands out jobs and records what came of them;
// neither knows the other's inside.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>

#include "mailer/model/email.h"
#include "mailer/model/smtp_reply.h"
#include "mailer/model/verdict.h"

namespace sealpost::delivery {

struct Outcome {
  model::Verdict verdict;
  model::SmtpReply reply;
  std::string host;  // "host:port", empty: nobody was spoken to
  std::string tls;
};

// What the lanes ask of the queue. Called from many threads.
class Desk {
 public:
  virtual ~Desk() = default;
  // A job that is due and still wanted (not expired, not suppressed since), its content loaded, its attempt counted.
  // Waits at most `wait`; zero asks for one that is at hand at this moment: others may be due, after more work.
  virtual std::optional<model::Job> Next(std::stop_token stop, std::chrono::milliseconds wait) = 0;
  // What came of it; returns without waiting for the disk.
  virtual void Done(model::Job job, Outcome outcome) = 0;
  // The job was not begun (the connection died before its turn): back to the queue, no attempt counted.
  virtual void GiveBack(model::Job job) = 0;
};

class Courier {
 public:
  virtual ~Courier() = default;
  // Takes no new jobs, finishes running transactions until `grace` is over, then cuts the connections.
  virtual void Stop(std::chrono::milliseconds grace) = 0;
};

}  // namespace sealpost::delivery
