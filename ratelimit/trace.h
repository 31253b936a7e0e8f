// One request of a history, recorded or invented, for replaying it against a policy. Plain data: api/app reads it from
// lines of JSON, the tests make it up.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ratelimit/identity.h"
#include "ratelimit/limiter.h"

namespace sealpost::ratelimit {

struct TraceEntry {
  std::uint64_t line = 0;  // where it stands in its file, from 1
  std::int64_t at = 0;     // milliseconds since the zero of the trace
  std::string local;       // the recipient, in the halves that Identify takes
  std::string domain;
  Category category = Category::kUncategorized;
  std::string client_ip = {};
  std::string key = {};
  std::string template_name = {};  // no rule asks for it: a limit holds above all templates
  std::string inviter = {};
  std::string workspace = {};
  std::string content = {};  // equal content is compared in the category's duplicate window; empty: never
  bool workspace_verified = false;
  Trust trust = Trust::kNone;
  bool confirmed = false;   // of this request; the replay remembers nothing from earlier ones
  bool legitimate = false;  // somebody waits for it: only for measuring who was served
};

using Trace = std::vector<TraceEntry>;

// What the service would ask the limiter about this entry. Its id names the line.
Request RequestOf(const TraceEntry& entry, const IdentityRules& identity = {});

// Whether it draws from the anonymous budgets.
bool IsAnonymous(const Policy& policy, const TraceEntry& entry);

}  // namespace sealpost::ratelimit
