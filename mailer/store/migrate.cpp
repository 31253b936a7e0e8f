#include "mailer/store/migrate.h"

#include <array>
#include <string>
#include <utility>

#include "mailer/store/embedded.h"

namespace sealpost::store {

using base::ErrorKind;
using base::Fail;
using base::Result;

namespace {

constexpr std::array kMigrations = {
    Migration{1, k0001FirstSql},     Migration{2, k0002DomainChecksSql}, Migration{3, k0003LimitsSql},
    Migration{4, k0004ConfirmedSql}, Migration{5, k0005HeldSql},         Migration{6, k0006ScheduledSql},
    Migration{7, k0007DigestsSql},   Migration{8, k0008LimitSignalsSql}, Migration{9, k0009DefaultCategorySql}};

Result<std::int64_t> CurrentVersion(Session& session) {
  auto made = session.Execute("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL PRIMARY KEY)");
  if (!made) return std::unexpected(std::move(made.error()));
  auto rows = session.Select("SELECT version FROM schema_version ORDER BY version DESC LIMIT 1", {Column::kNumber});
  if (!rows) return std::unexpected(std::move(rows.error()));
  return rows->Size() == 0 ? 0 : rows->Number(0, 0);
}

Result<void> Apply(Session& session, const Migration& migration) {
  if (auto begun = session.Begin(); !begun) return begun;
  auto done = session.RunScript(migration.sql);
  if (done) {
    auto noted = session.Execute("INSERT INTO schema_version (version) VALUES ($1)", {migration.version});
    if (!noted) done = std::unexpected(std::move(noted.error()));
  }
  if (done) done = session.Commit();
  if (!done) session.Rollback();
  return done;
}

}  // namespace

std::span<const Migration> Migrations() {
  return kMigrations;
}

Result<void> Migrate(Session& session, std::span<const Migration> migrations) {
  auto current = CurrentVersion(session);
  if (!current) return std::unexpected(std::move(current.error()));
  const std::int64_t known = migrations.empty() ? 0 : migrations.back().version;
  if (*current > known) {
    return Fail(ErrorKind::kConflict, "its schema is version " + std::to_string(*current) + " and this program knows " +
                                          std::to_string(known) + ": run the newer program that wrote it");
  }
  for (const Migration& migration : migrations) {
    if (migration.version <= *current) continue;
    if (auto done = Apply(session, migration); !done) {
      done.error().message = "schema version " + std::to_string(migration.version) + ": " + done.error().message;
      return done;
    }
  }
  return {};
}

}  // namespace sealpost::store
