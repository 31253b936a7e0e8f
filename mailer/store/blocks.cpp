#include "mailer/store/blocks.h"

#include <utility>

#include "mailer/store/session.h"

namespace sealpost::store {

namespace {

base::Result<std::vector<Block>> ToBlocks(base::Result<Rows> rows) {
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<Block> blocks;
  for (std::size_t row = 0; row < rows->Size(); ++row) {
    blocks.push_back(
        {rows->Text(row, 0), base::FromMillis(rows->Number(row, 1)), base::FromMillis(rows->Number(row, 2))});
  }
  return blocks;
}

}  // namespace

base::Result<void> PutBlock(Session& session, const Block& block, base::Time now) {
  auto put = Done(session.Execute(
      "INSERT INTO blocks (mailbox, until, braked_until) VALUES ($1, $2, $3)"
      " ON CONFLICT (mailbox) DO UPDATE SET until = excluded.until, braked_until = excluded.braked_until",
      {block.mailbox, base::ToMillis(block.until), base::ToMillis(block.braked_until)}));
  if (!put) return put;
  return Done(session.Execute("DELETE FROM blocks WHERE until <= $1 AND braked_until <= $2",
                              {base::ToMillis(now), base::ToMillis(now)}));
}

base::Result<std::optional<Block>> FindBlock(Session& session, std::string_view mailbox, base::Time now) {
  auto blocks = ToBlocks(session.Select("SELECT mailbox, until, braked_until FROM blocks WHERE mailbox = $1",
                                        {Column::kText, Column::kNumber, Column::kNumber}, {mailbox}));
  if (!blocks) return std::unexpected(std::move(blocks.error()));
  if (blocks->empty() || blocks->front().Ends() <= now) return std::nullopt;
  return std::move(blocks->front());
}

base::Result<std::vector<Block>> BlocksAt(Session& session, base::Time now) {
  return ToBlocks(session.Select(
      "SELECT mailbox, until, braked_until FROM blocks WHERE until > $1 OR braked_until > $2 ORDER BY mailbox",
      {Column::kText, Column::kNumber, Column::kNumber}, {base::ToMillis(now), base::ToMillis(now)}));
}

}  // namespace sealpost::store
