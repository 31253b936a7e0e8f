// What administrators, and recipients themselves, did about the limits of a mailbox, and why. Nothing here is ever
// changed or deleted.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "mailer/base/clock.h"
#include "mailer/base/error.h"
#include "mailer/store/database.h"

namespace sealpost::store {

struct AuditEntry {
  base::Time at = {};
  std::string actor = {};    // id of an API key, or "recipient"
  std::string action = {};   // limits.reset, limits.block, limits.unblock
  std::string subject = {};  // keyed hash of a mailbox
  std::string reason = {};
};

base::Result<void> InsertAudit(Session& session, const AuditEntry& entry);
// Of one subject, the latest first.
base::Result<std::vector<AuditEntry>> AuditOf(Session& session, std::string_view subject, std::size_t limit);
// Of one action over all subjects, from `since` on, the latest first.
base::Result<std::vector<AuditEntry>> AuditSince(Session& session, std::string_view action, base::Time since);

}  // namespace sealpost::store
