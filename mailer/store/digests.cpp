#include "mailer/store/digests.h"

#include <utility>

#include "mailer/store/session.h"

namespace sealpost::store {

base::Result<std::optional<base::Time>> LastDigest(Session& session, const DigestGroup& group) {
  auto rows =
      session.Select("SELECT at FROM digests WHERE mailbox = $1 AND sender = $2 AND topic_id = $3 AND category = $4",
                     {Column::kNumber}, {group.mailbox, group.sender, group.topic_id, group.category});
  if (!rows) return std::unexpected(std::move(rows.error()));
  if (rows->Size() == 0) return std::nullopt;
  return base::FromMillis(rows->Number(0, 0));
}

base::Result<void> PutDigest(Session& session, const DigestGroup& group, base::Time at, base::Time keep_since) {
  auto swept = session.Execute("DELETE FROM digests WHERE at < $1", {base::ToMillis(keep_since)});
  if (!swept) return std::unexpected(std::move(swept.error()));
  auto put = session.Execute(
      "INSERT INTO digests (mailbox, sender, topic_id, category, at) VALUES ($1, $2, $3, $4, $5)"
      " ON CONFLICT (mailbox, sender, topic_id, category) DO UPDATE SET at = excluded.at",
      {group.mailbox, group.sender, group.topic_id, group.category, base::ToMillis(at)});
  if (!put) return std::unexpected(std::move(put.error()));
  return {};
}

}  // namespace sealpost::store
