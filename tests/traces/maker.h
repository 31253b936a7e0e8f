// Makes up traces: the same seed makes the same trace, everywhere.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "ratelimit/trace.h"

namespace sealpost::tests {

inline constexpr std::int64_t kSecond = 1'000;
inline constexpr std::int64_t kMinute = 60 * kSecond;
inline constexpr std::int64_t kHour = 60 * kMinute;
inline constexpr std::int64_t kDay = 24 * kHour;

class Maker {
 public:
  explicit Maker(std::uint32_t seed) : random_(seed) {}

  // The distributions of the standard library differ between libraries; this does not.
  std::size_t Pick(std::size_t below) { return random_() % below; }
  std::int64_t Between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(most - least + 1));
  }
  bool Chance(std::size_t percent) { return Pick(100) < percent; }

  std::string Word(std::size_t length) {
    std::string word;
    while (word.size() < length) word += static_cast<char>('a' + Pick(26));
    return word;
  }

  // The reference holds until the next Add.
  ratelimit::TraceEntry& Add(std::int64_t at, std::string local, std::string domain, ratelimit::Category category) {
    trace_.push_back({.at = at, .local = std::move(local), .domain = std::move(domain), .category = category});
    return trace_.back();
  }

  std::size_t size() const { return trace_.size(); }

  // In the order of time, lines numbered.
  ratelimit::Trace Take() {
    std::ranges::stable_sort(trace_, {}, &ratelimit::TraceEntry::at);
    for (std::size_t i = 0; i < trace_.size(); ++i) trace_[i].line = i + 1;
    return std::move(trace_);
  }

 private:
  std::mt19937_64 random_;
  ratelimit::Trace trace_;
};

// One of many addresses of the networks set aside for tests and documents, of both families.
inline std::string SourceNumber(std::size_t number) {
  if (number % 4 == 3)
    return "2001:db8:" + std::to_string(number % 1'000) + ":" + std::to_string(number / 1'000) + "::7";
  return "198." + std::to_string(18 + number % 2) + "." + std::to_string(number / 2 % 256) + "." +
         std::to_string(1 + number / 512 % 250);
}

}  // namespace sealpost::tests
