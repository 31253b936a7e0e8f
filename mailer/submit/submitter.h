// The one use case of the send path: a request becomes a durable message. Whoever sends (HTTP now, SMTP submission
// later) comes through here.
//
// In order: idempotency, validation, recipients' choices, limiter, template and composing, one commit, ready list. A
// repeat burns no budget; whatever fails after the limiter gives its charge back. Equal content that was accepted a
// moment ago stands for its repeat.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mailer/base/clock.h"
#include "mailer/base/metrics.h"
#include "mailer/recipients/recipients.h"
#include "mailer/store/database.h"
#include "mailer/submit/answers.h"
#include "mailer/submit/catalog.h"
#include "mailer/submit/content.h"
#include "mailer/submit/in_flight.h"
#include "mailer/submit/request.h"
#include "mailer/submit/sender_domains.h"
#include "ratelimit/limiter.h"

namespace sealpost::submit {

// Where accepted jobs go. Thread safe.
class Intake {
 public:
  virtual ~Intake() = default;
  // False if `count` more deliveries would pass the queue's bound. What it grants is taken by Put.
  virtual bool HasRoom(std::size_t count) = 0;
  virtual void Put(model::Job job) = 0;
};

struct Idempotency {
  std::string key;          // 1 to 256 characters; unique over the whole installation
  std::string fingerprint;  // of method, path and body
};

enum class Mode { kStrict, kPermissive };  // a batch as a whole or not at all; or each for itself

// What became of a message that was answered with an id.
enum class Fate {
  kAccepted,
  kCoalesced,   // the id is that of an equal message accepted before; nothing stored, sent or charged
  kHeld,        // stored, not charged; sent when its limit has room or the counters are back
  kSuppressed,  // stored, and goes to nobody: by the recipients' choice, or over a limit whose category says so
};

struct Outcome {
  std::vector<std::string> ids;                          // of the accepted messages, in order
  std::vector<Fate> fates;                               // of each of them
  std::vector<std::pair<std::size_t, Refusal>> refused;  // permissive: index and why
  std::string answer;                                    // the body that was stored, or is replayed
  bool replayed = false;                                 // then only `answer` is known
};

struct Failure {
  std::size_t index = 0;  // of the request in the batch
  Refusal refusal;
};

// The answer's body, made before the commit, because it is stored with it.
using MakeAnswer = std::function<std::string(const Outcome&)>;

struct SubmitterParts {
  store::Database& database;
  ratelimit::Limiter& limiter;
  recipients::Recipients& recipients;
  Catalog& catalog;
  Answers& answers;
  const SenderDomains& domains;
  Intake& intake;
  const base::Clock& clock;
  base::Metrics& metrics;
  std::string public_url;
  bool simulator = false;  // suppressed@simulator.sealpost.test is suppressed (development)
  LimitRules limit_rules = {};
  bool holds = false;  // the queue asks AskAgain before it sends what is held; otherwise holding is a refusal
};

// What the limiter said of the last request it was asked about: for the answer's RateLimit fields.
using LastDecision = std::optional<ratelimit::Decision>;

// Thread safe.
class Submitter {
 public:
  explicit Submitter(SubmitterParts parts) : parts_(std::move(parts)) {}
  std::expected<Outcome, Failure> Submit(std::vector<SendRequest> requests, Mode mode, const model::ApiKey& caller,
                                         const std::optional<Idempotency>& idempotency, const MakeAnswer& make_answer,
                                         LastDecision& decision);

  // For a held or scheduled delivery that is due: as if it was sent now, alone. An admission is charged, and what it
  // was charged when it was accepted is given back first.
  ratelimit::Decision AskAgain(const model::Job& job);
  // Gives back what a delivery that never left was charged, as long as the limiter finds it.
  void Uncharge(const model::Job& job);

 private:
  struct Draft;
  std::expected<Draft, Refusal> Prepare(SendRequest request, const model::ApiKey& caller,
                                        const std::vector<Draft>& before, LastDecision& decision);
  std::expected<Ingredients, Refusal> Gather(const SendRequest& request, const Checked& checked);
  std::optional<Refusal> Admit(Draft& draft, const Checked& checked, ratelimit::Request request,
                               const std::vector<Draft>& before, LastDecision& decision);
  bool Hold(Draft& draft, const ratelimit::Decision& decision);
  ratelimit::Decision Ask(ratelimit::Request& request, const std::vector<Draft>& before);
  bool IsStored(const std::string& email_id);
  std::optional<ratelimit::Request> RequestOf(const model::Job& job);
  void GiveBack(const model::Job& job, ratelimit::Request request);
  std::optional<Refusal> Commit(std::vector<Draft>& drafts, const std::optional<Idempotency>& idempotency,
                                const std::string& answer);
  const char* WhySuppressed(const Recipient& recipient, const model::Topic* topic) const;
  void Release(Draft draft);

  SubmitterParts parts_;
  InFlight in_flight_;
};

}  // namespace sealpost::submit
