#include "mailer/submit/attack_notice.h"

#include <utility>

#include "mailer/store/accepted.h"
#include "mailer/store/attack_notices.h"
#include "ratelimit/identity.h"

namespace sealpost::submit {

namespace {

using ratelimit::Signal;

constexpr std::size_t kWaitingAtMost = 1'000;
constexpr std::size_t kTriedAtOnce = 5;  // a stop waits for no more; all of them have their turn within ten minutes
constexpr std::size_t kDeliveredAtLeast = 3;
constexpr std::chrono::hours kDeliveredIn{24};
constexpr std::chrono::days kOnceIn{7};
constexpr std::chrono::minutes kTryAgain{10};
constexpr auto kCategory = ratelimit::Category::kContactAck;

SendRequest NoticeOf(const std::string& from, const std::string& domain, const model::Address& to) {
  SendRequest request;
  request.from = from;
  request.to = {to.ToString()};
  request.subject = "Many messages to your address were requested";
  request.text =
      "Hello,\n\n"
      "many more messages to this address than usual were requested from\n" +
      domain +
      ". We do not know who did it. Perhaps somebody typed\n"
      "your address into our forms again and again. We have slowed them\n"
      "down, so that only few of them reach you.\n\n"
      "There is nothing you have to do.\n\n"
      "If somebody calls or writes to you about these messages and offers\n"
      "to help, be careful: we do not do that. Never give a code or a\n"
      "password to anybody, whoever they say they are.\n\n"
      "This is the only message about it. There will be no other for at\n"
      "least a week.\n";
  request.category = ratelimit::CategoryName(kCategory);
  request.category_is_member = true;
  request.tags = {{"sealpost", "attack_notice"}};
  return request;
}

}  // namespace

void AttackNotice::Hear(const Signal& signal) {
  if (signal.kind != Signal::Kind::kUnderAttack && signal.kind != Signal::Kind::kRecovered) return;
  const base::Time now = parts_.clock.Now();
  const auto waiting = waiting_.Lock();
  if (signal.kind == Signal::Kind::kUnderAttack && waiting->size() < kWaitingAtMost)
    waiting->insert_or_assign(signal.subject, Waiting{now});
  // By then there is room again, and what happened is worth knowing all the same.
  const auto known = waiting->find(signal.subject);
  if (signal.kind == Signal::Kind::kRecovered && known != waiting->end()) known->second = {now, true};
}

std::vector<std::pair<std::string, AttackNotice::Waiting>> AttackNotice::TakeDue() {
  const base::Time now = parts_.clock.Now();
  std::vector<std::pair<std::string, Waiting>> due;
  const auto waiting = waiting_.Lock();
  for (auto& [mailbox, one] : *waiting) {
    if (now < one.due) continue;
    if (due.size() == kTriedAtOnce) break;
    due.emplace_back(mailbox, one);
    one.due = now + kTryAgain;
  }
  return due;
}

void AttackNotice::SendDue() {
  for (const auto& [mailbox, one] : TakeDue()) {
    if (!Try(mailbox) && !one.is_last) continue;
    waiting_.Lock()->erase(mailbox);
  }
}

// True: the victim knows, by this notice or by an earlier one.
bool AttackNotice::Try(const std::string& mailbox) {
  // In this order: while a flood goes on there is seldom room, and the look through the deliveries is the dear one.
  if (!HasRoom(mailbox)) return false;
  const auto addresses = Delivered(mailbox);
  if (addresses.size() < kDeliveredAtLeast) return false;
  const std::string subject = ratelimit::MailboxKey(parts_.subject_key, mailbox);
  const auto claimed = Claim(subject);
  if (!claimed) return false;
  if (!*claimed) return true;
  if (Send(addresses.front())) {
    parts_.log.Info("attack_notice", {{"mailbox", subject}});
    return true;
  }
  (void)parts_.database.Write([&](store::Session& session) { return store::ReturnAttackNotice(session, subject); });
  return false;
}

std::vector<model::Address> AttackNotice::Delivered(const std::string& mailbox) {
  std::vector<model::Address> addresses;
  (void)parts_.database.Read([&](store::Session& session) -> base::Result<void> {
    auto found = store::DeliveredTo(session, mailbox, parts_.clock.Now() - kDeliveredIn, kDeliveredAtLeast);
    if (!found) return std::unexpected(found.error());
    addresses = std::move(*found);
    return {};
  });
  return addresses;
}

// Asked without counting: a refusal of ours would be one more of the attack.
bool AttackNotice::HasRoom(const std::string& mailbox) {
  const auto address = model::ParseAddress(mailbox);
  if (!address) return false;
  const auto identity = ratelimit::Identify(address->local, address->domain, parts_.rules.identity);
  ratelimit::Request request;
  request.recipients = {{.mailbox = mailbox,
                         .family = identity.family,
                         .domain = identity.domain_budget,
                         .confirmed = parts_.recipients.IsConfirmed(mailbox)}};
  request.category = kCategory;
  return parts_.limiter.Check(request).admitted();
}

base::Result<bool> AttackNotice::Claim(const std::string& subject) {
  const base::Time now = parts_.clock.Now();
  bool claimed = false;
  const auto written = parts_.database.Write([&](store::Session& session) -> base::Result<void> {
    const auto done = store::ClaimAttackNotice(session, subject, now, now - kOnceIn);
    if (!done) return std::unexpected(done.error());
    claimed = *done;
    return {};
  });
  if (!written) return std::unexpected(written.error());
  return claimed;
}

bool AttackNotice::Send(const model::Address& address) {
  const auto from = model::ParseMailbox(parts_.from);
  if (!from) return false;
  LastDecision decision;
  const auto outcome = parts_.submitter.Submit(
      {NoticeOf(parts_.from, from->address.domain, address)}, Mode::kStrict, {}, std::nullopt,
      [](const Outcome&) { return std::string(); }, decision);
  if (!outcome) parts_.log.Warn("attack_notice_not_sent", {{"error", outcome.error().refusal.message}});
  return outcome && outcome->fates.front() != Fate::kSuppressed;
}

}  // namespace sealpost::submit
