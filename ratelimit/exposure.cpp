#include "ratelimit/exposure.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace sealpost::ratelimit {
namespace {

constexpr std::int64_t kHourMillis = 3'600'000;
constexpr std::int64_t kDayMillis = 24 * kHourMillis;

using Times = std::vector<std::int64_t>;
using Groups = std::map<std::string, Times, std::less<>>;

void Raise(Peak& peak, const std::string& who, const Times& times, std::int64_t window) {
  std::size_t oldest = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    while (times[i] - times[oldest] >= window) ++oldest;
    if (i - oldest + 1 > peak.count) peak = {.count = i - oldest + 1, .who = who, .at = times[i]};
  }
}

Reach ReachOf(Groups groups) {
  Reach reach;
  for (auto& [who, times] : groups) {
    std::ranges::sort(times);
    Raise(reach.hour, who, times, kHourMillis);
    Raise(reach.day, who, times, kDayMillis);
  }
  return reach;
}

std::string DomainOf(std::string_view mailbox) {
  return std::string(mailbox.substr(mailbox.rfind('@') + 1));
}

}  // namespace

Exposure MeasureExposure(std::span<const TraceEntry> trace, std::span<const Replayed> answers, const Policy& policy,
                         Counted counted, const IdentityRules& identity) {
  Groups mailboxes;
  Groups families;
  Groups domains;
  for (std::size_t i = 0; i < trace.size(); ++i) {
    if (answers[i].answer != Answer::kAccepted) continue;
    if (counted == Counted::kAnonymous && !IsAnonymous(policy, trace[i])) continue;
    const Identity who = Identify(trace[i].local, trace[i].domain, identity);
    domains[who.domain_budget.empty() ? DomainOf(who.mailbox) : who.domain_budget].push_back(trace[i].at);
    families[who.family].push_back(trace[i].at);
    mailboxes[who.mailbox].push_back(trace[i].at);
  }
  return {.mailbox = ReachOf(std::move(mailboxes)),
          .family = ReachOf(std::move(families)),
          .domain = ReachOf(std::move(domains))};
}

std::string CategoryTally::MostFrequentRule() const {
  const auto most = std::ranges::max_element(rules, {}, [](const auto& rule) { return rule.second; });
  return most == rules.end() ? std::string() : most->first;
}

std::vector<CategoryTally> TallyCategories(std::span<const TraceEntry> trace, std::span<const Replayed> answers) {
  std::map<Category, CategoryTally> tallies;
  for (std::size_t i = 0; i < trace.size(); ++i) {
    CategoryTally& tally = tallies.try_emplace(trace[i].category, CategoryTally{trace[i].category}).first->second;
    ++tally.asked;
    tally.accepted += answers[i].answer == Answer::kAccepted ? 1 : 0;
    tally.held += answers[i].answer == Answer::kHeld ? 1 : 0;
    tally.coalesced += answers[i].answer == Answer::kCoalesced ? 1 : 0;
    tally.denied += answers[i].answer == Answer::kDenied ? 1 : 0;
    if (!answers[i].rule.empty()) ++tally.rules[answers[i].rule];
  }
  std::vector<CategoryTally> list;
  for (auto& [category, tally] : tallies) list.push_back(std::move(tally));
  return list;
}

Service MeasureService(std::span<const TraceEntry> trace, std::span<const Replayed> answers) {
  Service service;
  for (std::size_t i = 0; i < trace.size(); ++i) {
    if (!trace[i].legitimate) continue;
    ++service.asked;
    const Answer answer = answers[i].answer;
    if (answer == Answer::kAccepted || answer == Answer::kCoalesced) ++service.served;
  }
  return service;
}

Flood FindFlood(std::span<const TraceEntry> trace, std::span<const Replayed> answers, const IdentityRules& identity) {
  std::map<std::string, std::vector<std::size_t>> asked;
  for (std::size_t i = 0; i < trace.size(); ++i) {
    asked[Identify(trace[i].local, trace[i].domain, identity).family].push_back(i);
  }
  const auto most = std::ranges::max_element(asked, {}, [](const auto& family) { return family.second.size(); });
  if (most == asked.end()) return {};
  std::map<std::int64_t, HourCount> hours;
  for (const std::size_t i : most->second) {
    const std::int64_t number = trace[i].at / kHourMillis;
    HourCount& hour = hours.try_emplace(number, HourCount{number}).first->second;
    ++hour.asked;
    if (answers[i].answer == Answer::kAccepted) ++hour.accepted;
  }
  Flood flood{.family = most->first, .asked = most->second.size(), .hours = {}};
  for (const auto& [number, hour] : hours) flood.hours.push_back(hour);
  return flood;
}

}  // namespace sealpost::ratelimit
