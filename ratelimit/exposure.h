// What came of a replay, in numbers: how much reached one mailbox, one family, one domain in any hour and in any day,
// what was answered, and who was served.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "ratelimit/replay.h"

namespace sealpost::ratelimit {

// The fullest window of a length, over all who were counted apart.
struct Peak {
  std::size_t count = 0;
  std::string who = {};  // the first that reached it
  std::int64_t at = 0;   // the window's newest message, in the time of the trace
};

struct Reach {
  Peak hour;
  Peak day;
};

struct Exposure {
  Reach mailbox;
  Reach family;
  Reach domain;
};

enum class Counted : std::uint8_t { kAnonymous, kAll };

// Over what was accepted; a domain is the one whose budget it draws from, or its own. `answers` is what Replay made of
// `trace`. A message is in a window while it is younger than the window is long, as the rules have it.
Exposure MeasureExposure(std::span<const TraceEntry> trace, std::span<const Replayed> answers, const Policy& policy,
                         Counted counted, const IdentityRules& identity = {});

struct CategoryTally {
  Category category;
  std::size_t asked = 0;
  std::size_t accepted = 0;
  std::size_t held = 0;
  std::size_t coalesced = 0;
  std::size_t denied = 0;
  std::map<std::string, std::size_t> rules = {};  // how often each stood against a request

  // The rule that did most often; empty if none did.
  std::string MostFrequentRule() const;
};

// One for each category that was asked for, in the order of the categories.
std::vector<CategoryTally> TallyCategories(std::span<const TraceEntry> trace, std::span<const Replayed> answers);

// The requests that somebody waited for. Served is who got the message, or had got the same one a moment before.
struct Service {
  std::size_t asked = 0;
  std::size_t served = 0;

  double Share() const { return asked == 0 ? 1.0 : static_cast<double>(served) / static_cast<double>(asked); }
};

Service MeasureService(std::span<const TraceEntry> trace, std::span<const Replayed> answers);

struct HourCount {
  std::int64_t hour;  // of the trace
  std::size_t asked = 0;
  std::size_t accepted = 0;
};

// Who was asked for most often, a family with all its tags, and what came of it in each hour in which it was.
struct Flood {
  std::string family;  // empty for an empty trace
  std::size_t asked = 0;
  std::vector<HourCount> hours;
};

Flood FindFlood(std::span<const TraceEntry> trace, std::span<const Replayed> answers,
                const IdentityRules& identity = {});

}  // namespace sealpost::ratelimit
