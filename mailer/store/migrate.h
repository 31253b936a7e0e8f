// The schema and its steps, applied in order when the store is opened. Internal to mailer/store.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "mailer/base/error.h"
#include "mailer/store/session.h"

namespace sealpost::store {

struct Migration {
  std::int64_t version;  // ascending from 1
  std::string_view sql;
};

// Those this program knows.
std::span<const Migration> Migrations();

// Brings the schema to the last of `migrations`, each in its own transaction, so that a crash in the middle repeats
// only the one it met. kConflict if the store was written by a newer program.
base::Result<void> Migrate(Session& session, std::span<const Migration> migrations);

}  // namespace sealpost::store
