#include "mailer/submit/submitter.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "mailer/base/id.h"
#include "mailer/store/emails.h"
#include "mailer/submit/charge.h"

namespace sealpost::submit {

// One message on its way through: what will be stored, and what was charged for it.
struct Submitter::Draft {
  model::Email email;
  std::vector<model::Delivery> deliveries;
  Charge charge;
};

namespace {

std::unexpected<Refusal> Refuse(RefusalKind kind, std::string message, std::string field) {
  return std::unexpected(Refusal{kind, std::move(message), std::move(field)});
}

Refusal StoreTrouble(const base::Error& error, std::string field) {
  if (error.kind == base::ErrorKind::kNotFound) return {RefusalKind::kNotFound, error.message, std::move(field)};
  if (error.kind == base::ErrorKind::kInvalid) return {RefusalKind::kValidation, error.message, std::move(field)};
  return {RefusalKind::kUnavailable, "The store does not take the message: try again shortly.", ""};
}

model::Extras MakeExtras(const SendRequest& request, const Checked& checked) {
  return {checked.category_name, request.trust,    request.recipient_confirmed, request.client_ip, request.user_id,
          request.dedupe_key,    request.priority, request.expires_at,          request.metadata};
}

bool IsSimulatedSuppression(const model::Address& address) {
  return address.domain == "simulator.sealpost.test" && address.local == "suppressed";
}

std::string DescribeLimit(const ratelimit::Decision& decision) {
  return "Too many messages to " + std::to_string(decision.refused.size()) +
         (decision.refused.size() == 1 ? " mailbox" : " mailboxes") + " of this request: the rule " + decision.rule +
         " allows " + std::to_string(decision.limit.count) + " in " + std::to_string(decision.limit.window.count()) +
         " seconds. Try again in " + std::to_string(decision.retry_after.count()) + " seconds.";
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
    return Refuse(RefusalKind::kDomainNotDeclared,
                  "The domain " + ingredients.from.address.domain +
                      " is not declared here: an operator adds it to [[domains.domain]] "
                      "with its DKIM keys, then mail from it is accepted.",
                  "/from");
  }
  if (auto why = parts_.domains.Refused(ingredients.from.address.domain))
    return Refuse(RefusalKind::kDomainRefused, std::move(*why), "/from");
  if (!request.topic_id.empty()) {
    if (!base::IsId(request.topic_id))
      return Refuse(RefusalKind::kInvalidParameter, "`topic_id` is not a UUID.", "/topic_id");
    auto topic = parts_.catalog.FindTopic(request.topic_id);
    if (!topic) return std::unexpected(StoreTrouble(topic.error(), "/topic_id"));
    ingredients.topic = std::move(*topic);
  }
  return ingredients;
}

bool Submitter::IsSuppressed(const Recipient& recipient, const model::Topic* topic) const {
  if (parts_.simulator && IsSimulatedSuppression(recipient.address)) return true;
  if (topic == nullptr) return false;
  const auto choice = parts_.recipients.ChoiceOf(topic->id, recipient.mailbox);
  return choice ? *choice == store::Choice::kOptOut : topic->default_subscription == "opt_out";
}

std::optional<Refusal> Submitter::Admit(Draft& draft, const Checked& checked, const SendRequest& sent,
                                        const model::ApiKey& caller, LastDecision& decision) {
  ratelimit::Request request;
  for (std::size_t i = 0; i < draft.deliveries.size(); ++i) {
    if (draft.deliveries[i].state != model::DeliveryState::kQueued) continue;
    const Recipient& recipient = checked.recipients[i];  // each has one delivery, in their order
    request.recipients.push_back({.mailbox = recipient.mailbox,
                                  .family = recipient.family,
                                  .domain = recipient.domain,
                                  .confirmed = sent.recipient_confirmed});
  }
  if (request.recipients.empty()) return std::nullopt;  // all suppressed: nothing will leave
  request.id = draft.email.id;
  request.category = checked.category;
  request.trusted = checked.trusted;
  request.key = caller.id;
  request.source = sent.client_ip;
  decision = parts_.limiter.Admit(request);
  parts_.metrics.Count("sealpost_limit_decisions_total", {{"category", checked.category_name},
                                                          {"outcome", decision->admitted() ? "accepted" : "denied"}});
  if (!decision->admitted()) return Refusal{RefusalKind::kLimited, DescribeLimit(*decision), "/to"};
  draft.charge = Charge(parts_.limiter, std::move(request));
  return std::nullopt;
}

std::expected<Submitter::Draft, Refusal> Submitter::Prepare(SendRequest request, const model::ApiKey& caller,
                                                            LastDecision& decision) {
  const base::Time now = parts_.clock.Now();
  const auto checked = Validate(request, caller, now, parts_.limit_rules);
  if (!checked) return std::unexpected(checked.error());
  const auto ingredients = Gather(request, *checked);
  if (!ingredients) return std::unexpected(ingredients.error());

  Draft draft;
  draft.email.id = base::NewId(now);
  for (const Recipient& recipient : checked->recipients) {
    model::Delivery delivery;
    delivery.id = base::NewId(now);
    delivery.email_id = draft.email.id;
    delivery.recipient = recipient.address;
    delivery.mailbox = recipient.mailbox;
    delivery.next_attempt_at = now;
    if (IsSuppressed(recipient, ingredients->topic.get())) delivery.state = model::DeliveryState::kSuppressed;
    draft.deliveries.push_back(std::move(delivery));
  }
  if (auto refusal = Admit(draft, *checked, request, caller, decision)) return std::unexpected(std::move(*refusal));

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
  email.extras = MakeExtras(request, *checked);

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
    if (begun->replay) return Outcome{{}, {}, std::move(begun->replay->body), true};
    claim = std::move(begun->claim);
  }
  Outcome outcome;
  std::vector<Draft> drafts;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    auto draft = Prepare(std::move(requests[i]), caller, decision);
    if (draft) {
      outcome.ids.push_back(draft->email.id);
      drafts.push_back(std::move(*draft));
    } else if (mode == Mode::kPermissive) {
      outcome.refused.emplace_back(i, draft.error());
    } else {
      return std::unexpected(Failure{i, draft.error()});
    }
  }
  outcome.answer = make_answer(outcome);
  if (drafts.empty()) return outcome;
  if (auto refusal = Commit(drafts, idempotency, outcome.answer))
    return std::unexpected(Failure{0, std::move(*refusal)});
  for (Draft& draft : drafts) draft.charge.Keep();
  for (Draft& draft : drafts) Release(std::move(draft));
  return outcome;
}

std::optional<Refusal> Submitter::Commit(std::vector<Draft>& drafts, const std::optional<Idempotency>& idempotency,
                                         const std::string& answer) {
  const auto is_queued = [](const model::Delivery& delivery) {
    return delivery.state == model::DeliveryState::kQueued;
  };
  std::size_t count = 0;
  for (const Draft& draft : drafts) {
    count += static_cast<std::size_t>(std::count_if(draft.deliveries.begin(), draft.deliveries.end(), is_queued));
  }
  if (count != 0 && !parts_.intake.HasRoom(count)) {
    return Refusal{RefusalKind::kUnavailable, "The queue is full: try again when the mail in it has left.", ""};
  }
  const base::Time now = parts_.clock.Now();
  const auto written = parts_.database.Write([&](store::Session& session) -> base::Result<void> {
    for (const Draft& draft : drafts) {
      if (auto done = store::InsertEmail(session, draft.email, draft.deliveries); !done) return done;
      for (const model::Delivery& delivery : draft.deliveries) {
        if (delivery.state != model::DeliveryState::kSuppressed) continue;
        model::Event event;
        event.email_id = draft.email.id;
        event.delivery_id = delivery.id;
        event.type = "email.suppressed";
        event.at = now;
        event.recipient = delivery.recipient.ToString();
        event.reply = IsSimulatedSuppression(delivery.recipient) ? "the simulator suppresses this mailbox"
                                                                 : "the recipient opted out of the topic";
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
    if (delivery.state != model::DeliveryState::kQueued) continue;
    model::Job job;
    job.delivery = std::move(delivery);
    job.from_domain = draft.email.from.address.domain;
    job.topic_id = draft.email.topic_id;
    job.expires_at = draft.email.extras.expires_at;
    job.created_at = draft.email.created_at;
    job.category = draft.email.extras.category;
    job.content = content;
    parts_.intake.Put(std::move(job));
  }
}

}  // namespace sealpost::submit
