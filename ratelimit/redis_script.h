// Plans as the keys and arguments of admit.lua, and its answers as verdicts.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ratelimit/mailbox_state.h"
#include "ratelimit/plan.h"
#include "ratelimit/redis_connection.h"

namespace sealpost::ratelimit {

// log.lua and admit.lua, as Redis runs them.
const std::string& LimiterScript();

// How names of counters become keys: a prefix and a keyed hash, so that Redis holds nothing that names anybody.
struct KeyNames {
  std::string prefix;
  std::string secret;
  std::string previous_secret;  // empty: there is none

  // The keys of these names; with a previous secret, those under it follow.
  std::vector<std::string> Of(const std::vector<std::string>& names) const;
};

// The names that admit, check and refund touch, in the order of the script.
std::vector<std::string> NamesOf(const Plan& plan);

std::string PackAttack(const AttackRule& rule);

// The arguments of admit, check and refund from the fourth on. Views of the plan's rule sets stay as long as their
// book.
std::vector<std::string> ArgumentsOf(const Plan& plan, const AttackRule& attack);

// Nothing if the answer is not one of the script.
std::optional<Verdict> ReadVerdict(const RedisReply& reply, const Plan& plan);

}  // namespace sealpost::ratelimit
