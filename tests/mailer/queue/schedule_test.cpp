#include "mailer/queue/schedule.h"

#include <doctest/doctest.h>

using namespace sealpost;
using namespace std::chrono_literals;
using queue::Schedule;

namespace {

const base::Time kStart = base::FromMillis(1'767'225'600'000);
constexpr double kMiddle = 0.5;  // no jitter either way

model::Job Job(const std::string& category, int attempts) {
  model::Job job;
  job.category = category;
  job.created_at = kStart;
  job.delivery.attempts = attempts;
  return job;
}

}  // namespace

TEST_CASE("mail is tried again at growing distances for a day") {
  const Schedule schedule({});
  base::Time now = kStart;
  std::vector<std::chrono::seconds> delays;
  for (int attempt = 1;; ++attempt) {
    const auto next = schedule.NextAttempt(Job("receipt", attempt), now, kMiddle);
    if (!next) break;
    delays.push_back(std::chrono::duration_cast<std::chrono::seconds>(*next - now));
    now = *next;
  }
  REQUIRE(delays.size() > 8);
  CHECK(std::vector(delays.begin(), delays.begin() + 8) ==
        std::vector<std::chrono::seconds>{30s, 2min, 5min, 15min, 30min, 1h, 2h, 4h});
  CHECK(delays.back() == 4h);
  CHECK(now > kStart + 19h);
  CHECK(now < kStart + 24h);
}

TEST_CASE("a code is tried again within seconds and given up after ten minutes") {
  const Schedule schedule({});
  CHECK(*schedule.NextAttempt(Job("otp", 1), kStart, kMiddle) == kStart + 5s);
  CHECK(schedule.ExpiresAt(Job("otp", 0)) == kStart + 10min);
  CHECK_FALSE(schedule.NextAttempt(Job("otp", 1), kStart + 9min + 55s, kMiddle));
}

TEST_CASE("expires_at shortens a category's lifetime and never lengthens it") {
  const Schedule schedule({});
  model::Job job = Job("receipt", 1);
  job.expires_at = kStart + 1min;
  CHECK(schedule.ExpiresAt(job) == kStart + 1min);
  CHECK(schedule.NextAttempt(job, kStart, kMiddle).has_value());
  CHECK_FALSE(schedule.NextAttempt(job, kStart + 30s, kMiddle));
  job.expires_at = kStart + 1000h;
  CHECK(schedule.ExpiresAt(job) == kStart + 24h);
}

TEST_CASE("jitter spreads retries around their step") {
  const Schedule schedule({});
  CHECK(*schedule.NextAttempt(Job("receipt", 1), kStart, 0) == kStart + 24s);
  CHECK(*schedule.NextAttempt(Job("receipt", 1), kStart, 0.999) > kStart + 35s);
}

TEST_CASE("the life of a message for later begins when it is to be sent") {
  const Schedule schedule({});
  model::Job code = Job("otp", 1);
  code.scheduled_at = kStart + 72h;
  CHECK(schedule.ExpiresAt(code) == kStart + 72h + 10min);
  CHECK(schedule.NextAttempt(code, kStart + 72h, kMiddle) == kStart + 72h + 5s);
  model::Job receipt = Job("receipt", 0);
  receipt.scheduled_at = kStart + 72h;
  CHECK(schedule.ExpiresAt(receipt) == kStart + 96h);
}
