#include "ratelimit/log.h"
#include "tests/ratelimit/times.h"

#include <doctest/doctest.h>

#include <random>
#include <string>

using namespace sealpost::ratelimit;
using sealpost::tests::kMinute;
using std::chrono::seconds;

namespace {

constexpr std::int64_t kKeep = 90'000'000;

Rule Within(seconds window, std::uint32_t count) {
  return {.span = Span::kCategory, .limit = {window, count}, .name = {}, .scope = {}};
}

std::int64_t Messages(const Log& log) {
  std::int64_t sum = 0;
  for (const Entry& entry : log) sum += entry.count;
  return sum;
}

RuleSet Keeping(std::size_t most, std::int64_t stretch = 0) {
  return {.rules = {}, .keep = kKeep, .most = most, .stretch = stretch, .packed = {}};
}

}  // namespace

TEST_CASE("a message counts while it is younger than the window") {
  const Log log{{.time = 1000, .tag = 1}};
  CHECK(Used(log, Within(seconds(10), 5), 1, 10'999) == 1);
  CHECK(Used(log, Within(seconds(10), 5), 1, 11'000) == 0);
  CHECK(Used(log, Within(seconds(10), 5), 2, 1000) == 0);
}

TEST_CASE("a request of several messages waits until enough of them have left") {
  const Log log{{.time = 1000, .tag = 1, .count = 2}, {.time = 3000, .tag = 1, .count = 1}, {.time = 5000, .tag = 1}};
  const Rule rule = Within(seconds(60), 5);
  CHECK(Measure(log, rule, 1, 1, 6000).remaining == 0);
  CHECK(Measure(log, rule, 1, 1, 6000).retry_at == 0);
  CHECK(Measure(log, rule, 1, 2, 6000).retry_at == 61'000);
  CHECK(Measure(log, rule, 1, 4, 6000).retry_at == 63'000);
  CHECK(Measure(log, rule, 1, 5, 6000).retry_at == 65'000);
  CHECK(Measure(log, rule, 1, 5, 6000).reset_at == 61'000);
}

TEST_CASE("what is larger than a limit never fits, and is told to wait a whole window each time") {
  CHECK(Measure({}, Within(seconds(60), 5), 1, 6, 1000).retry_at == 61'000);
  CHECK(Measure({}, Within(seconds(60), 0), 1, 1, 1000).retry_at == 61'000);
}

TEST_CASE("a full log merges the closest old neighbours of a tag, at the newer time") {
  Log log;
  for (const std::int64_t minute : {0, 10, 11, 30}) {
    Append(log, {.time = minute * kMinute, .tag = 1, .id = static_cast<std::uint32_t>(minute)}, Keeping(4));
  }
  Append(log, {.time = 60 * kMinute, .tag = 2, .id = 60}, Keeping(4));
  CHECK(log == Log{{.time = 0, .tag = 1, .id = 0},
                   {.time = 11 * kMinute, .tag = 1, .count = 2, .id = 0},
                   {.time = 30 * kMinute, .tag = 1, .id = 30},
                   {.time = 60 * kMinute, .tag = 2, .id = 60}});
}

TEST_CASE("what a refund may still come for is merged last, and is not to be refunded then") {
  Log log;
  for (std::uint32_t i = 0; i < 6; ++i) Append(log, {.time = i * 1000, .tag = 1, .id = i + 1}, Keeping(5));
  REQUIRE(log.size() == 5);
  CHECK(log.front() == Entry{.time = 1000, .tag = 1, .count = 2, .id = 0});
  CHECK_FALSE(TakeBack(log, 1, 1));
  CHECK_FALSE(TakeBack(log, 2, 1));
  CHECK(TakeBack(log, 3, 1));
}

TEST_CASE("a log grows rather than lose a message") {
  Log log;
  for (int i = 0; i < 400; ++i) Append(log, {.time = i, .tag = static_cast<std::uint8_t>(i % 100)}, Keeping(10));
  CHECK(Messages(log) == 400);
  Log heavy;
  for (int i = 0; i < 5000; ++i) Append(heavy, {.time = i, .tag = 1}, Keeping(10));
  CHECK(Messages(heavy) == 5000);
  CHECK(heavy.size() <= 5000 / 255 * 2 + 2);
}

TEST_CASE("in a merged log no rule counts less than in the exact one") {
  std::mt19937 random(7);
  Log merged;
  Log exact;
  std::int64_t now = 0;
  for (int i = 0; i < 3000; ++i) {
    now += static_cast<std::int64_t>(random() % 600'000);
    const Entry entry{
        .time = now, .tag = static_cast<std::uint8_t>(random() % 4), .id = static_cast<std::uint32_t>(random())};
    Append(merged, entry, Keeping(56));
    exact.push_back(entry);
    const Rule rule = Within(seconds(random() % 86'400 + 1), 1);
    const auto tag = static_cast<std::uint8_t>(random() % 4);
    REQUIRE(Used(merged, rule, tag, now) >= Used(exact, rule, tag, now));
    REQUIRE(merged.size() <= 56);
  }
}

TEST_CASE("a refund takes the newest entry of its request, however old it is") {
  Log log{{.time = 0, .tag = 1, .id = 7}, {.time = 1000, .tag = 1, .id = 7}, {.time = 99'000'000, .tag = 1, .id = 8}};
  CHECK(TakeBack(log, 7, 1));
  CHECK(log.size() == 2);
  CHECK(log.front().time == 0);
  CHECK_FALSE(TakeBack(log, 9, 1));
  CHECK(TakeBack(log, 7, 1));
  CHECK_FALSE(TakeBack(log, 7, 1));
}

TEST_CASE("a refund leaves in an entry what is not its own") {
  Log log{{.time = 0, .tag = 1, .count = 3, .id = 7}};
  CHECK(TakeBack(log, 7, 2));
  CHECK(log.front() == Entry{.time = 0, .tag = 1, .count = 1, .id = 7});
  CHECK(TakeBack(log, 7, 2));
  CHECK(log.empty());
}

TEST_CASE("in a shared log messages of a tag are one entry by the second, at the newest time") {
  const RuleSet shared = Keeping(56, 1000);
  Log log;
  for (const std::int64_t time : {1000, 1300, 1999, 2000}) Append(log, {.time = time, .tag = 1, .id = 7}, shared);
  Append(log, {.time = 2001, .tag = 2, .count = 5, .id = 8}, shared);
  Append(log, {.time = 2002, .tag = 1, .count = 250, .id = 9}, shared);
  Append(log, {.time = 2003, .tag = 1, .count = 6, .id = 10}, shared);  // more than a count holds
  CHECK(log == Log{{.time = 1999, .tag = 1, .count = 3, .id = 0},
                   {.time = 2000, .tag = 1, .id = 7},
                   {.time = 2001, .tag = 2, .count = 5, .id = 8},
                   {.time = 2002, .tag = 1, .count = 250, .id = 9},
                   {.time = 2003, .tag = 1, .count = 6, .id = 10}});
}

TEST_CASE("what was merged with others is not to be refunded, however long ago it was") {
  Log log;
  for (std::uint32_t i = 1; i <= 60; ++i) Append(log, {.time = i * kMinute, .tag = 1, .id = i}, Keeping(5));
  const std::int64_t before = Messages(log);
  for (std::uint32_t i = 1; i <= 40; ++i) CHECK_FALSE(TakeBack(log, i, 1));
  CHECK(Messages(log) == before);
}

TEST_CASE("seeding keeps what is known, adds what is not, and believes no time to come") {
  const Log known{{.time = 5000, .tag = 1, .id = 5}};
  const Log more{
      {.time = 1000, .tag = 1, .id = 1}, {.time = 5001, .tag = 1, .id = 5}, {.time = 99'000, .tag = 1, .id = 9}};
  const Log seeded = Seeded(known, more, Keeping(56), 9000);
  REQUIRE(seeded.size() == 3);
  CHECK(seeded[0].id == 1);
  CHECK(seeded[1].id == 5);
  CHECK(seeded[2] == Entry{.time = 9000, .tag = 1, .id = 9});
}

TEST_CASE("a log is read as it was written, a torn end is left out") {
  const Log log{{.time = 1'767'225'600'123, .tag = 200, .count = 255, .id = 0xDEADBEEF},
                {.time = 2, .tag = 0, .id = 1}};
  const std::string bytes = FormatLog(log);
  CHECK(bytes.size() == 24);
  CHECK(ParseLog(bytes) == log);
  CHECK(ParseLog(bytes.substr(0, 23)).size() == 1);
  CHECK(ParseLog("").empty());
}
