// What attackers do. Every line is the attack's, but those that are marked legitimate.
#pragma once

#include <array>
#include <string>

#include "tests/traces/maker.h"

namespace sealpost::tests {

inline constexpr std::size_t kCalls = 10'000;

inline constexpr std::array kStrangersCategories{ratelimit::Category::kOtp, ratelimit::Category::kPasswordReset,
                                                 ratelimit::Category::kSignupConfirmation,
                                                 ratelimit::Category::kInvitation, ratelimit::Category::kContactAck};

// At even distance with a little disorder, from 0 on.
inline std::int64_t Spread(Maker& maker, std::size_t i, std::size_t count, std::int64_t length) {
  const std::int64_t gap = length / static_cast<std::int64_t>(count);
  return static_cast<std::int64_t>(i) * gap + maker.Between(0, gap / 2);
}

// From 1,000 sources, over 20 templates of all categories that strangers trigger, and 7 keys.
inline void Scatter(Maker& maker, ratelimit::TraceEntry& entry) {
  const std::size_t template_number = maker.Pick(20);
  entry.category = kStrangersCategories[template_number % kStrangersCategories.size()];
  entry.template_name = "template-" + std::to_string(template_number);
  entry.key = "key-" + std::to_string(maker.Pick(7));
  entry.client_ip = SourceNumber(maker.Pick(1'000));
  if (entry.category != ratelimit::Category::kInvitation) return;
  entry.inviter = "inviter-" + std::to_string(maker.Pick(500));
  entry.workspace = "workspace-" + std::to_string(maker.Pick(500));
}

inline ratelimit::Trace OneSource(std::uint32_t seed) {
  Maker maker(seed);
  for (std::size_t i = 0; i < kCalls; ++i) {
    auto& entry =
        maker.Add(Spread(maker, i, kCalls, 2 * kHour), "victim", "gmail.com", ratelimit::Category::kPasswordReset);
    entry.client_ip = "192.0.2.66";
    entry.key = "key-1";
  }
  return maker.Take();
}

inline ratelimit::Trace ManySources(std::uint32_t seed) {
  Maker maker(seed);
  for (std::size_t i = 0; i < kCalls; ++i) {
    Scatter(maker, maker.Add(Spread(maker, i, kCalls, 2 * kHour), "victim", "example.org", {}));
  }
  return maker.Take();
}

// victim@gmail.com, as one may write it.
inline std::string Spelling(Maker& maker) {
  std::string local;
  for (const char c : std::string_view("victim")) {
    if (!local.empty() && maker.Chance(30)) local += '.';
    local += maker.Chance(30) ? static_cast<char>(c - 'a' + 'A') : c;
  }
  if (maker.Chance(50)) local += "+" + maker.Word(1 + maker.Pick(8));
  return maker.Chance(20) ? "\"" + local + "\"" : local;
}

// Longer than a day, so that the day's limit has to hold in a window that moves.
inline ratelimit::Trace Spellings(std::uint32_t seed) {
  Maker maker(seed);
  for (std::size_t i = 0; i < kCalls; ++i) {
    const std::int64_t at = Spread(maker, i, kCalls, 36 * kHour);
    std::string local = Spelling(maker);
    Scatter(maker, maker.Add(at, std::move(local), maker.Chance(40) ? "googlemail.com" : "gmail.com", {}));
  }
  return maker.Take();
}

inline ratelimit::Trace LowAndSlow(std::uint32_t seed) {
  Maker maker(seed);
  for (std::int64_t at = 0; at < kDay; at += 3 * kMinute) {
    Scatter(maker, maker.Add(at + maker.Between(0, 10 * kSecond), "victim", "example.org", {}));
  }
  return maker.Take();
}

inline ratelimit::Trace OneInstant(std::uint32_t seed) {
  Maker maker(seed);
  for (int i = 0; i < 300; ++i) Scatter(maker, maker.Add(9 * kHour, "victim", "example.org", {}));
  return maker.Take();
}

inline ratelimit::Trace CatchAll(std::uint32_t seed) {
  Maker maker(seed);
  for (std::size_t i = 0; i < kCalls; ++i) {
    std::string local = maker.Word(8 + maker.Pick(4));
    Scatter(maker, maker.Add(Spread(maker, i, kCalls, 6 * kHour), std::move(local), "catch-all.example", {}));
  }
  return maker.Take();
}

// The same attacker with a name server: nothing of an address is twice the same but the domain that was registered.
inline ratelimit::Trace Wildcard(std::uint32_t seed) {
  Maker maker(seed);
  for (std::size_t i = 0; i < kCalls; ++i) {
    std::string local = maker.Word(8);
    std::string domain = maker.Word(6) + (maker.Chance(50) ? "." + maker.Word(3) : "") + ".catch-all.example";
    Scatter(maker, maker.Add(Spread(maker, i, kCalls, 6 * kHour), std::move(local), std::move(domain), {}));
  }
  return maker.Take();
}

inline ratelimit::Trace PlusTags(std::uint32_t seed) {
  Maker maker(seed);
  for (std::size_t i = 0; i < kCalls; ++i) {
    std::string local = "victim+" + maker.Word(6);
    Scatter(maker, maker.Add(Spread(maker, i, kCalls, 6 * kHour), std::move(local), "custom.example", {}));
  }
  return maker.Take();
}

// 10,000 different people from 50 sources with one stolen key.
inline ratelimit::Trace Spray(std::uint32_t seed) {
  Maker maker(seed);
  for (std::size_t i = 0; i < kCalls; ++i) {
    auto& entry = maker.Add(Spread(maker, i, kCalls, 2 * kHour), "person-" + std::to_string(i), "gmail.com",
                            ratelimit::Category::kSignupConfirmation);
    entry.client_ip = SourceNumber(maker.Pick(50));
    entry.key = "key-1";
  }
  return maker.Take();
}

// No attacker, a bug: the same notification again and again.
inline ratelimit::Trace Loop(std::uint32_t seed) {
  Maker maker(seed);
  for (std::size_t i = 0; i < 5'000; ++i) {
    auto& entry =
        maker.Add(Spread(maker, i, 5'000, kHour), "victim", "example.org", ratelimit::Category::kNotification);
    entry.content = "disk full";
    entry.key = "key-1";
  }
  return maker.Take();
}

// The attacker spends the victim's codes for a day; the victim logs in hourly from a device that the application knows.
inline ratelimit::Trace LockOut(std::uint32_t seed) {
  Maker maker(seed);
  for (std::int64_t at = 0; at < kDay; at += maker.Between(20 * kSecond, 3 * kMinute)) {
    auto& entry = maker.Add(at, "victim", "example.org", ratelimit::Category::kOtp);
    entry.client_ip = SourceNumber(maker.Pick(1'000));
    entry.key = "key-1";
    entry.confirmed = true;
  }
  for (std::int64_t hour = 0; hour < 24; ++hour) {
    auto& entry =
        maker.Add(hour * kHour + maker.Between(0, 50 * kMinute), "victim", "example.org", ratelimit::Category::kOtp);
    entry.client_ip = "192.0.2.1";
    entry.key = "key-1";
    entry.confirmed = true;
    entry.trust = ratelimit::Trust::kFull;
    entry.legitimate = true;
  }
  return maker.Take();
}

// The attacker solves 100 captchas an hour for the victim's codes and reset links, and one a second before each of the
// victim's hourly logins with a session.
inline ratelimit::Trace Captchas(std::uint32_t seed) {
  Maker maker(seed);
  const auto solve = [&maker](std::int64_t at) {
    const auto category = maker.Pick(2) == 0 ? ratelimit::Category::kOtp : ratelimit::Category::kPasswordReset;
    auto& entry = maker.Add(at, "victim", "example.org", category);
    entry.client_ip = SourceNumber(maker.Pick(1'000));
    entry.key = "key-1";
    entry.trust = ratelimit::Trust::kCaptcha;
  };
  for (std::int64_t at = 0; at < kDay; at += 36 * kSecond) solve(at + maker.Between(0, 35 * kSecond));
  for (std::int64_t hour = 0; hour < 24; ++hour) {
    const std::int64_t at = hour * kHour + maker.Between(kMinute, 50 * kMinute);
    solve(at - kSecond);
    auto& entry = maker.Add(at, "victim", "example.org", ratelimit::Category::kOtp);
    entry.client_ip = "192.0.2.1";
    entry.key = "key-1";
    entry.trust = ratelimit::Trust::kFull;
    entry.legitimate = true;
  }
  return maker.Take();
}

}  // namespace sealpost::tests
