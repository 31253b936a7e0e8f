#include "ratelimit/log.h"

#include <algorithm>
#include <array>
#include <string>
#include <tuple>
#include <utility>

#include "ratelimit/big_endian.h"

namespace sealpost::ratelimit {
namespace {

constexpr std::size_t kEntryBytes = 12;
constexpr unsigned kCountAtMost = 255;

struct Pair {
  bool young = false;     // charged lately: a refund may well come for one of them
  std::int64_t cost = 0;  // how much longer how many messages will count
  std::size_t older = 0;
  std::size_t newer = 0;

  auto operator<=>(const Pair&) const = default;
};

// Neighbours of a tag whose messages fit into one count, the ones to merge first at the front.
std::vector<Pair> Neighbours(const Log& log) {
  std::array<std::size_t, 256> next_of{};  // by tag: index + 1 of the entry after
  std::vector<Pair> pairs;
  const std::int64_t settled = log.back().time - kApartFor;
  for (std::size_t i = log.size(); i-- > 0;) {
    const std::size_t next = std::exchange(next_of[log[i].tag], i + 1);
    if (next == 0 || log[i].count + log[next - 1].count > kCountAtMost) continue;
    const Entry& newer = log[next - 1];
    pairs.push_back({newer.time > settled, (newer.time - log[i].time) * log[i].count, i, next - 1});
  }
  std::ranges::sort(pairs);
  return pairs;
}

void Merge(Log& log, std::size_t most) {
  enum class Part : std::uint8_t { kNone, kGone, kGrown };
  std::vector<Part> parts(log.size(), Part::kNone);
  std::size_t merged = 0;
  const std::vector<Pair> pairs = Neighbours(log);
  for (const Pair& pair : pairs) {
    if (merged == most / 4 || pair.young != pairs.front().young) break;
    if (parts[pair.older] != Part::kNone || parts[pair.newer] == Part::kGone) continue;
    parts[pair.older] = Part::kGone;
    parts[pair.newer] = Part::kGrown;
    Entry& newer = log[pair.newer];
    newer.count = static_cast<std::uint8_t>(newer.count + log[pair.older].count);
    newer.id = 0;  // of two requests in one entry neither can be taken back alone
    ++merged;
  }
  std::size_t index = 0;
  std::erase_if(log, [&](const Entry&) { return parts[index++] == Part::kGone; });
}

bool Joins(const Log& log, const Entry& entry, std::int64_t stretch) {
  return stretch > 0 && !log.empty() && log.back().tag == entry.tag &&
         log.back().time / stretch == entry.time / stretch && log.back().count + entry.count <= kCountAtMost;
}

}  // namespace

bool Reported(const Standing& before, const Standing& after) {
  return std::tuple(-before.retry_at, before.remaining, -before.reset_at) <
         std::tuple(-after.retry_at, after.remaining, -after.reset_at);
}

std::int64_t Newest(const Log& log) {
  return log.empty() ? 0 : log.back().time;
}

std::int64_t Used(const Log& log, const Rule& rule, std::uint8_t tag, std::int64_t now) {
  const std::int64_t window = std::chrono::milliseconds(rule.limit.window).count();
  std::int64_t used = 0;
  for (auto entry = log.rbegin(); entry != log.rend() && entry->time > now - window; ++entry) {
    if (Counts(rule.span, tag, entry->tag)) used += entry->count;
  }
  return used;
}

Standing Measure(const Log& log, const Rule& rule, std::uint8_t tag, std::int64_t units, std::int64_t now) {
  const std::int64_t window = std::chrono::milliseconds(rule.limit.window).count();
  const std::int64_t room = static_cast<std::int64_t>(rule.limit.count) - units;
  std::int64_t used = 0;
  std::int64_t oldest = now;
  std::int64_t in_the_way = now;  // the entry that must leave before the request fits; the request itself if none can
  for (auto entry = log.rbegin(); entry != log.rend() && entry->time > now - window; ++entry) {
    if (!Counts(rule.span, tag, entry->tag)) continue;
    oldest = entry->time;
    if (used <= room && used + entry->count > room) in_the_way = entry->time;
    used += entry->count;
  }
  Standing standing{.counter = 0, .rule = 0, .remaining = 0, .reset_at = oldest + window, .retry_at = 0};
  if (used <= room) {
    standing.remaining = room - used;
  } else {
    standing.retry_at = in_the_way + window;
  }
  return standing;
}

void Append(Log& log, const Entry& entry, const RuleSet& rules) {
  log.erase(log.begin(), std::ranges::upper_bound(log, entry.time - rules.keep, {}, &Entry::time));
  if (Joins(log, entry, rules.stretch)) {
    Entry& newest = log.back();
    newest = {.time = entry.time, .tag = entry.tag, .count = static_cast<std::uint8_t>(newest.count + entry.count)};
    return;
  }
  log.push_back(entry);
  if (log.size() > rules.most) Merge(log, rules.most);
}

bool TakeBack(Log& log, std::uint32_t id, std::uint8_t units) {
  const auto entry = std::ranges::find(log.rbegin(), log.rend(), id, &Entry::id);
  if (entry == log.rend()) return false;
  if (entry->count > units) {  // other recipients of the request are in it
    entry->count = static_cast<std::uint8_t>(entry->count - units);
  } else {
    log.erase(std::next(entry).base());
  }
  return true;
}

Log Seeded(const Log& known, const Log& more, const RuleSet& rules, std::int64_t clock) {
  Log all = known;
  for (Entry entry : more) {
    // Merged entries have no id, and may hold any older one of their tag.
    const auto is_known = [&entry](const Entry& one) {
      return one.id == entry.id || (one.id == 0 && one.tag == entry.tag && one.time >= entry.time);
    };
    if (entry.time <= clock - rules.keep || std::ranges::any_of(known, is_known)) continue;
    entry.time = std::min(entry.time, clock);
    all.push_back(entry);
  }
  std::ranges::stable_sort(all, {}, &Entry::time);
  Log log;
  for (const Entry& entry : all) Append(log, entry, rules);
  return log;
}

Log ParseLog(std::string_view bytes) {
  Log log;
  for (; bytes.size() >= kEntryBytes; bytes.remove_prefix(kEntryBytes)) {
    log.push_back({.time = static_cast<std::int64_t>(ReadBigEndian(bytes.substr(0, 6))),
                   .tag = static_cast<std::uint8_t>(bytes[6]),
                   .count = static_cast<std::uint8_t>(bytes[7]),
                   .id = static_cast<std::uint32_t>(ReadBigEndian(bytes.substr(8, 4)))});
  }
  return log;
}

std::string FormatLog(const Log& log) {
  std::string bytes;
  const auto append = [&bytes](std::uint64_t value, int count) {
    for (int shift = 8 * (count - 1); shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
  };
  for (const Entry& entry : log) {
    append(static_cast<std::uint64_t>(entry.time), 6);
    append(entry.tag, 1);
    append(entry.count, 1);
    append(entry.id, 4);
  }
  return bytes;
}

std::uint32_t ShortId(std::string_view request_id) {
  std::uint32_t hash = 2166136261U;  // FNV-1a
  for (const char c : request_id) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

}  // namespace sealpost::ratelimit
