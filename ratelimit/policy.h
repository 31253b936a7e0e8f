// The rules: which category may send how much to one mailbox. Plain data with the shipped defaults.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealpost::ratelimit {

// A closed list; `-` equals `_` and case does not matter in ParseCategory.
enum class Category : std::uint8_t {
  kUncategorized = 0,
  kOtp,
  kPasswordReset,
  kSignupConfirmation,
  kInvitation,
  kContactAck,
  kNotification,
  kReceipt,
  kSecurityAlert,
};
std::string_view CategoryName(Category category);  // "otp", "password_reset", ...
std::optional<Category> ParseCategory(std::string_view name);

// Which budget a message draws from.
enum class Lane : std::uint8_t { kAnonymous, kTrusted, kApplication, kReserved };

struct Limit {
  std::chrono::seconds window;
  std::uint32_t count;
};

// "category-scope-window": otp-mailbox-1h, umbrella-mailbox-1d, trusted-mailbox-20s.
std::string RuleName(std::string_view scope, const Limit& limit);

struct Policy {
  struct PerCategory {
    Category category;
    Lane lane;
    std::vector<Limit> mailbox;
  };
  std::vector<PerCategory> categories;
  std::vector<Limit> umbrella_unconfirmed;  // anonymous lane, all its categories together
  std::vector<Limit> umbrella_confirmed;
  std::vector<Limit> trusted;  // otp and password_reset with a trust signal: instead of the anonymous rules
  std::vector<Limit> all;      // every category but security_alert

  static Policy Default();
  const PerCategory& For(Category category) const;
};

}  // namespace sealpost::ratelimit
