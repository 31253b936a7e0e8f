// When a mailbox was last sent a digest, so that it gets no second one too soon, also after a restart. All take part in
// the transaction of the Session they are given.
#pragma once

#include <optional>
#include <string>

#include "mailer/base/clock.h"
#include "mailer/base/error.h"
#include "mailer/store/database.h"

namespace sealpost::store {

// What is told together.
struct DigestGroup {
  std::string mailbox;  // canonical
  std::string sender;   // the address in From
  std::string topic_id;
  std::string category;
};

base::Result<std::optional<base::Time>> LastDigest(Session& session, const DigestGroup& group);
// Forgets all digests before `keep_since`, of whatever group.
base::Result<void> PutDigest(Session& session, const DigestGroup& group, base::Time at, base::Time keep_since);

}  // namespace sealpost::store
