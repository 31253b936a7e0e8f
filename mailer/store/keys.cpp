#include "mailer/store/keys.h"

#include <string_view>
#include <utility>

#include "mailer/store/session.h"

namespace sealpost::store {

using base::Result;

namespace {

constexpr std::string_view kFullAccess = "full_access";
constexpr std::string_view kSendingAccess = "sending_access";

}  // namespace

Result<void> InsertKey(Session& session, const model::ApiKey& key) {
  auto inserted = session.Execute(
      "INSERT INTO api_keys (id, name, token_hash, permission, may_assert_trust, created_at, category)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7)",
      {key.id, key.name, key.token_hash,
       key.permission == model::Permission::kFullAccess ? kFullAccess : kSendingAccess, key.may_assert_trust ? 1 : 0,
       base::ToMillis(key.created_at), key.category});
  if (inserted) return {};
  if (inserted.error().kind == base::ErrorKind::kConflict) {
    return base::Fail(base::ErrorKind::kConflict, "there is an API key of this name already: choose another", "name");
  }
  return std::unexpected(std::move(inserted.error()));
}

Result<std::vector<model::ApiKey>> AllKeys(Session& session) {
  auto rows = session.Select(
      "SELECT id, name, token_hash, permission, may_assert_trust, created_at, category FROM api_keys ORDER BY id",
      {Column::kText, Column::kText, Column::kText, Column::kText, Column::kNumber, Column::kNumber, Column::kText});
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<model::ApiKey> keys;
  for (std::size_t row = 0; row < rows->Size(); ++row) {
    model::ApiKey& key = keys.emplace_back();
    key.id = rows->Text(row, 0);
    key.name = rows->Text(row, 1);
    key.token_hash = rows->Text(row, 2);
    // A word this program does not know gives the lesser right.
    key.permission =
        rows->Text(row, 3) == kFullAccess ? model::Permission::kFullAccess : model::Permission::kSendingAccess;
    key.may_assert_trust = rows->Number(row, 4) != 0;
    key.created_at = base::FromMillis(rows->Number(row, 5));
    key.category = rows->Text(row, 6);
  }
  return keys;
}

}  // namespace sealpost::store
