#include "mailer/base/clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace sealpost::base {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::array<std::string_view, 7> kDayNames = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonthNames = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// Both formats write four digits of a year.
Time InFourDigits(Time time) {
  using namespace std::chrono;
  constexpr Time kFirst = sys_days(year(0) / January / 1);
  constexpr Time kLast = sys_days(year(9999) / December / 31) + 24h - 1ms;
  return std::clamp(time, kFirst, kLast);
}

struct Fields {
  year_month_day date;
  std::chrono::hh_mm_ss<Millis> clock;
  std::chrono::weekday day;
};

Fields Split(Time time) {
  const Time shown = InFourDigits(time);
  const auto day = floor<days>(shown);
  return {year_month_day(day), std::chrono::hh_mm_ss<Millis>(shown - day), std::chrono::weekday(day)};
}

// Reads from the left of a text; the first thing that does not fit makes the whole unfit.
class Reader {
 public:
  explicit Reader(std::string_view rest) : rest_(rest) {}

  int Digits(std::size_t count, int least, int most) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value * 10 + Digit();
    good_ = good_ && value >= least && value <= most;
    return value;
  }

  bool Has(std::string_view any_of) const { return !rest_.empty() && any_of.find(rest_.front()) != any_of.npos; }

  char One(std::string_view any_of) {
    if (!Has(any_of)) {
      good_ = false;
      return '\0';
    }
    return Next();
  }

  // After the decimal point: one to nine digits, in milliseconds, the rest cut off.
  Millis Fraction() {
    int value = 0;
    std::size_t count = 0;
    while (Has("0123456789")) {
      const int digit = Digit();
      if (++count <= 3) value = value * 10 + digit;
    }
    good_ = good_ && count >= 1 && count <= 9;
    for (std::size_t i = count; i < 3; ++i) value *= 10;
    return Millis(value);
  }

  bool GoodToTheEnd() const { return good_ && rest_.empty(); }

 private:
  char Next() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  int Digit() {
    const char c = One("0123456789");
    return c == '\0' ? 0 : c - '0';
  }

  std::string_view rest_;
  bool good_ = true;
};

Millis ReadOffset(Reader& reader) {
  const char sign = reader.One("Zz+-");
  if (sign != '+' && sign != '-') return Millis(0);
  const int hour = reader.Digits(2, 0, 23);
  reader.One(":");
  const Millis offset = std::chrono::hours(hour) + std::chrono::minutes(reader.Digits(2, 0, 59));
  return sign == '-' ? -offset : offset;
}

std::optional<Time> ReadTime(std::string_view text) {
  Reader reader(text);
  const std::chrono::year year(reader.Digits(4, 0, 9999));
  reader.One("-");
  const std::chrono::month month(static_cast<unsigned>(reader.Digits(2, 1, 12)));
  reader.One("-");
  const std::chrono::day day(static_cast<unsigned>(reader.Digits(2, 1, 31)));
  reader.One("Tt ");
  const int hour = reader.Digits(2, 0, 23);
  reader.One(":");
  const int minute = reader.Digits(2, 0, 59);
  reader.One(":");
  const int second = reader.Digits(2, 0, 60);  // 60: a leap second, the same instant as the next minute's first
  Millis fraction(0);
  if (reader.Has(".")) {
    reader.One(".");
    fraction = reader.Fraction();
  }
  const Millis offset = ReadOffset(reader);
  const year_month_day date(year, month, day);
  if (!reader.GoodToTheEnd() || !date.ok()) return std::nullopt;
  return sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second) +
         fraction - offset;
}

}  // namespace

Time SystemClock::Now() const {
  return std::chrono::floor<Millis>(std::chrono::system_clock::now());
}

std::string ToRfc3339(Time time) {
  const auto [date, clock, day] = Split(time);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", int(date.year()), unsigned(date.month()),
                     unsigned(date.day()), clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

Result<Time> FromRfc3339(std::string_view text) {
  const auto time = ReadTime(text);
  if (!time) {
    return Fail(ErrorKind::kInvalid, "a time is written as in RFC 3339, with its offset: 2026-11-23T10:15:30Z");
  }
  return *time;
}

std::string ToRfc5322(Time time) {
  const auto [date, clock, day] = Split(time);
  return fmt::format("{}, {} {} {:04} {:02}:{:02}:{:02} +0000", kDayNames[day.c_encoding()], unsigned(date.day()),
                     kMonthNames[unsigned(date.month()) - 1], int(date.year()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

}  // namespace sealpost::base
