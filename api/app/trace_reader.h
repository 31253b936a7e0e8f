// Traces as people write and export them: one JSON object a line.
//
//   {"t": 12.5, "to": "ann@example.org", "category": "otp", "client_ip": "192.0.2.1", "key": "k1", "template": "t",
//    "inviter": "u", "workspace": "w", "workspace_verified": true, "trust": "session", "confirmed": true,
//    "content": "id", "legitimate": true}
//
// t (seconds), to and category are needed; null is the same as absent. Empty lines are passed over. A member of another
// name is the file's own affair, unless it looks like a known one misspelt: that would change the answers silently.
#pragma once

#include <string>
#include <string_view>

#include "mailer/base/error.h"
#include "ratelimit/trace.h"

namespace sealpost::app {

// `path` is what errors name; they tell the line and the member ("flood.jsonl:3: trust: ..."). `policy` knows the
// categories.
base::Result<ratelimit::Trace> ParseTrace(std::string_view text, const std::string& path,
                                          const ratelimit::Policy& policy);
base::Result<ratelimit::Trace> ReadTrace(const std::string& path, const ratelimit::Policy& policy);

}  // namespace sealpost::app
