// What the limiter told of attacks and surges, for those who ask later.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "mailer/base/clock.h"
#include "mailer/base/error.h"
#include "mailer/store/database.h"

namespace sealpost::store {

struct LimitSignal {
  std::string id;  // UUIDv7
  base::Time at;
  std::string kind;     // recipient.under_attack, recipient.recovered, source.surge, key.surge, domain.surge
  std::string subject;  // keyed hash of a mailbox, source or domain; of a key.surge the id of the API key
};

struct LimitSignalFilter {
  std::string_view kind = {};     // empty: all
  std::string_view subject = {};  // empty: all
  std::string_view before = {};   // an id; empty: from the newest
};

base::Result<void> InsertLimitSignal(Session& session, const LimitSignal& signal);
// The latest first.
base::Result<std::vector<LimitSignal>> FindLimitSignals(Session& session, const LimitSignalFilter& filter,
                                                        std::size_t limit);
// Removes what was told before `since`, and of the rest all but the newest `most`.
base::Result<void> SweepLimitSignals(Session& session, base::Time since, std::size_t most);

}  // namespace sealpost::store
