#include "mailer/recipients/blocks.h"

#include <utility>
#include <vector>

#include "mailer/store/audit.h"
#include "ratelimit/identity.h"

namespace sealpost::recipients {

namespace {

constexpr std::string_view kRecipient = "recipient";
constexpr std::string_view kBlock = "limits.block";
constexpr std::string_view kUnblock = "limits.unblock";
constexpr std::chrono::minutes kSamePress{10};

std::unexpected<base::Error> RedisIsAway() {
  return base::Fail(base::ErrorKind::kUnavailable,
                    "Redis does not answer, and it holds what is to be taken back: try again when it is back");
}

}  // namespace

Blocks::Standing Blocks::Change(const std::string& mailbox, const Why& why, const Edit& edit) {
  const bool opens = why.action == kUnblock;
  if (opens && parts_.limiter.Degraded()) return RedisIsAway();
  const std::lock_guard one_at_a_time(order_);
  const base::Time now = parts_.clock.Now();
  store::Block block;
  const auto written = parts_.database.Write([&](store::Session& session) -> base::Result<void> {
    auto found = store::FindBlock(session, mailbox, now);
    if (!found) return std::unexpected(std::move(found.error()));
    block = std::move(*found).value_or(store::Block{mailbox});
    if (!edit(block, now)) return {};
    if (auto put = store::PutBlock(session, block, now); !put) return put;
    return store::InsertAudit(session, {now, std::string(why.actor), std::string(why.action),
                                        ratelimit::MailboxKey(parts_.subject_key, mailbox), std::string(why.reason)});
  });
  if (!written) return std::unexpected(written.error());
  // Also where nothing was written: the time before, it may be Redis that failed.
  const bool open = block.Ends() <= now;
  const bool told =
      open ? parts_.limiter.Unblock(mailbox) : parts_.limiter.Block(mailbox, base::ToMillis(block.Ends()));
  if (opens && !told) return RedisIsAway();
  if (open) return std::nullopt;
  return block.Ends();
}

Blocks::Standing Blocks::Block(const std::string& mailbox, base::Time until, const std::string& actor,
                               const std::string& reason) {
  return Change(mailbox, {actor, kBlock, reason}, [&](store::Block& block, base::Time) {
    block = {mailbox, until};
    return true;
  });
}

Blocks::Standing Blocks::Unblock(const std::string& mailbox, const std::string& actor, const std::string& reason) {
  return Change(mailbox, {actor, kUnblock, reason}, [&](store::Block& block, base::Time) {
    block = {mailbox};
    return true;
  });
}

Blocks::Standing Blocks::Stop(const std::string& mailbox, base::Time until, const std::string& reason) {
  return Change(mailbox, {kRecipient, kBlock, reason}, [&](store::Block& block, base::Time) {
    if (block.Ends() > until - kSamePress) return false;
    block.braked_until = until;
    return true;
  });
}

Blocks::Standing Blocks::Resume(const std::string& mailbox, const std::string& reason) {
  return Change(mailbox, {kRecipient, kUnblock, reason}, [](store::Block& block, base::Time now) {
    if (block.braked_until <= now) return false;
    block.braked_until = {};
    return true;
  });
}

Blocks::Standing Blocks::Find(const std::string& mailbox) {
  std::optional<base::Time> until;
  const auto read = parts_.database.Read([&](store::Session& session) -> base::Result<void> {
    const auto found = store::FindBlock(session, mailbox, parts_.clock.Now());
    if (!found) return std::unexpected(found.error());
    if (*found) until = (*found)->Ends();
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return until;
}

base::Result<void> Blocks::Restore() {
  const std::lock_guard one_at_a_time(order_);
  std::vector<store::Block> blocks;
  const auto read = parts_.database.Read([&](store::Session& session) -> base::Result<void> {
    auto found = store::BlocksAt(session, parts_.clock.Now());
    if (!found) return std::unexpected(std::move(found.error()));
    blocks = std::move(*found);
    return {};
  });
  if (!read) return read;
  for (const store::Block& block : blocks) parts_.limiter.Block(block.mailbox, base::ToMillis(block.Ends()));
  return {};
}

}  // namespace sealpost::recipients
