#include "mailer/submit/submitter.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "mailer/base/id.h"
#include "mailer/store/emails.h"
#include "mailer/submit/acceptance.h"
#include "mailer/submit/charge.h"
#include "mailer/submit/default_category.h"
#include "mailer/submit/limit_request.h"
#include "mailer/submit/refuse.h"

namespace sealpost::submit {

// One message on its way through: what will be stored, and what was charged for it.
struct Submitter::Draft {
  Fate fate = Fate::kAccepted;
  std::string id;  // to answer: the email's, or the earlier one's that stands for it
  model::Email email;
  std::vector<model::Delivery> deliveries;
  std::vector<std::string> why_suppressed;  // by delivery; empty: it is not
  std::vector<std::string> confirmed;       // mailboxes, asserted with this request
  InFlight::Mark mark;
  Charge charge;  // given back before the mark is taken away
};

namespace {

Refusal StoreTrouble(const base::Error& error, std::string field) {
  if (error.kind == base::ErrorKind::kNotFound) return {RefusalKind::kNotFound, error.message, std::move(field)};
  if (error.kind == base::ErrorKind::kInvalid) return {RefusalKind::kValidation, error.message, std::move(field)};
  return {RefusalKind::kUnavailable, "The store does not take the message: try again shortly.", ""};
}

bool IsSimulatedSuppression(const model::Address& address) {
  return address.domain == "simulator.sealpost.test" && address.local == "suppressed";
}

// How long a repeat waits for the commit of what it repeats.
constexpr std::chrono::seconds kRepeatWait{5};

// As long as the queue keeps a message.
constexpr std::chrono::hours kHeldAtMost{24};

const char* OutcomeName(const ratelimit::Decision& decision, Fate fate) {
  if (fate == Fate::kCoalesced) return "coalesced";
  if (fate == Fate::kHeld) return "held";
  if (fate == Fate::kSuppressed) return "suppressed";
  return decision.admitted() ? "accepted" : "denied";
}

}  // namespace

std::expected<Ingredients, Refusal> Submitter::Gather(const SendRequest& request, const Checked& checked) {
  Ingredients ingredients;
  ingredients.public_url = parts_.public_url;
  ingredients.reply_to = checked.reply_to;
  std::string from = request.from;
  if (request.template_use) {
    auto found = parts_.catalog.FindTemplate(request.template_use->id_or_alias);
    if (!found) return std::unexpected(StoreTrouble(found.error(), "/template/id"));
    ingredients.parsed_template = std::move(*found);
    if (from.empty()) from = ingredients.parsed_template->version.from;
    if (ingredients.reply_to.empty()) {
      for (const std::string& text : ingredients.parsed_template->version.reply_to) {
        if (auto mailbox = model::ParseMailbox(text)) ingredients.reply_to.push_back(std::move(*mailbox));
      }
    }
  }
  auto sender = ValidateFrom(from);
  if (!sender) return std::unexpected(sender.error());
  ingredients.from = std::move(*sender);
  if (!parts_.domains.Find(ingredients.from.address.domain)) {
    return Refuse("The domain " + ingredients.from.address.domain +
                      " is not declared here: an operator adds it to [[domains.domain]] "
                      "with its DKIM keys, then mail from it is accepted.",
                  "/from", RefusalKind::kDomainNotDeclared);
  }
  if (auto why = parts_.domains.Refused(ingredients.from.address.domain))
    return Refuse(std::move(*why), "/from", RefusalKind::kDomainRefused);
  if (!request.topic_id.empty()) {
    if (!base::IsId(request.topic_id))
      return Refuse("`topic_id` is not a UUID.", "/topic_id", RefusalKind::kInvalidParameter);
    auto topic = parts_.catalog.FindTopic(request.topic_id);
    if (!topic) return std::unexpected(StoreTrouble(topic.error(), "/topic_id"));
    ingredients.topic = std::move(*topic);
  }
  return ingredients;
}

const char* Submitter::WhySuppressed(const Recipient& recipient, const model::Topic* topic) const {
  if (parts_.simulator && IsSimulatedSuppression(recipient.address)) return "the simulator suppresses this mailbox";
  if (topic == nullptr) return "";
  const auto choice = parts_.recipients.ChoiceOf(topic->id, recipient.mailbox);
  const bool out = choice ? *choice == store::Choice::kOptOut : topic->default_subscription == "opt_out";
  return out ? "the recipient opted out of the topic" : "";
}

bool Submitter::IsStored(const std::string& email_id) {
  const auto read = parts_.database.Read([&](store::Session& session) -> base::Result<void> {
    const auto found = store::FindEmail(session, email_id, false);
    if (!found) return std::unexpected(found.error());
    return {};
  });
  return read.has_value();
}

// A repeat may be answered with the earlier message only when that one is as good as on disk. One that is neither
// there nor on its way was lost in a crash, or went through another node: then this one goes, and is counted.
ratelimit::Decision Submitter::Ask(ratelimit::Request& request, const std::vector<Draft>& before) {
  for (;;) {
    ratelimit::Decision decision = parts_.limiter.Admit(request);
    if (decision.outcome != ratelimit::Outcome::kCoalesced) return decision;
    const std::string& earlier = decision.earlier_id;
    const bool in_this_batch =
        std::any_of(before.begin(), before.end(), [&](const Draft& draft) { return draft.id == earlier; });
    if (in_this_batch) return decision;
    // Whoever holds charges does not wait, or two batches could wait for each other.
    const bool ended = before.empty() && in_flight_.AwaitEnd(earlier, kRepeatWait);
    if (IsStored(earlier)) return decision;
    if (!ended) request.content.clear();
  }
}

// Not for a message that would be too old by then. One that is scheduled waits for its time in any case. Who is not
// over the limit is not made to wait for a digest by another recipient of the message, and is asked about alone.
bool Submitter::Hold(Draft& draft, const ratelimit::Decision& decision) {
  const base::Time now = parts_.clock.Now();
  const base::Time begin = draft.email.scheduled_at.value_or(now);
  const ratelimit::Decision held = ToHold(decision);
  const base::Time until = std::max(begin, now + held.hold);
  const base::Time deadline = draft.email.extras.expires_at.value_or(begin + kHeldAtMost);
  if (!parts_.holds || until >= std::min(deadline, begin + kHeldAtMost)) return false;
  const bool is_digest = decision.on_limit == ratelimit::OnLimit::kDigest && !WaitsForCounters(decision);
  for (std::size_t i = 0; i < draft.deliveries.size(); ++i) {
    if (!draft.why_suppressed[i].empty()) continue;
    model::Delivery& delivery = draft.deliveries[i];
    const bool is_over = std::ranges::find(decision.refused, delivery.mailbox) != decision.refused.end();
    if (!draft.email.scheduled_at) delivery.state = model::DeliveryState::kDelayed;
    delivery.held_by = held.rule;
    delivery.next_attempt_at = is_over || !is_digest ? until : begin;
  }
  return true;
}

std::optional<ratelimit::Request> Submitter::RequestOf(const model::Job& job) {
  model::Email email;
  const auto read = parts_.database.Read([&](store::Session& session) -> base::Result<void> {
    auto found = store::FindEmail(session, job.delivery.email_id, false);
    if (!found) return std::unexpected(found.error());
    email = std::move(*found);
    return {};
  });
  if (!read) return std::nullopt;
  const bool confirmed = parts_.recipients.IsConfirmed(job.delivery.mailbox);
  return MakeLimitRequest(email, job.delivery, confirmed, parts_.limit_rules);
}

ratelimit::Decision Submitter::AskAgain(const model::Job& job) {
  const auto request = RequestOf(job);
  const bool was_unheard = job.delivery.held_by == kCountersAway;
  // What counters charged that answered too late can be given back only while they are there.
  if (!request || (was_unheard && parts_.limiter.Degraded())) {
    ratelimit::Decision later;
    later.outcome = ratelimit::Outcome::kHeld;
    later.rule = job.delivery.held_by;
    return later;
  }
  // It counts when it goes, and once: neither what it was charged when it was accepted may stand in its way, nor an
  // admission that a crash came upon.
  parts_.limiter.Refund(*request);
  if (was_unheard || job.delivery.state == model::DeliveryState::kScheduled) GiveBack(job, *request);
  return ToHold(parts_.limiter.Admit(*request));
}

void Submitter::Uncharge(const model::Job& job) {
  if (auto request = RequestOf(job)) GiveBack(job, std::move(*request));
}

void Submitter::GiveBack(const model::Job& job, ratelimit::Request request) {
  if (!model::MayBeCharged(job.delivery)) return;
  if (!job.delivery.let_out_at) request.id = job.delivery.email_id;
  parts_.limiter.Refund(request);
}

std::optional<Refusal> Submitter::Admit(Draft& draft, const Checked& checked, ratelimit::Request request,
                                        const std::vector<Draft>& before, LastDecision& decision) {
  if (request.recipients.empty()) {  // all suppressed: nothing will leave
    draft.fate = Fate::kSuppressed;
    return std::nullopt;
  }
  request.id = draft.id;
  draft.mark = in_flight_.Add(draft.id);
  decision = Ask(request, before);
  if (decision->outcome == ratelimit::Outcome::kCoalesced) {
    draft.fate = Fate::kCoalesced;
    draft.id = decision->earlier_id;
  } else if (decision->outcome == ratelimit::Outcome::kDenied && decision->on_limit == ratelimit::OnLimit::kSuppress &&
             !IsRecipientsOwn(*decision)) {
    draft.fate = Fate::kSuppressed;
    for (std::string& why : draft.why_suppressed) {
      if (why.empty()) why = "over the limit " + decision->rule + ", which is answered as if it were accepted";
    }
  } else if (decision->outcome == ratelimit::Outcome::kHeld && Hold(draft, *decision)) {
    draft.fate = Fate::kHeld;
  } else if (decision->admitted()) {
    draft.charge = Charge(parts_.limiter, std::move(request));
  }
  parts_.metrics.Count("sealpost_limit_decisions_total",
                       {{"category", checked.category_name}, {"outcome", OutcomeName(*decision, draft.fate)}});
  if (draft.fate != Fate::kAccepted || decision->admitted()) return std::nullopt;
  return RefusalOf(*decision);
}

std::expected<Submitter::Draft, Refusal> Submitter::Prepare(SendRequest request, const model::ApiKey& caller,
                                                            const std::vector<Draft>& before, LastDecision& decision) {
  const base::Time now = parts_.clock.Now();
  auto checked = Validate(request, caller, now, parts_.limit_rules);
  if (!checked) return std::unexpected(checked.error());
  const auto ingredients = Gather(request, *checked);
  if (!ingredients) return std::unexpected(ingredients.error());
  ApplyDefaultCategory(*checked, ingredients->DefaultCategory(), caller, parts_.limit_rules);

  Draft draft;
  draft.id = draft.email.id = base::NewId(now);
  draft.email.extras = ExtrasOf(request, *checked);
  draft.email.scheduled_at = checked->scheduled_at;
  ratelimit::Request asked = MakeLimitRequest(request, *checked, *ingredients, caller, parts_.limit_rules.policy);
  for (const Recipient& recipient : checked->recipients) {
    model::Delivery delivery;
    delivery.id = base::NewId(now);
    delivery.email_id = draft.email.id;
    delivery.recipient = recipient.address;
    delivery.mailbox = recipient.mailbox;
    delivery.next_attempt_at = checked->scheduled_at.value_or(now);
    if (checked->scheduled_at) delivery.state = model::DeliveryState::kScheduled;
    draft.deliveries.push_back(std::move(delivery));
    draft.why_suppressed.emplace_back(WhySuppressed(recipient, ingredients->topic.get()));
    if (!draft.why_suppressed.back().empty()) continue;
    asked.recipients.push_back(
        {.mailbox = recipient.mailbox,
         .family = recipient.family,
         .domain = recipient.domain,
         .confirmed = request.recipient_confirmed || parts_.recipients.IsConfirmed(recipient.mailbox)});
    if (request.recipient_confirmed) draft.confirmed.push_back(recipient.mailbox);
  }
  if (auto refusal = Admit(draft, *checked, std::move(asked), before, decision))
    return std::unexpected(std::move(*refusal));
  if (draft.fate == Fate::kCoalesced) return draft;
  for (std::size_t i = 0; i < draft.deliveries.size(); ++i) {
    if (!draft.why_suppressed[i].empty()) draft.deliveries[i].state = model::DeliveryState::kSuppressed;
  }

  model::Email& email = draft.email;
  email.created_at = now;
  email.key_id = caller.id;
  email.from = ingredients->from;
  email.to = checked->to;
  email.cc = checked->cc;
  email.bcc = checked->bcc;
  email.reply_to = ingredients->reply_to;
  email.topic_id = request.topic_id;
  email.template_id = ingredients->parsed_template ? ingredients->parsed_template->id : std::string();
  email.tags = request.tags;

  auto composed = ComposeMessage(std::move(request), *checked, *ingredients, now);
  if (!composed) return std::unexpected(composed.error());
  email.message_id = std::move(composed->message_id);
  email.subject = std::move(composed->subject);
  email.raw = std::move(composed->raw);
  return draft;
}

std::expected<Outcome, Failure> Submitter::Submit(std::vector<SendRequest> requests, Mode mode,
                                                  const model::ApiKey& caller,
                                                  const std::optional<Idempotency>& idempotency,
                                                  const MakeAnswer& make_answer, LastDecision& decision) {
  Answers::Claim claim;
  if (idempotency) {
    auto begun = parts_.answers.Begin(idempotency->key, idempotency->fingerprint);
    if (!begun) return std::unexpected(Failure{0, begun.error()});
    if (begun->replay) return Outcome{{}, {}, {}, std::move(begun->replay->body), true};
    claim = std::move(begun->claim);
  }
  Outcome outcome;
  std::vector<Draft> drafts;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    auto draft = Prepare(std::move(requests[i]), caller, drafts, decision);
    if (draft) {
      outcome.ids.push_back(draft->id);
      outcome.fates.push_back(draft->fate);
      if (draft->fate != Fate::kCoalesced) drafts.push_back(std::move(*draft));
    } else if (mode == Mode::kPermissive) {
      outcome.refused.emplace_back(i, draft.error());
    } else {
      return std::unexpected(Failure{i, draft.error()});
    }
  }
  outcome.answer = make_answer(outcome);
  if (drafts.empty() && (outcome.ids.empty() || !idempotency)) return outcome;
  if (auto refusal = Commit(drafts, idempotency, outcome.answer))
    return std::unexpected(Failure{0, std::move(*refusal)});
  for (Draft& draft : drafts) {
    draft.charge.Keep();
    parts_.recipients.Confirm(draft.confirmed);
  }
  for (Draft& draft : drafts) Release(std::move(draft));
  return outcome;
}

std::optional<Refusal> Submitter::Commit(std::vector<Draft>& drafts, const std::optional<Idempotency>& idempotency,
                                         const std::string& answer) {
  const auto is_pending = [](const model::Delivery& delivery) { return model::IsPending(delivery.state); };
  std::size_t count = 0;
  for (const Draft& draft : drafts) {
    count += static_cast<std::size_t>(std::count_if(draft.deliveries.begin(), draft.deliveries.end(), is_pending));
  }
  if (count != 0 && !parts_.intake.HasRoom(count)) {
    return Refusal{RefusalKind::kUnavailable, "The queue is full: try again when the mail in it has left.", ""};
  }
  const base::Time now = parts_.clock.Now();
  const auto written = parts_.database.Write([&](store::Session& session) -> base::Result<void> {
    for (const Draft& draft : drafts) {
      if (auto done = store::InsertEmail(session, draft.email, draft.deliveries); !done) return done;
      for (const model::Event& event : EventsOf(draft.deliveries, draft.why_suppressed, now)) {
        if (auto done = store::InsertEvent(session, event); !done) return done;
      }
    }
    if (!idempotency) return {};
    return store::InsertAnswer(session, idempotency->key, {idempotency->fingerprint, 200, answer, now});
  });
  if (written) return std::nullopt;
  return StoreTrouble({base::ErrorKind::kUnavailable, written.error().message, ""}, "");
}

// The message is on disk: from here on the queue owns it, and a crash finds it in the store.
void Submitter::Release(Draft draft) {
  const auto content = std::make_shared<const model::RawMessage>(std::move(draft.email.raw));
  for (model::Delivery& delivery : draft.deliveries) {
    parts_.metrics.Count("sealpost_messages_total", {{"state", model::StateName(delivery.state)}});
    if (!model::IsPending(delivery.state)) continue;
    parts_.intake.Put(JobOf(draft.email, std::move(delivery), content));
  }
}

}  // namespace sealpost::submit
