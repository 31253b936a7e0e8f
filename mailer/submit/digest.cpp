#include "mailer/submit/digest.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <tuple>
#include <unordered_set>

#include "mailer/base/id.h"
#include "mailer/model/event_of.h"
#include "mailer/store/digests.h"
#include "mailer/store/emails.h"
#include "mailer/submit/acceptance.h"
#include "mailer/submit/charge.h"
#include "mailer/submit/content.h"
#include "mailer/submit/digest_words.h"
#include "mailer/submit/limit_request.h"

namespace sealpost::submit {

namespace {

constexpr std::chrono::minutes kStoreAway{1};
// What one digest tells ends in one commit, and all other mail waits for that: with so many, for some tens of
// milliseconds.
constexpr std::size_t kToldAtMost = 1'000;

struct Single {
  model::Job job;
  model::Email email;
};

struct Group {
  store::DigestGroup name;
  Single due;
  std::optional<base::Time> latest;  // digest
};

struct Digest {
  model::Email email;
  model::Job job;
};

ratelimit::Decision AskLater(const model::Job& job, base::Millis wait) {
  ratelimit::Decision later;
  later.outcome = ratelimit::Outcome::kHeld;
  later.rule = job.delivery.held_by;
  later.hold = std::chrono::ceil<std::chrono::seconds>(wait);
  return later;
}

// A job knows the domain in From; only its message knows the address.
base::Result<Group> ReadGroup(store::Database& database, const model::Job& due) {
  Group group;
  const auto read = database.Read([&](store::Session& session) -> base::Result<void> {
    auto email = store::FindEmail(session, due.delivery.email_id, false);
    if (!email) return std::unexpected(email.error());
    group.name = {due.delivery.mailbox, email->from.address.ToString(), due.topic_id, due.category};
    group.due = {due, std::move(*email)};
    auto latest = store::LastDigest(session, group.name);
    if (!latest) return std::unexpected(latest.error());
    group.latest = *latest;
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return group;
}

// When it was to be sent.
base::Time TimeOf(const Single& single) {
  return single.email.scheduled_at.value_or(single.email.created_at);
}

// What is told together, oldest first: the one that is due and, of those behind it, what has the same sender and can be
// read now.
base::Result<std::vector<Single>> ReadSingles(store::Database& database, const Group& group,
                                              const std::vector<model::Job>& held) {
  std::vector<Single> singles{group.due};
  const auto read = database.Read([&](store::Session& session) -> base::Result<void> {
    for (std::size_t i = 1; i < held.size() && singles.size() < kToldAtMost; ++i) {
      auto email = store::FindEmail(session, held[i].delivery.email_id, false);
      if (!email || email->from.address.ToString() != group.name.sender) continue;
      singles.push_back({held[i], std::move(*email)});
    }
    return {};
  });
  if (!read) return std::unexpected(read.error());
  std::ranges::sort(singles, {}, [](const Single& single) { return std::tuple(TimeOf(single), single.email.id); });
  return singles;
}

// Who answers a digest must not reach somebody who has to do with one of its messages alone.
std::vector<model::Mailbox> CommonReplyTo(const std::vector<Single>& singles) {
  const auto addresses = [](const Single& single) {
    std::string text;
    for (const model::Mailbox& mailbox : single.email.reply_to) text += mailbox.address.ToString() + "\n";
    return text;
  };
  for (const Single& single : singles) {
    if (addresses(single) != addresses(singles.back())) return {};
  }
  return singles.back().email.reply_to;
}

// It is worth delivering as long as one of them is.
std::optional<base::Time> LatestExpiry(const std::vector<Single>& singles) {
  std::optional<base::Time> latest;
  for (const Single& single : singles) {
    if (!single.job.expires_at) return std::nullopt;
    latest = std::max(latest, single.job.expires_at);
  }
  return latest;
}

// The newest one stands for all in what is shown, and in what the limiter counts.
model::Email MakeEmail(const std::vector<Single>& singles, base::Time now) {
  const model::Email& newest = singles.back().email;
  model::Email email;
  email.id = base::NewId(now);
  email.created_at = now;
  email.key_id = newest.key_id;
  email.from = newest.from;
  email.to = {{"", singles.back().job.delivery.recipient}};
  email.reply_to = CommonReplyTo(singles);
  email.topic_id = newest.topic_id;
  email.tags = {{"digest", std::to_string(singles.size())}};
  email.extras = newest.extras;
  email.extras.dedupe_key.clear();
  email.extras.metadata.clear();
  email.extras.expires_at = LatestExpiry(singles);
  return email;
}

model::Delivery MakeDelivery(const model::Email& email, const model::Delivery& newest) {
  model::Delivery delivery;
  delivery.id = base::NewId(email.created_at);
  delivery.email_id = email.id;
  delivery.recipient = newest.recipient;
  delivery.mailbox = newest.mailbox;
  delivery.next_attempt_at = email.created_at;
  return delivery;
}

base::Result<Composed> Compose(const DigestParts& parts, const std::vector<Single>& singles,
                               const model::Email& email) {
  Ingredients ingredients{DigestTemplate(), nullptr, email.from, email.reply_to, parts.public_url};
  if (!email.topic_id.empty()) {
    auto topic = parts.catalog.FindTopic(email.topic_id);
    if (!topic) return std::unexpected(topic.error());
    ingredients.topic = std::move(*topic);
  }
  std::vector<Held> held;
  for (const Single& single : singles) held.push_back({TimeOf(single), single.email.subject});
  SendRequest request;
  request.topic_id = email.topic_id;
  request.template_use = {"", DigestWords(held, ingredients.topic ? ingredients.topic->name : std::string())};
  Checked checked;
  checked.to = email.to;
  checked.category_name = email.extras.category;
  auto composed = ComposeMessage(std::move(request), checked, ingredients, email.created_at);
  if (!composed) return base::Fail(base::ErrorKind::kInternal, composed.error().message);
  return std::move(*composed);
}

std::optional<Digest> MakeDigest(const DigestParts& parts, const std::vector<Single>& singles, base::Time now) {
  Digest digest;
  digest.email = MakeEmail(singles, now);
  auto composed = Compose(parts, singles, digest.email);
  if (!composed) {
    parts.log.Error("digest_not_composed",
                    {{"email_id", singles.back().email.id}, {"error", composed.error().message}});
    return std::nullopt;
  }
  digest.email.message_id = std::move(composed->message_id);
  digest.email.subject = std::move(composed->subject);
  digest.email.raw = std::move(composed->raw);
  digest.job = JobOf(digest.email, MakeDelivery(digest.email, singles.back().job.delivery), nullptr);
  return digest;
}

// The digest, and the end of what it tells.
base::Result<void> Store(store::Session& session, const store::DigestGroup& name, const std::vector<Single>& singles,
                         const Digest& digest) {
  if (auto done = store::InsertEmail(session, digest.email, {digest.job.delivery}); !done) return done;
  const base::Time now = digest.email.created_at;
  for (const Single& single : singles) {
    model::Delivery ended = single.job.delivery;
    ended.state = model::DeliveryState::kSuppressed;
    model::Event event = model::EventOf(ended, "email.suppressed", now);
    event.reply = "held by the limit " + ended.held_by + ", told in the digest " + digest.email.id;
    if (auto done = store::RecordOutcome(session, ended, event); !done) return done;
  }
  return store::PutDigest(session, name, now, now - kDigestEvery);
}

ratelimit::Request RequestOf(const DigestParts& parts, const model::Email& email, const model::Delivery& delivery) {
  return MakeLimitRequest(email, delivery, parts.recipients.IsConfirmed(delivery.mailbox), parts.limit_rules);
}

// Key, client and user are those of the newest, which is not read yet, so the mailbox alone is looked at.
ratelimit::Decision LookForRoom(const DigestParts& parts, const Single& due) {
  const ratelimit::Request whole = RequestOf(parts, due.email, due.job.delivery);
  ratelimit::Request mailbox;
  mailbox.id = whole.id;
  mailbox.recipients = whole.recipients;
  mailbox.recipients.front().domain.clear();
  mailbox.category = whole.category;
  mailbox.trust = whole.trust;
  return parts.limiter.Check(mailbox);
}

// What still belongs into the queue when the digest is on disk.
void Replace(std::vector<model::Job>& held, const std::vector<Single>& singles, Digest digest) {
  std::unordered_set<std::string> told;
  for (const Single& single : singles) told.insert(single.job.delivery.id);
  std::erase_if(held, [&](const model::Job& job) { return told.contains(job.delivery.id); });
  digest.job.content = std::make_shared<const model::RawMessage>(std::move(digest.email.raw));
  held.push_back(std::move(digest.job));
}

// While the counters are away they stay held by what held them.
ratelimit::Decision Wait(ratelimit::Decision decision, const model::Job& due) {
  if (WaitsForCounters(decision)) decision.rule = due.delivery.held_by;
  return decision;
}

ratelimit::Decision SendDue(const DigestParts& parts, const Single& due, model::Job& job) {
  ratelimit::Decision decision = parts.limiter.Admit(RequestOf(parts, due.email, due.job.delivery));
  if (decision.admitted()) job.delivery.held_by.clear();
  return Wait(std::move(decision), due.job);
}

ratelimit::Decision SendDigest(const DigestParts& parts, const Group& group, const std::vector<Single>& singles,
                               Digest digest, std::vector<model::Job>& held) {
  ratelimit::Request request = RequestOf(parts, digest.email, digest.job.delivery);
  request.id = digest.email.id;  // by which the store tells of it when counters are made anew
  ratelimit::Decision decision = parts.limiter.Admit(request);
  if (!decision.admitted()) return Wait(std::move(decision), group.due.job);
  Charge charge(parts.limiter, std::move(request));
  const auto written =
      parts.database.Write([&](store::Session& session) { return Store(session, group.name, singles, digest); });
  if (!written) {
    parts.log.Error("digest_not_stored", {{"error", written.error().message}});
    return AskLater(group.due.job, kStoreAway);
  }
  charge.Keep();
  parts.metrics.Count("sealpost_messages_total", {{"state", model::StateName(model::DeliveryState::kQueued)}});
  parts.metrics.Count("sealpost_messages_total", {{"state", model::StateName(model::DeliveryState::kSuppressed)}},
                      static_cast<double>(singles.size()));
  Replace(held, singles, std::move(digest));
  return decision;
}

}  // namespace

bool Digests::Wants(const model::Job& job) const {
  const model::Delivery& delivery = job.delivery;
  if (delivery.state != model::DeliveryState::kDelayed) return false;
  if (delivery.held_by.empty() || delivery.held_by == kCountersAway) return false;
  if (delivery.next_attempt_at - job.created_at < kDigestEvery) return false;
  const auto category = parts_.limit_rules.policy.Find(job.category);
  return category && parts_.limit_rules.policy.For(*category).on_limit == ratelimit::OnLimit::kDigest;
}

// What costs least is asked first: in a storm most of them wait on.
ratelimit::Decision Digests::Ask(std::vector<model::Job>& held) {
  const base::Time now = parts_.clock.Now();
  const auto group = ReadGroup(parts_.database, held.front());
  if (!group) return AskLater(held.front(), kStoreAway);
  if (group->latest && now < *group->latest + kDigestEvery) {
    return AskLater(held.front(), *group->latest + kDigestEvery - now);
  }
  if (held.size() == 1) return SendDue(parts_, group->due, held.front());
  const ratelimit::Decision room = LookForRoom(parts_, group->due);
  if (room.outcome == ratelimit::Outcome::kHeld) return Wait(room, held.front());
  const auto singles = ReadSingles(parts_.database, *group, held);
  if (!singles) return AskLater(held.front(), kStoreAway);
  std::optional<Digest> digest;  // without one the job that is due goes itself
  if (singles->size() > 1) digest = MakeDigest(parts_, *singles, now);
  if (!digest) return SendDue(parts_, group->due, held.front());
  return SendDigest(parts_, *group, *singles, std::move(*digest), held);
}

}  // namespace sealpost::submit
