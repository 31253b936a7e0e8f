#include "api/app/replay_summary.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "api/app/table.h"
#include "ratelimit/exposure.h"

namespace sealpost::app {

namespace {

using ratelimit::CategoryTally;
using ratelimit::Counted;
using ratelimit::Exposure;
using ratelimit::Flood;
using ratelimit::HourCount;
using ratelimit::Peak;
using ratelimit::Policy;
using Entries = std::span<const ratelimit::TraceEntry>;
using Answers = std::span<const ratelimit::Replayed>;

constexpr std::size_t kBar = 50;
constexpr std::size_t kRows = 48;
constexpr std::size_t kFlood = 20;  // below that there is nothing to draw

std::string Count(std::size_t number) {
  return std::to_string(number);
}

// A column of nothing but zeros is left out of the table.
std::string CountOrNothing(std::size_t number) {
  return number == 0 ? std::string() : Count(number);
}

std::vector<std::string> Row(const std::string& name, const CategoryTally& tally) {
  return {name,
          Count(tally.asked),
          Count(tally.accepted),
          CountOrNothing(tally.held),
          CountOrNothing(tally.coalesced),
          CountOrNothing(tally.denied),
          tally.MostFrequentRule()};
}

std::string Categories(const Policy& policy, Entries trace, Answers answers) {
  Table table({"category", "asked", "accepted", "held", "coalesced", "denied", "stopped most by"});
  CategoryTally sum{.category = ratelimit::Category::kUncategorized};
  const auto tallies = TallyCategories(trace, answers);
  for (const CategoryTally& tally : tallies) {
    table.Add(Row(std::string(policy.NameOf(tally.category)), tally));
    sum.asked += tally.asked;
    sum.accepted += tally.accepted;
    sum.held += tally.held;
    sum.coalesced += tally.coalesced;
    sum.denied += tally.denied;
  }
  if (tallies.size() > 1) table.Add(Row("(all)", sum));
  return table.Text();
}

std::string Shown(const Peak& peak) {
  return peak.count == 0 ? "0" : Count(peak.count) + "  " + peak.who;
}

std::string Peaks(const PolicyFile& file, Entries trace, Answers answers) {
  const Exposure anonymous = MeasureExposure(trace, answers, file.policy, Counted::kAnonymous, file.identity);
  const Exposure all = MeasureExposure(trace, answers, file.policy, Counted::kAll, file.identity);
  Table table({"the most that reached one", "in an hour", "in a day"});
  const auto add = [&table](const char* what, const ratelimit::Reach& reach) {
    table.Add({what, Shown(reach.hour), Shown(reach.day)});
  };
  add("mailbox, asked for by strangers", anonymous.mailbox);
  add("mailbox, of everything", all.mailbox);
  add("family (without tags), by strangers", anonymous.family);
  add("domain, by strangers", anonymous.domain);
  return table.Text();
}

std::string Limits(const std::vector<ratelimit::Limit>& limits) {
  std::string text;
  for (const ratelimit::Limit& limit : limits) {
    if (limit.mode != ratelimit::Mode::kEnforce) continue;
    text += (text.empty() ? "" : ", ") + Count(limit.count) + "/" + RuleName("", limit).substr(1);
  }
  return text.empty() ? "none" : text;
}

std::string Caps(const Policy& policy) {
  return "The policy's cap on what strangers ask for: " + Limits(policy.umbrella_unconfirmed) +
         " while a mailbox is unconfirmed, " + Limits(policy.umbrella_confirmed) + " once it is confirmed.\n";
}

std::string ServiceTable(Entries trace, Answers answers) {
  const ratelimit::Service service = MeasureService(trace, answers);
  if (service.asked == 0) return {};
  return "Of " + Count(service.asked) + " requests marked legitimate " + Count(service.served) + " were served.\n";
}

// Hours, or days where the hours would not fit.
std::vector<HourCount> Rows(const Flood& flood, std::int64_t& length) {
  length = flood.hours.size() <= kRows ? 1 : 24;
  std::vector<HourCount> rows;
  for (const HourCount& hour : flood.hours) {
    const std::int64_t start = hour.hour - hour.hour % length;
    if (rows.empty() || rows.back().hour != start) rows.push_back({start});
    rows.back().asked += hour.asked;
    rows.back().accepted += hour.accepted;
  }
  if (rows.size() > kRows) rows.resize(kRows);
  return rows;
}

std::string Bar(const HourCount& row, std::size_t most) {
  const std::size_t asked = std::max<std::size_t>(1, row.asked * kBar / most);
  const std::size_t accepted = row.accepted == 0 ? 0 : std::max<std::size_t>(1, row.accepted * kBar / most);
  return std::string(accepted, '#') + std::string(std::max(asked, accepted) - accepted, '.');
}

std::string Histogram(const PolicyFile& file, Entries trace, Answers answers) {
  const Flood flood = FindFlood(trace, answers, file.identity);
  std::int64_t length = 1;
  if (flood.asked < kFlood) return {};
  const std::vector<HourCount> rows = Rows(flood, length);
  const std::size_t most = std::ranges::max_element(rows, {}, &HourCount::asked)->asked;
  Table table({length == 1 ? "hour" : "from hour", "asked", "accepted", "# accepted  . not"});
  for (const HourCount& row : rows) {
    table.Add({std::to_string(row.hour), Count(row.asked), Count(row.accepted), Bar(row, most)});
  }
  return "\nMost was asked for " + Printable(flood.family) + ":\n" + table.Text();
}

}  // namespace

std::string SummarizeReplay(const PolicyFile& file, Entries trace, Answers answers) {
  if (trace.empty()) return "The trace has no request.\n";
  return Categories(file.policy, trace, answers) + "\n" + Peaks(file, trace, answers) + Caps(file.policy) +
         ServiceTable(trace, answers) + Histogram(file, trace, answers);
}

}  // namespace sealpost::app
