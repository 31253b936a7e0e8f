// The log of one counter: what was accepted, oldest first, and what a rule makes of it. log.lua does the same.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ratelimit/rules.h"

namespace sealpost::ratelimit {

// How long after a charge a full log keeps it apart from others if it can, so that a refund finds it.
inline constexpr std::int64_t kApartFor = 600'000;  // ms

// In Redis 12 bytes: time (6), tag (1), count (1), short request id (4).
struct Entry {
  std::int64_t time = 0;  // Unix ms
  std::uint8_t tag = 0;
  std::uint8_t count = 1;  // messages
  std::uint32_t id = 0;
  bool operator==(const Entry&) const = default;
};
using Log = std::vector<Entry>;

// How one rule stands for one counter. Times are Unix milliseconds.
struct Standing {
  std::size_t counter = 0;  // index into Plan::counters
  std::size_t rule = 0;     // index into RuleSet::rules
  std::int64_t remaining = 0;
  std::int64_t reset_at = 0;
  std::int64_t retry_at = 0;  // 0: the rule admits
};

// The order in which standings are reported: the longest refusal, then the fewest remaining, then the latest reset.
bool Reported(const Standing& before, const Standing& after);

std::int64_t Newest(const Log& log);  // 0 when empty

// Messages in the window of a rule.
std::int64_t Used(const Log& log, const Rule& rule, std::uint8_t tag, std::int64_t now);
// How the rule stands for `units` more messages.
Standing Measure(const Log& log, const Rule& rule, std::uint8_t tag, std::int64_t units, std::int64_t now);

// Adds an entry and drops what is past its time (`keep` of the rules). It joins the newest one if that is of its tag
// and of the same `stretch`. A log of more than `most` entries loses a quarter of them: two of a tag become one, the
// closest ones first and young ones only where there are no others. What is joined has the newer time, which may refuse
// a little longer and never admits one more, and no id.
void Append(Log& log, const Entry& entry, const RuleSet& rules);

// Takes so many messages out of the newest entry of this request; false if the log knows it no more.
bool TakeBack(Log& log, std::uint32_t id, std::uint8_t units);

// The log with those of `more` that it does not know, none of them later than `clock`. Known is what stands there by
// its id, and what may be in a merged entry of its tag.
Log Seeded(const Log& known, const Log& more, const RuleSet& rules, std::int64_t clock);

// From and to the bytes in Redis. A torn end is left out.
Log ParseLog(std::string_view bytes);
std::string FormatLog(const Log& log);

// What the logs keep of a request id.
std::uint32_t ShortId(std::string_view request_id);

}  // namespace sealpost::ratelimit
