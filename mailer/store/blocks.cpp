#include "mailer/store/blocks.h"

#include <utility>

#include "mailer/store/session.h"

namespace sealpost::store {

namespace {

base::Result<void> Done(base::Result<std::size_t> executed) {
  if (!executed) return std::unexpected(std::move(executed.error()));
  return {};
}

}  // namespace

base::Result<void> PutBlock(Session& session, const Block& block, base::Time now) {
  auto swept = Done(session.Execute("DELETE FROM blocks WHERE until <= $1", {base::ToMillis(now)}));
  if (!swept) return swept;
  return Done(
      session.Execute("INSERT INTO blocks (mailbox, until) VALUES ($1, $2)"
                      " ON CONFLICT (mailbox) DO UPDATE SET until = excluded.until",
                      {block.mailbox, base::ToMillis(block.until)}));
}

base::Result<void> DeleteBlock(Session& session, std::string_view mailbox) {
  return Done(session.Execute("DELETE FROM blocks WHERE mailbox = $1", {mailbox}));
}

base::Result<std::optional<base::Time>> BlockedUntil(Session& session, std::string_view mailbox, base::Time now) {
  auto rows = session.Select("SELECT until FROM blocks WHERE mailbox = $1 AND until > $2", {Column::kNumber},
                             {mailbox, base::ToMillis(now)});
  if (!rows) return std::unexpected(std::move(rows.error()));
  if (rows->Size() == 0) return std::nullopt;
  return base::FromMillis(rows->Number(0, 0));
}

base::Result<std::vector<Block>> BlocksAt(Session& session, base::Time now) {
  auto rows = session.Select("SELECT mailbox, until FROM blocks WHERE until > $1 ORDER BY mailbox",
                             {Column::kText, Column::kNumber}, {base::ToMillis(now)});
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<Block> blocks;
  for (std::size_t row = 0; row < rows->Size(); ++row) {
    blocks.push_back({rows->Text(row, 0), base::FromMillis(rows->Number(row, 1))});
  }
  return blocks;
}

}  // namespace sealpost::store
