#include "mailer/submit/when.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace sealpost::submit {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::weekday;

// Lower case, cut where white space is and where digits meet letters: "9:30PM" is "9:30" and "pm".
std::vector<std::string> SplitWords(std::string_view text) {
  const auto is_number = [](char c) { return (c >= '0' && c <= '9') || c == ':'; };
  std::vector<std::string> words;
  bool open = false;
  for (const char c : text) {
    if (c == ' ' || c == '\t') {
      open = false;
      continue;
    }
    const bool cut = !open || is_number(c) != is_number(words.back().back());
    if (cut) words.emplace_back();
    words.back() += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    open = true;
  }
  return words;
}

// At most six digits: what is longer is no time within 30 days.
std::optional<int> Number(std::string_view text) {
  if (text.empty() || text.size() > 6) return std::nullopt;
  int number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

std::optional<seconds> Unit(std::string_view word) {
  if (word.size() > 2 && word.ends_with('s')) word.remove_suffix(1);  // not "ms"
  if (word == "s" || word == "sec" || word == "second") return seconds(1);
  if (word == "m" || word == "min" || word == "minute") return minutes(1);
  if (word == "h" || word == "hr" || word == "hour") return hours(1);
  if (word == "d" || word == "day") return days(1);
  if (word == "w" || word == "week") return days(7);
  return std::nullopt;
}

std::optional<weekday> Weekday(std::string_view word) {
  constexpr std::array<std::string_view, 7> kNames = {"sunday",   "monday", "tuesday", "wednesday",
                                                      "thursday", "friday", "saturday"};
  for (unsigned i = 0; i < kNames.size(); ++i) {
    if (word == kNames[i] || word == kNames[i].substr(0, 3)) return weekday(i);
  }
  return std::nullopt;
}

// "14:30", "14:30:15"; "9" only where am or pm follows.
std::optional<seconds> Digits(std::string_view text, bool with_half) {
  std::array<int, 3> parts{};
  std::size_t count = 0;
  for (; count < parts.size(); ++count) {
    const std::size_t colon = text.find(':');
    const std::string_view part = text.substr(0, colon);
    const auto number = Number(part);
    if (!number || part.size() > 2 || (count != 0 && (part.size() != 2 || *number > 59))) return std::nullopt;
    parts[count] = *number;
    if (colon == std::string_view::npos) break;
    text.remove_prefix(colon + 1);
  }
  if (count == parts.size() || (count == 0 && !with_half)) return std::nullopt;
  if (with_half ? parts[0] < 1 || parts[0] > 12 : parts[0] > 23) return std::nullopt;
  return hours(parts[0]) + minutes(parts[1]) + seconds(parts[2]);
}

using Word = std::vector<std::string>::const_iterator;

// A time of day that goes to the end.
std::optional<seconds> TimeOfDay(Word word, Word end) {
  if (word == end) return std::nullopt;
  const std::string& last = *std::prev(end);
  if (last == "utc" || last == "gmt" || last == "z") --end;
  const auto left = end - word;
  if (left == 1 && *word == "noon") return hours(12);
  if (left == 1 && *word == "midnight") return hours(0);
  if (left == 1) return Digits(*word, false);
  if (left != 2 || (word[1] != "am" && word[1] != "pm")) return std::nullopt;
  const auto time = Digits(*word, true);
  if (!time) return std::nullopt;
  return *time % hours(12) + (word[1] == "pm" ? hours(12) : hours(0));
}

std::optional<base::Time> AfterAWhile(const std::vector<std::string>& words, base::Time now) {
  if (words.size() != 3) return std::nullopt;
  const bool one = words[1] == "a" || words[1] == "an";
  const auto count = one ? std::optional(1) : Number(words[1]);
  const auto unit = Unit(words[2]);
  if (!count || !unit) return std::nullopt;
  return now + std::int64_t{*count} * *unit;
}

std::optional<base::Time> OnADay(const std::vector<std::string>& words, base::Time now) {
  const auto today = std::chrono::floor<days>(now);
  const bool with_time = words.size() > 1;
  const auto rest = words.begin() + (with_time && words[1] == "at" ? 2 : 1);
  const auto given = TimeOfDay(rest, words.end());
  if (with_time && !given) return std::nullopt;
  const base::Millis time = given ? base::Millis(*given) : now - today;
  if (words[0] == "today" && with_time) return today + time;
  if (words[0] == "tomorrow") return today + days(1) + time;
  const auto day = Weekday(words[0]);
  if (!day) return std::nullopt;
  const base::Time next = today + (*day - weekday(today)) + time;
  return next > now ? next : next + days(7);
}

std::unexpected<Refusal> RefuseTime(std::string message, std::string field = "/scheduled_at") {
  return std::unexpected(Refusal{RefusalKind::kValidation, std::move(message), std::move(field)});
}

}  // namespace

std::expected<base::Time, std::string> ParseWhen(std::string_view text, base::Time now) {
  if (const auto exact = base::FromRfc3339(text)) return *exact;
  const std::vector<std::string> words = SplitWords(text);
  std::optional<base::Time> time;
  if (!words.empty()) time = words[0] == "in" ? AfterAWhile(words, now) : OnADay(words, now);
  if (time) return *time;
  return std::unexpected(
      "it is a time in ISO 8601 form with its offset, such as 2026-01-31T12:00:00Z, or English such as \"in 1 min\", "
      "\"in 2 hours\", \"tomorrow at 9am\" or \"friday at 14:30\", where times of day are UTC");
}

std::expected<base::Time, Refusal> WhenToSend(std::string_view text, base::Time now,
                                              std::optional<base::Time> expires_at) {
  const auto time = ParseWhen(text, now);
  if (!time) return RefuseTime("`scheduled_at` cannot be read: " + time.error() + ".");
  if (*time < now - kLateAtMost) {
    return RefuseTime("`scheduled_at` has passed: " + base::ToRfc3339(*time) +
                      ". Name a later time, or leave it out to send at once.");
  }
  if (*time > now + kAheadAtMost)
    return RefuseTime("`scheduled_at` is too far ahead: " + base::ToRfc3339(*time) + ". At most 30 days are taken.");
  if (expires_at && *expires_at <= *time) {
    return RefuseTime(
        "`expires_at` is not after `scheduled_at`, " + base::ToRfc3339(*time) + ": the message would never leave.",
        "/expires_at");
  }
  return std::max(*time, now);
}

}  // namespace sealpost::submit
