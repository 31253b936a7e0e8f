// Templates and their draft and published versions in the store.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mailer/base/error.h"
#include "mailer/model/account.h"
#include "mailer/store/database.h"

namespace sealpost::store {

// kConflict if the alias is taken.
base::Result<void> InsertTemplate(Session& session, const model::Template& value);
base::Result<void> UpdateTemplate(Session& session, const model::Template& value);
// By id or alias; kNotFound if there is none.
base::Result<model::Template> FindTemplate(Session& session, std::string_view id_or_alias);
// Newest first; ids smaller than `before` (all if empty), `limit` at most.
base::Result<std::vector<model::Template>> ListTemplates(Session& session, std::string_view before, std::size_t limit);

}  // namespace sealpost::store
