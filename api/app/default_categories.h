// Defaults of keys and templates that the policy does not know any more: they are passed over, and somebody should
// know.
#pragma once

#include <string>
#include <vector>

#include "mailer/base/error.h"
#include "mailer/store/database.h"
#include "ratelimit/policy.h"

namespace sealpost::app {

struct LostDefault {
  std::string owner;  // "key" or "template"
  std::string id;
  std::string category;  // as it was set
};

// Of all keys and templates; of these the version that sends use, or the draft where none is published.
base::Result<std::vector<LostDefault>> FindLostDefaults(store::Database& database, const ratelimit::Policy& policy);

}  // namespace sealpost::app
