#include "ratelimit/policy.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sealpost::ratelimit {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array<std::pair<Category, std::string_view>, 9> kNames{{
    {Category::kUncategorized, "uncategorized"},
    {Category::kOtp, "otp"},
    {Category::kPasswordReset, "password_reset"},
    {Category::kSignupConfirmation, "signup_confirmation"},
    {Category::kInvitation, "invitation"},
    {Category::kContactAck, "contact_ack"},
    {Category::kNotification, "notification"},
    {Category::kReceipt, "receipt"},
    {Category::kSecurityAlert, "security_alert"},
}};

constexpr hours kDay{24};

char Plain(char c) {
  if (c == '-') return '_';
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::string_view CategoryName(Category category) {
  for (const auto& [value, name] : kNames) {
    if (value == category) return name;
  }
  return "uncategorized";
}

std::optional<Category> ParseCategory(std::string_view name) {
  for (const auto& [value, known] : kNames) {
    if (std::ranges::equal(name, known, {}, Plain)) return value;
  }
  return std::nullopt;
}

std::string RuleName(std::string_view scope, const Limit& limit) {
  constexpr std::array<std::pair<std::int64_t, char>, 3> kUnits{{{86400, 'd'}, {3600, 'h'}, {60, 'm'}}};
  std::int64_t length = limit.window.count();
  char unit = 's';
  for (const auto& [size, letter] : kUnits) {
    if (length > 0 && length % size == 0) {
      length /= size;
      unit = letter;
      break;
    }
  }
  return std::string(scope) + '-' + std::to_string(length) + unit;
}

Policy Policy::Default() {
  using enum Category;
  using enum Lane;
  return {
      .categories = {{kUncategorized, kApplication, {{hours(1), 12}, {kDay, 40}}},
                     {kOtp, kAnonymous, {{seconds(30), 1}, {minutes(10), 5}, {hours(1), 6}, {kDay, 15}}},
                     {kPasswordReset, kAnonymous, {{seconds(60), 1}, {hours(1), 3}, {kDay, 6}}},
                     {kSignupConfirmation, kAnonymous, {{seconds(60), 1}, {hours(1), 3}, {kDay, 5}}},
                     {kInvitation, kAnonymous, {{hours(1), 2}, {kDay, 4}}},
                     {kContactAck, kAnonymous, {{hours(1), 1}, {kDay, 3}}},
                     {kNotification, kApplication, {{minutes(1), 6}, {hours(1), 60}, {kDay, 300}}},
                     {kReceipt, kApplication, {{hours(1), 10}, {kDay, 40}}},
                     {kSecurityAlert, kReserved, {{hours(1), 10}, {kDay, 30}}}},
      .umbrella_unconfirmed = {{hours(1), 6}, {kDay, 10}},
      .umbrella_confirmed = {{hours(1), 8}, {kDay, 20}},
      .trusted = {{seconds(20), 1}, {hours(1), 6}, {kDay, 30}},
      .all = {{hours(1), 120}, {kDay, 500}},
  };
}

const Policy::PerCategory& Policy::For(Category category) const {
  // A policy without a word on a category must not mean "unlimited".
  static const PerCategory kNothing{Category::kUncategorized, Lane::kApplication, {{kDay, 0}}};
  const auto find = [this](Category wanted) { return std::ranges::find(categories, wanted, &PerCategory::category); };
  if (const auto own = find(category); own != categories.end()) return *own;
  const auto uncategorized = find(Category::kUncategorized);
  return uncategorized != categories.end() ? *uncategorized : kNothing;
}

}  // namespace sealpost::ratelimit
