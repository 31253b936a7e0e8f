#include "mailer/store/confirmed.h"

#include <utility>

#include "mailer/store/session.h"

namespace sealpost::store {

using base::Result;

Result<void> SetConfirmed(Session& session, std::string_view mailbox, base::Time at) {
  auto set = session.Execute(
      "INSERT INTO confirmed_mailboxes (mailbox, at) VALUES ($1, $2)"
      " ON CONFLICT (mailbox) DO UPDATE SET at = excluded.at WHERE excluded.at > confirmed_mailboxes.at",
      {mailbox, base::ToMillis(at)});
  if (!set) return std::unexpected(std::move(set.error()));
  return {};
}

Result<void> ForgetConfirmedBefore(Session& session, base::Time before) {
  auto forgotten = session.Execute("DELETE FROM confirmed_mailboxes WHERE at < $1", {base::ToMillis(before)});
  if (!forgotten) return std::unexpected(std::move(forgotten.error()));
  return {};
}

Result<std::vector<Confirmation>> ConfirmedSince(Session& session, base::Time since) {
  auto rows = session.Select("SELECT mailbox, at FROM confirmed_mailboxes WHERE at >= $1 ORDER BY mailbox",
                             {Column::kText, Column::kNumber}, {base::ToMillis(since)});
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<Confirmation> confirmed;
  confirmed.reserve(rows->Size());
  for (std::size_t row = 0; row < rows->Size(); ++row) {
    confirmed.push_back({rows->Text(row, 0), base::FromMillis(rows->Number(row, 1))});
  }
  return confirmed;
}

}  // namespace sealpost::store
