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

bool SameName(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, Plain, Plain);
}

std::vector<Policy::PerCategory> Anonymous() {
  using enum Category;
  constexpr Lane kLane = Lane::kAnonymous;
  return {{.category = kOtp,
           .lane = kLane,
           .mailbox = {{seconds(30), 1}, {minutes(10), 5}, {hours(1), 6}, {kDay, 15}},
           .trusted = true,
           .duplicate = minutes(10),
           .only_dedupe_key = true},
          {.category = kPasswordReset,
           .lane = kLane,
           .mailbox = {{seconds(60), 1}, {hours(1), 3}, {kDay, 6}},
           .trusted = true},
          {.category = kSignupConfirmation,
           .lane = kLane,
           .mailbox = {{seconds(60), 1}, {hours(1), 3}, {kDay, 5}},
           .on_outage = OnOutage::kHold,
           .unconfirmed = {{7 * kDay, 8}}},
          {.category = kInvitation,
           .lane = kLane,
           .mailbox = {{hours(1), 2}, {kDay, 4}},
           .on_limit = OnLimit::kCoalesce,
           .on_outage = OnOutage::kHold,
           .inviter = {{hours(1), 20}, {kDay, 100}},
           .inviter_verified = {{hours(1), 250}},
           .workspace = {{kDay, 1}}},
          {.category = kContactAck,
           .lane = kLane,
           .mailbox = {{hours(1), 1}, {kDay, 3}},
           .on_limit = OnLimit::kSuppress,
           .on_outage = OnOutage::kHold}};
}

std::vector<Policy::PerCategory> OfTheApplication() {
  using enum Category;
  constexpr Lane kLane = Lane::kApplication;
  return {{.category = kUncategorized, .lane = kLane, .mailbox = {{hours(1), 12}, {kDay, 40}}},
          {.category = kNotification,
           .lane = kLane,
           .mailbox = {{minutes(1), 6}, {hours(1), 60}, {kDay, 300}},
           .on_limit = OnLimit::kDigest,
           .on_outage = OnOutage::kHold,
           .duplicate = minutes(5)},
          {.category = kReceipt, .lane = kLane, .mailbox = {{hours(1), 10}, {kDay, 40}}, .on_limit = OnLimit::kHold},
          {.category = kSecurityAlert,
           .lane = Lane::kReserved,
           .mailbox = {{hours(1), 10}, {kDay, 30}},
           .on_limit = OnLimit::kCoalesce,
           .duplicate = minutes(10)}};
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
    if (SameName(name, known)) return value;
  }
  return std::nullopt;
}

std::optional<Trust> ParseTrust(std::string_view word) {
  if (word.empty()) return Trust::kNone;
  if (word == "captcha") return Trust::kCaptcha;
  if (word == "session" || word == "device" || word == "support") return Trust::kFull;
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
  constexpr Mode kShadow = Mode::kShadow;
  Policy policy{
      .categories = Anonymous(),
      .umbrella_unconfirmed = {{hours(1), 6}, {kDay, 10}},
      .umbrella_confirmed = {{hours(1), 8}, {kDay, 20}},
      .trusted = {{seconds(20), 1}, {hours(1), 6}, {kDay, 30}},
      .captcha = {{seconds(20), 1}, {hours(1), 3}, {kDay, 8}},
      .all = {{hours(1), 120}, {kDay, 500}},
      .family = {{hours(1), 24}, {kDay, 60}},
      .domain = {{hours(1), 100}, {kDay, 400}},
      .source = {{minutes(10), 20, kShadow}, {hours(1), 60, kShadow}},
      .source_net = {{minutes(10), 80, kShadow}, {hours(1), 240, kShadow}},
      .key = {{hours(1), 500}},
      .attack = {.enter = {minutes(10), 20}, .leave = {hours(1), 5}, .anonymous = {{hours(1), 2}}},
  };
  for (PerCategory& own : OfTheApplication()) policy.categories.push_back(std::move(own));
  return policy;
}

const Policy::PerCategory& Policy::For(Category category) const {
  // A policy without a word on a category must not mean "unlimited".
  static const PerCategory kNothing{
      .category = Category::kUncategorized, .lane = Lane::kApplication, .mailbox = {{kDay, 0}}};
  const auto find = [this](Category wanted) { return std::ranges::find(categories, wanted, &PerCategory::category); };
  if (const auto own = find(category); own != categories.end()) return *own;
  const auto uncategorized = find(Category::kUncategorized);
  return uncategorized != categories.end() ? *uncategorized : kNothing;
}

std::optional<Category> Policy::Find(std::string_view name) const {
  for (const PerCategory& own : categories) {
    if (!own.name.empty() && SameName(own.name, name)) return own.category;
  }
  return ParseCategory(name);
}

std::string_view Policy::NameOf(Category category) const {
  const auto own = std::ranges::find(categories, category, &PerCategory::category);
  return own != categories.end() && !own->name.empty() ? std::string_view(own->name) : CategoryName(category);
}

}  // namespace sealpost::ratelimit
