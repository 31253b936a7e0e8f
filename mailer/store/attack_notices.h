// Which victims of an attack were told of it, and when. The mailbox is a keyed hash.
#pragma once

#include <string_view>

#include "mailer/base/clock.h"
#include "mailer/base/error.h"
#include "mailer/store/database.h"

namespace sealpost::store {

// True if nothing was noted for this subject after `since`: then `now` is, and the notice is the caller's to send.
// Drops what is not after `since`.
base::Result<bool> ClaimAttackNotice(Session& session, std::string_view subject, base::Time now, base::Time since);
// The notice was not sent after all.
base::Result<void> ReturnAttackNotice(Session& session, std::string_view subject);

}  // namespace sealpost::store
