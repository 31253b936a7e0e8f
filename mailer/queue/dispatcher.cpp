#include "mailer/queue/dispatcher.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "mailer/base/random.h"
#include "mailer/model/event_of.h"
#include "mailer/store/emails.h"

namespace sealpost::queue {

namespace {

constexpr std::size_t kPage = 1'000;

}  // namespace

Dispatcher::Dispatcher(DispatcherOptions options, store::Database& database, const recipients::Recipients& recipients,
                       const base::Clock& clock, base::Log& log, base::Metrics& metrics)
    : options_(std::move(options)),
      schedule_(options_.schedule),
      database_(database),
      recipients_(recipients),
      clock_(clock),
      log_(log),
      metrics_(metrics),
      ready_(clock, options_.content_bytes) {}

// The store's answers come back to this object, so the last of them has to be here before it goes. What is still
// unrecorded has one more chance: forgotten, its mail would be sent again by the next process.
Dispatcher::~Dispatcher() {
  if (has_unrecorded_.load()) RecordAgain();
  const auto last = database_.Write([](store::Session&) { return base::Result<void>(); });
  if (!last) log_.Error("queue_closed_unrecorded", {{"outcomes", unrecorded_.Lock()->size()}});
}

base::Result<std::size_t> Dispatcher::Load() {
  std::int64_t after = std::numeric_limits<std::int64_t>::min();
  std::string after_id;
  std::size_t loaded = 0;
  for (;;) {
    std::vector<model::Job> page;
    const auto read = database_.Read([&](store::Session& session) -> base::Result<void> {
      auto jobs = store::PendingJobs(session, after, after_id, kPage);
      if (!jobs) return std::unexpected(jobs.error());
      page = std::move(*jobs);
      return {};
    });
    if (!read) return std::unexpected(read.error());
    if (page.empty()) return loaded;
    after = base::ToMillis(page.back().delivery.next_attempt_at);
    after_id = page.back().delivery.id;
    loaded += page.size();
    for (model::Job& job : page) Put(std::move(job));
  }
}

void Dispatcher::Put(model::Job job) {
  metrics_.Set("sealpost_queue_depth", static_cast<double>(++pending_), {{"lane", "all"}});
  ready_.Put(std::move(job));
}

std::optional<model::Job> Dispatcher::Next(std::stop_token stop, std::chrono::milliseconds wait) {
  if (has_unrecorded_.load()) RecordAgain();
  const auto goes_with = [this](const model::Job& taken, const model::Job& other) { return GoTogether(taken, other); };
  for (;;) {
    std::vector<model::Job> with_it;
    auto job = ready_.Take(stop, wait, goes_with, with_it);
    if (!job) return std::nullopt;
    if (!with_it.empty() || GoTogether(*job, *job)) {
      with_it.insert(with_it.begin(), std::move(*job));
      AskTogether(std::move(with_it));
      if (wait.count() <= 0)
        return std::nullopt;  // each may wait for a commit, and a transaction may be open meanwhile
      continue;
    }
    if (Examine(*job) == Wanted::kNotNow) continue;
    if (!LoadContent(*job)) continue;
    ++job->delivery.attempts;
    return job;
  }
}

Dispatcher::Wanted Dispatcher::Examine(model::Job& job) {
  model::Event event = EventFor(job, "", {});
  if (clock_.Now() >= schedule_.ExpiresAt(job)) {
    event.type = "email.failed";
    event.reply = job.delivery.held_by.empty() ? "expired before it could be delivered"
                                               : "expired while it was " + model::HeldWords(job.delivery.held_by);
    End(std::move(job), model::DeliveryState::kFailed, std::move(event));
    return Wanted::kNotNow;
  }
  if (!job.topic_id.empty() && recipients_.ChoiceOf(job.topic_id, job.delivery.mailbox) == store::Choice::kOptOut) {
    event.type = "email.suppressed";
    event.reply = "the recipient opted out of the topic";
    End(std::move(job), model::DeliveryState::kSuppressed, std::move(event));
    return Wanted::kNotNow;
  }
  const bool is_charged = job.delivery.held_by.empty() && job.delivery.state != model::DeliveryState::kScheduled;
  return is_charged ? Wanted::kYes : Obey(Ask(job), job);
}

ratelimit::Decision Dispatcher::Ask(const model::Job& job) const {
  if (ask_again_) return ask_again_(job);
  ratelimit::Decision later;
  later.outcome = ratelimit::Outcome::kHeld;
  later.rule = job.delivery.held_by;
  return later;
}

Dispatcher::Wanted Dispatcher::Obey(const ratelimit::Decision& decision, model::Job& job) {
  if (decision.admitted()) {
    LetOut(job);
    return Wanted::kYes;
  }
  if (decision.outcome == ratelimit::Outcome::kHeld) {
    PutOff(decision, std::move(job));
    return Wanted::kNotNow;
  }
  const bool was_due = job.delivery.state == model::DeliveryState::kScheduled;
  model::Event event = EventFor(job, "email.failed", {});
  event.reply = "refused by the limit " + decision.rule + (was_due ? " when it was due" : " after it was held");
  job.delivery.held_by = decision.rule;  // and so charged to nobody
  End(std::move(job), model::DeliveryState::kFailed, std::move(event));
  return Wanted::kNotNow;
}

// What was scheduled is written at once and not with its outcome, so that a restart does not ask about it and charge it
// again.
void Dispatcher::LetOut(model::Job& job) {
  job.delivery.held_by.clear();
  job.delivery.let_out_at = clock_.Now();
  if (!job.scheduled_at) return;
  job.delivery.state = model::DeliveryState::kQueued;
  job.delivery.next_attempt_at = clock_.Now();
  metrics_.Count("sealpost_messages_total", {{"state", model::StateName(job.delivery.state)}});
  Record({job.delivery, EventFor(job, "email.sent", {})});
}

// Only the row of the first holding is written: a restart that asks too early is told to wait again.
void Dispatcher::PutOff(const ratelimit::Decision& decision, model::Job job) {
  constexpr std::chrono::minutes kAtLeast{1};
  const base::Time next = clock_.Now() + std::max<base::Millis>(decision.hold, kAtLeast);
  // Never to an earlier time: what waits with others waits its own. Due once more at its end, so that the end comes in
  // time.
  job.delivery.next_attempt_at = std::min(std::max(job.delivery.next_attempt_at, next), schedule_.ExpiresAt(job));
  const bool is_scheduled = job.delivery.state == model::DeliveryState::kScheduled;
  // Nobody could be asked, or not the counters that charged it: what they charged is still to be given back.
  const bool stays_scheduled =
      is_scheduled && job.delivery.held_by.empty() && (decision.rule.empty() || decision.rule == model::kCountersAway);
  if (!stays_scheduled) job.delivery.held_by = decision.rule;
  if (is_scheduled && !stays_scheduled && !decision.rule.empty()) {
    job.delivery.state = model::DeliveryState::kDelayed;
    model::Event event = EventFor(job, "email.delivery_delayed", {});
    event.reply = model::HeldWords(decision.rule) + " when it was due";
    event.next_attempt_at = job.delivery.next_attempt_at;
    Record({job.delivery, std::move(event)});
  }
  ready_.Put(std::move(job));
}

bool Dispatcher::LoadContent(model::Job& job) {
  if (job.content) return true;
  model::RawMessage content;
  const auto read = database_.Read([&](store::Session& session) -> base::Result<void> {
    auto loaded = store::LoadContent(session, job.delivery.email_id);
    if (!loaded) return std::unexpected(loaded.error());
    content = std::move(*loaded);
    return {};
  });
  if (read) {
    job.content = std::make_shared<const model::RawMessage>(std::move(content));
    return true;
  }
  log_.Error("content_unreadable", {{"email_id", job.delivery.email_id}, {"error", read.error().message}});
  job.delivery.next_attempt_at = clock_.Now() + std::chrono::seconds(10);
  ready_.Put(std::move(job));
  return false;
}

// Of one mailbox, topic and category, and held for a digest. What Examine would end goes its own way.
bool Dispatcher::GoTogether(const model::Job& taken, const model::Job& other) const {
  return !other.delivery.held_by.empty() && other.delivery.mailbox == taken.delivery.mailbox &&
         other.topic_id == taken.topic_id && other.category == taken.category &&
         other.from_domain == taken.from_domain && digest_.wants && digest_.wants(other) &&
         clock_.Now() < schedule_.ExpiresAt(other) &&
         (other.topic_id.empty() ||
          recipients_.ChoiceOf(other.topic_id, other.delivery.mailbox) != store::Choice::kOptOut);
}

// Asked about once, they go on waiting, or one message goes: it is taken from the list like any other.
void Dispatcher::AskTogether(std::vector<model::Job> held) {
  const std::size_t before = held.size();
  const ratelimit::Decision decision = digest_.ask(held);
  pending_ -= before - held.size();
  metrics_.Set("sealpost_queue_depth", static_cast<double>(pending_.load()), {{"lane", "all"}});
  for (model::Job& job : held) {
    // An admission means the one that is no longer held, or the digest that stands in its place.
    const bool is_let_out = job.delivery.held_by.empty() && job.delivery.state == model::DeliveryState::kDelayed;
    const bool is_meant = !decision.admitted() || is_let_out;
    if (!is_meant || Obey(decision, job) == Wanted::kYes) ready_.Put(std::move(job));
  }
}

void Dispatcher::Done(model::Job job, delivery::Outcome outcome) {
  switch (outcome.verdict.kind) {
    case model::VerdictKind::kDelivered:
      return End(job, model::DeliveryState::kDelivered, EventFor(job, "email.delivered", outcome));
    case model::VerdictKind::kBounce:
      return End(job, model::DeliveryState::kBounced, EventFor(job, "email.bounced", outcome));
    case model::VerdictKind::kDefer:
    case model::VerdictKind::kUncertain:
      break;
  }
  const auto next = schedule_.NextAttempt(job, clock_.Now(), base::RandomUnit());
  if (!next) {
    model::Event event = EventFor(job, "email.failed", outcome);
    event.reply =
        "expired after attempt " + std::to_string(job.delivery.attempts) + "; the last answer was " + event.reply;
    return End(std::move(job), model::DeliveryState::kFailed, std::move(event));
  }
  model::Event event = EventFor(job, "email.delivery_delayed", outcome);
  event.next_attempt_at = *next;
  job.delivery.state = model::DeliveryState::kDelayed;
  job.delivery.next_attempt_at = *next;
  metrics_.Count("sealpost_messages_total", {{"state", "delivery_delayed"}});
  Record({job.delivery, std::move(event)});
  ready_.Put(std::move(job));
}

void Dispatcher::GiveBack(model::Job job) {
  --job.delivery.attempts;
  ready_.Put(std::move(job));
}

void Dispatcher::End(model::Job job, model::DeliveryState state, model::Event event) {
  if (job.delivery.attempts == 0 && model::MayBeCharged(job.delivery) && uncharge_) uncharge_(job);
  job.delivery.state = state;
  Forget(job);
  Record({std::move(job.delivery), std::move(event)});
}

void Dispatcher::Forget(const model::Job& job) {
  metrics_.Count("sealpost_messages_total", {{"state", model::StateName(job.delivery.state)}});
  metrics_.Set("sealpost_queue_depth", static_cast<double>(--pending_), {{"lane", "all"}});
}

void Dispatcher::Record(Unrecorded outcome) {
  auto shared = std::make_shared<Unrecorded>(std::move(outcome));
  database_.Post(
      [shared](store::Session& session) { return store::RecordOutcome(session, shared->delivery, shared->event); },
      [this, shared](const base::Result<void>& written) {
        if (written) return;
        log_.Error("outcome_not_recorded", {{"delivery_id", shared->delivery.id}, {"error", written.error().message}});
        if (written.error().kind != base::ErrorKind::kUnavailable) return;  // it would fail for ever
        unrecorded_.Lock()->push_back(std::move(*shared));
        has_unrecorded_.store(true);
      });
}

// The mail has left and only its record is missing: sending it again would be worse than keeping the record in
// memory until the store takes it.
void Dispatcher::RecordAgain() {
  if (!database_.Writable()) return;
  std::vector<Unrecorded> waiting;
  {
    const auto held = unrecorded_.Lock();
    waiting.swap(*held);
    has_unrecorded_.store(false);
  }
  for (Unrecorded& outcome : waiting) Record(std::move(outcome));
}

model::Event Dispatcher::EventFor(const model::Job& job, const char* type, const delivery::Outcome& outcome) const {
  model::Event event = model::EventOf(job.delivery, type, clock_.Now());
  event.attempt = job.delivery.attempts;
  event.host = outcome.host;
  if (outcome.reply.code != 0 || !outcome.reply.text.empty()) event.reply = outcome.reply.ToString();
  event.tls = outcome.tls;
  event.uncertain = outcome.verdict.kind == model::VerdictKind::kUncertain;
  return event;
}

void Dispatcher::RecordComplaint(const std::string& delivery_id) {
  model::Delivery delivery;
  const auto read = database_.Read([&](store::Session& session) -> base::Result<void> {
    auto found = store::FindDelivery(session, delivery_id);
    if (!found) return std::unexpected(found.error());
    delivery = std::move(*found);
    return {};
  });
  if (!read) return;
  model::Event event = model::EventOf(delivery, "email.complained", clock_.Now());
  delivery.state = model::DeliveryState::kComplained;
  metrics_.Count("sealpost_messages_total", {{"state", "complained"}});
  Record({std::move(delivery), std::move(event)});
}

}  // namespace sealpost::queue
