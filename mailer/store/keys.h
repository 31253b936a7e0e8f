// API keys in the store: only the hash of a token is kept.
#pragma once

#include <string_view>
#include <vector>

#include "mailer/base/error.h"
#include "mailer/model/account.h"
#include "mailer/store/database.h"

namespace sealpost::store {

base::Result<void> InsertKey(Session& session, const model::ApiKey& key);  // kConflict if the name is taken
base::Result<std::vector<model::ApiKey>> AllKeys(Session& session);

}  // namespace sealpost::store
