#include "mailer/recipients/recipients.h"

#include <functional>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <utility>

#include "mailer/base/id.h"
#include "mailer/recipients/mask.h"
#include "mailer/store/confirmed.h"
#include "mailer/store/emails.h"

namespace sealpost::recipients {

namespace {

constexpr std::chrono::days kConfirmedFor{396};  // 13 months: what happens once a year finds it still there
constexpr std::chrono::days kRefresh{1};         // so that an application that always asserts does not always write

std::string ChoiceKey(std::string_view topic_id, std::string_view mailbox) {
  std::string key(topic_id);
  key += ' ';  // never part of a topic's id
  key += mailbox;
  return key;
}

}  // namespace

struct Recipients::Impl {
  Impl(store::Database& d, const base::TokenSigner& t, const base::Clock& c) : database(d), tokens(t), clock(c) {}

  base::Result<Subscription> Choose(std::string_view token, store::Choice choice, std::string_view source);
  base::Result<Subscription> Look(std::string_view token);
  std::optional<store::Choice> ChoiceOf(std::string_view topic_id, std::string_view mailbox) const;
  base::Result<void> LoadFrom(store::Session& session);
  std::vector<std::string> NoteConfirmed(const std::vector<std::string>& mailboxes, base::Time now);
  bool SweepIsDue(base::Time now);

  store::Database& database;
  const base::TokenSigner& tokens;
  const base::Clock& clock;
  std::mutex order;
  mutable std::shared_mutex mutex;
  // Guarded by mutex.
  std::unordered_map<std::string, store::Choice> choices;
  std::map<std::string, base::Time, std::less<>> confirmed;  // when it was asserted and written down
  base::Time swept;
};

std::optional<store::Choice> Recipients::Impl::ChoiceOf(std::string_view topic_id, std::string_view mailbox) const {
  const std::shared_lock lock(mutex);
  const auto found = choices.find(ChoiceKey(topic_id, mailbox));
  if (found == choices.end()) return std::nullopt;
  return found->second;
}

base::Result<Subscription> Recipients::Impl::Look(std::string_view token) {
  const auto id = tokens.OpenUrl(base::TokenPurpose::kUnsubscribe, token);
  if (!id) return base::Fail(base::ErrorKind::kNotFound, "this link is not one of ours, or it is incomplete");
  Subscription subscription;
  const auto read = database.Read([&](store::Session& session) -> base::Result<void> {
    const auto delivery = store::FindDelivery(session, base::FormatId(*id));
    if (!delivery) return std::unexpected(delivery.error());
    const auto email = store::FindEmail(session, delivery->email_id, false);
    if (!email) return std::unexpected(email.error());
    const auto topic = store::FindTopic(session, email->topic_id);
    if (!topic) return std::unexpected(topic.error());
    subscription = {delivery->id,
                    topic->id,
                    topic->name,
                    delivery->mailbox,
                    Mask(delivery->recipient),
                    topic->default_subscription == "opt_out"};
    return {};
  });
  if (!read && read.error().kind == base::ErrorKind::kNotFound) {
    return base::Fail(base::ErrorKind::kNotFound, "this link is not one of ours, or it is incomplete");
  }
  if (!read) return std::unexpected(read.error());
  if (const auto choice = ChoiceOf(subscription.topic_id, subscription.mailbox)) {
    subscription.opted_out = *choice == store::Choice::kOptOut;
  }
  return subscription;
}

base::Result<Subscription> Recipients::Impl::Choose(std::string_view token, store::Choice choice,
                                                    std::string_view source) {
  auto subscription = Look(token);
  if (!subscription) return subscription;
  // One choice at a time, so that memory and disk agree on which of two came last.
  const std::lock_guard one_at_a_time(order);
  const auto written = database.Write([&](store::Session& session) {
    return store::SetChoice(session, subscription->topic_id, subscription->mailbox, choice, source, clock.Now());
  });
  if (!written) return std::unexpected(written.error());
  const std::unique_lock lock(mutex);
  choices[ChoiceKey(subscription->topic_id, subscription->mailbox)] = choice;
  subscription->opted_out = choice == store::Choice::kOptOut;
  return subscription;
}

base::Result<void> Recipients::Impl::LoadFrom(store::Session& session) {
  auto all = store::AllChoices(session);
  if (!all) return std::unexpected(all.error());
  for (const store::StoredChoice& stored : *all) choices[ChoiceKey(stored.topic_id, stored.mailbox)] = stored.choice;
  auto known = store::ConfirmedSince(session, clock.Now() - kConfirmedFor);
  if (!known) return std::unexpected(known.error());
  for (store::Confirmation& one : *known) confirmed[std::move(one.mailbox)] = one.at;
  return {};
}

// Those that have to be written down.
std::vector<std::string> Recipients::Impl::NoteConfirmed(const std::vector<std::string>& mailboxes, base::Time now) {
  std::vector<std::string> fresh;
  const std::unique_lock lock(mutex);
  for (const std::string& mailbox : mailboxes) {
    base::Time& at = confirmed[mailbox];
    if (now < at + kRefresh) continue;
    at = now;
    fresh.push_back(mailbox);
  }
  return fresh;
}

bool Recipients::Impl::SweepIsDue(base::Time now) {
  const std::unique_lock lock(mutex);
  if (now < swept + kRefresh) return false;
  swept = now;
  std::erase_if(confirmed, [now](const auto& one) { return one.second < now - kConfirmedFor; });
  return true;
}

base::Result<std::unique_ptr<Recipients>> Recipients::Load(store::Database& database, const base::TokenSigner& tokens,
                                                           const base::Clock& clock) {
  auto impl = std::make_unique<Impl>(database, tokens, clock);
  const auto read = database.Read([&](store::Session& session) { return impl->LoadFrom(session); });
  if (!read) return std::unexpected(read.error());
  return std::unique_ptr<Recipients>(new Recipients(std::move(impl)));
}

Recipients::Recipients(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Recipients::~Recipients() = default;

std::optional<store::Choice> Recipients::ChoiceOf(std::string_view topic_id, std::string_view mailbox) const {
  return impl_->ChoiceOf(topic_id, mailbox);
}
bool Recipients::IsConfirmed(std::string_view mailbox) const {
  const std::shared_lock lock(impl_->mutex);
  const auto found = impl_->confirmed.find(mailbox);
  return found != impl_->confirmed.end() && found->second >= impl_->clock.Now() - kConfirmedFor;
}

void Recipients::Confirm(const std::vector<std::string>& mailboxes) {
  const base::Time now = impl_->clock.Now();
  std::vector<std::string> fresh = impl_->NoteConfirmed(mailboxes, now);
  if (fresh.empty()) return;
  const bool sweep = impl_->SweepIsDue(now);
  impl_->database.Post(
      [fresh = std::move(fresh), now, sweep](store::Session& session) -> base::Result<void> {
        for (const std::string& mailbox : fresh) {
          if (auto done = store::SetConfirmed(session, mailbox, now); !done) return done;
        }
        return sweep ? store::ForgetConfirmedBefore(session, now - kConfirmedFor) : base::Result<void>();
      },
      [](const base::Result<void>&) {});
}

base::Result<Subscription> Recipients::Look(std::string_view token) {
  return impl_->Look(token);
}
base::Result<Subscription> Recipients::Unsubscribe(std::string_view token, std::string_view source) {
  return impl_->Choose(token, store::Choice::kOptOut, source);
}
base::Result<Subscription> Recipients::Resubscribe(std::string_view token) {
  return impl_->Choose(token, store::Choice::kOptIn, "page");
}

}  // namespace sealpost::recipients
