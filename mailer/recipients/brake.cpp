#include "mailer/recipients/brake.h"

#include <mutex>
#include <utility>

#include "mailer/base/id.h"
#include "mailer/model/email.h"
#include "mailer/recipients/mask.h"
#include "mailer/store/audit.h"
#include "mailer/store/blocks.h"
#include "mailer/store/emails.h"
#include "ratelimit/identity.h"

namespace sealpost::recipients {

namespace {

constexpr std::string_view kActor = "recipient";
constexpr std::string_view kBlock = "limits.block";
constexpr std::chrono::minutes kSamePress{10};

std::unexpected<base::Error> NotOurs() {
  return base::Fail(base::ErrorKind::kNotFound, "this link is not one of ours, or it is incomplete");
}

}  // namespace

struct Brake::Impl {
  explicit Impl(BrakeParts given) : parts(std::move(given)) {}

  base::Result<model::Delivery> Open(std::string_view token);
  base::Result<void> PutLonger(store::Session& session, const model::Delivery& delivery, base::Time now,
                               base::Time& until);
  base::Result<void> TakeBack(store::Session& session, const model::Delivery& delivery, base::Time now);
  store::AuditEntry Entry(const model::Delivery& delivery, std::string_view action, base::Time now) const;

  BrakeParts parts;
  // One at a time, so that the limiter and the disk agree on which of two came last.
  std::mutex order;
};

base::Result<model::Delivery> Brake::Impl::Open(std::string_view token) {
  const auto id = parts.tokens.OpenUrl(base::TokenPurpose::kBrake, token);
  if (!id) return NotOurs();
  model::Delivery delivery;
  const auto read = parts.database.Read([&](store::Session& session) -> base::Result<void> {
    auto found = store::FindDelivery(session, base::FormatId(*id));
    if (!found) return std::unexpected(found.error());
    delivery = std::move(*found);
    return {};
  });
  if (read) return delivery;
  if (read.error().kind == base::ErrorKind::kNotFound) return NotOurs();
  return std::unexpected(read.error());
}

store::AuditEntry Brake::Impl::Entry(const model::Delivery& delivery, std::string_view action, base::Time now) const {
  return {now, std::string(kActor), std::string(action), ratelimit::MailboxKey(parts.subject_key, delivery.mailbox),
          "by the link in delivery " + delivery.id};
}

// `until` comes in as wished and goes out as it stands.
base::Result<void> Brake::Impl::PutLonger(store::Session& session, const model::Delivery& delivery, base::Time now,
                                          base::Time& until) {
  const auto standing = store::BlockedUntil(session, delivery.mailbox, now);
  if (!standing) return std::unexpected(standing.error());
  if (*standing && **standing > until - kSamePress) {
    until = **standing;
    return {};
  }
  if (auto put = store::PutBlock(session, {delivery.mailbox, until}, now); !put) return put;
  return store::InsertAudit(session, Entry(delivery, kBlock, now));
}

base::Result<void> Brake::Impl::TakeBack(store::Session& session, const model::Delivery& delivery, base::Time now) {
  const auto standing = store::BlockedUntil(session, delivery.mailbox, now);
  if (!standing) return std::unexpected(standing.error());
  if (!*standing) return {};
  const store::AuditEntry entry = Entry(delivery, "limits.unblock", now);
  const auto made = store::LatestAudit(session, entry.subject, kBlock);
  if (!made) return std::unexpected(made.error());
  if (!*made || (*made)->actor != kActor) {
    return base::Fail(base::ErrorKind::kConflict,
                      "the operator stopped mail to this address, and only the operator lets it through again");
  }
  if (auto deleted = store::DeleteBlock(session, delivery.mailbox); !deleted) return deleted;
  return store::InsertAudit(session, entry);
}

Brake::Brake(BrakeParts parts) : impl_(std::make_unique<Impl>(std::move(parts))) {}
Brake::~Brake() = default;

base::Result<Braked> Brake::Look(std::string_view token) {
  const auto delivery = impl_->Open(token);
  if (!delivery) return std::unexpected(delivery.error());
  Braked braked{Mask(delivery->recipient), std::nullopt};
  const auto read = impl_->parts.database.Read([&](store::Session& session) -> base::Result<void> {
    const auto until = store::BlockedUntil(session, delivery->mailbox, impl_->parts.clock.Now());
    if (!until) return std::unexpected(until.error());
    braked.blocked_until = *until;
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return braked;
}

base::Result<Braked> Brake::Stop(std::string_view token, BrakeTime time) {
  const auto delivery = impl_->Open(token);
  if (!delivery) return std::unexpected(delivery.error());
  const std::lock_guard one_at_a_time(impl_->order);
  const base::Time now = impl_->parts.clock.Now();
  base::Time until = now + (time == BrakeTime::kDay ? std::chrono::days(1) : std::chrono::days(30));
  const auto written = impl_->parts.database.Write(
      [&](store::Session& session) { return impl_->PutLonger(session, *delivery, now, until); });
  if (!written) return std::unexpected(written.error());
  impl_->parts.limiter.Block(delivery->mailbox, base::ToMillis(until));
  return Braked{Mask(delivery->recipient), until};
}

base::Result<Braked> Brake::Resume(std::string_view token) {
  const auto delivery = impl_->Open(token);
  if (!delivery) return std::unexpected(delivery.error());
  // Redis would go on with what it knows.
  if (impl_->parts.limiter.Degraded())
    return base::Fail(base::ErrorKind::kUnavailable, "this cannot be taken back at the moment: try again in a minute");
  const std::lock_guard one_at_a_time(impl_->order);
  const base::Time now = impl_->parts.clock.Now();
  const auto written =
      impl_->parts.database.Write([&](store::Session& session) { return impl_->TakeBack(session, *delivery, now); });
  if (!written) return std::unexpected(written.error());
  impl_->parts.limiter.Unblock(delivery->mailbox);
  return Braked{Mask(delivery->recipient), std::nullopt};
}

}  // namespace sealpost::recipients
