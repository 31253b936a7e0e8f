#include "api/app/policy_values.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "mailer/base/nearest.h"

namespace sealpost::app {

namespace {

using base::ErrorKind;
using base::Fail;
using ratelimit::Lane;
using ratelimit::Limit;
using ratelimit::Mode;
using ratelimit::OnLimit;
using ratelimit::OnOutage;
using ratelimit::Spelling;
using std::chrono::seconds;

constexpr std::int64_t kCountAtMost = 1'000'000;
constexpr seconds kWindowAtMost = std::chrono::days(7);

template <class Value>
using Choice = std::pair<std::string_view, Value>;

template <class Value>
base::Result<Value> Choose(std::string_view text, std::span<const Choice<Value>> choices) {
  std::vector<std::string_view> names;
  std::string list;
  for (const auto& [name, value] : choices) {
    if (name == text) return value;
    names.push_back(name);
    list += (list.empty() ? "" : ", ") + std::string(name);
  }
  return Fail(ErrorKind::kInvalid, "is one of " + list + base::DidYouMean(text, names));
}

std::optional<std::int64_t> ParseCount(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && number >= 0 && number <= kCountAtMost ? std::optional(number) : std::nullopt;
}

std::int64_t UnitOf(char letter) {
  switch (letter) {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 3'600;
    case 'd':
      return 86'400;
    default:
      return 0;
  }
}

}  // namespace

base::Result<seconds> ParseWindow(std::string_view text) {
  const auto wrong = [] { return Fail(ErrorKind::kInvalid, "a time is such as 30s, 10m, 24h or 7d, from 1s to 7d"); };
  if (text.empty()) return wrong();
  const std::int64_t unit = UnitOf(text.back());
  text.remove_suffix(1);
  const auto number = text.empty() ? std::optional<std::int64_t>(1) : ParseCount(text);
  if (unit == 0 || !number || *number == 0 || seconds(unit * *number) > kWindowAtMost) return wrong();
  return seconds(unit * *number);
}

base::Result<Limit> ParseLimit(std::string_view text, Mode mode) {
  const std::size_t blank = text.find(' ');
  if (blank != std::string_view::npos) {
    const auto own = ParseMode(text.substr(blank + 1));
    if (!own) return Fail(ErrorKind::kInvalid, "the mode behind a rule " + own.error().message);
    mode = *own;
    text = text.substr(0, blank);
  }
  const std::size_t slash = text.find('/');
  const auto count = slash == std::string_view::npos ? std::nullopt : ParseCount(text.substr(0, slash));
  if (!count) return Fail(ErrorKind::kInvalid, "a rule is COUNT/WINDOW such as 6/h or 5/10m, at most 1000000");
  const auto window = ParseWindow(text.substr(slash + 1));
  if (!window) return std::unexpected(window.error());
  return Limit{.window = *window, .count = static_cast<std::uint32_t>(*count), .mode = mode};
}

base::Result<Mode> ParseMode(std::string_view text) {
  static constexpr Choice<Mode> kModes[] = {
      {"enforce", Mode::kEnforce}, {"shadow", Mode::kShadow}, {"off", Mode::kOff}};
  return Choose<Mode>(text, kModes);
}

base::Result<Lane> ParseLane(std::string_view text) {
  static constexpr Choice<Lane> kLanes[] = {
      {"anonymous", Lane::kAnonymous}, {"application", Lane::kApplication}, {"reserved", Lane::kReserved}};
  return Choose<Lane>(text, kLanes);
}

base::Result<OnLimit> ParseOnLimit(std::string_view text) {
  static constexpr Choice<OnLimit> kDeeds[] = {{"deny", OnLimit::kDeny},
                                               {"coalesce", OnLimit::kCoalesce},
                                               {"suppress", OnLimit::kSuppress},
                                               {"digest", OnLimit::kDigest},
                                               {"hold", OnLimit::kHold}};
  return Choose<OnLimit>(text, kDeeds);
}

base::Result<std::optional<Spelling>> ParseSpelling(std::string_view text) {
  static constexpr Choice<std::optional<Spelling>> kSpellings[] = {{"counts", Spelling::kCounts},
                                                                   {"ignored", Spelling::kIgnored}};
  return Choose<std::optional<Spelling>>(text, kSpellings);
}

base::Result<OnOutage> ParseOnOutage(std::string_view text) {
  static constexpr Choice<OnOutage> kDeeds[] = {{"local", OnOutage::kLocal}, {"hold", OnOutage::kHold}};
  return Choose<OnOutage>(text, kDeeds);
}

}  // namespace sealpost::app
