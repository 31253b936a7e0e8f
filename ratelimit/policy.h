// The rules: which category may send how much to one mailbox. Plain data with the shipped defaults.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealpost::ratelimit {

// What a message is for. These are shipped; a policy may name others with the ids 9 to 61.
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
inline constexpr std::uint8_t kShippedCategories = 9;
inline constexpr std::uint8_t kMostCategories = 62;  // six bits of a log's tag; rules.h needs the last two

// Of the shipped categories; Policy::NameOf and Policy::Find know the others too.
std::string_view CategoryName(Category category);  // "otp", "password_reset", ...
std::optional<Category> ParseCategory(std::string_view name);

// Which budget a message draws from.
enum class Lane : std::uint8_t { kAnonymous, kTrusted, kApplication, kReserved };

// What the application says it knows of who asked for a message.
enum class Trust : std::uint8_t {
  kNone,
  kCaptcha,  // a challenge was solved: a stranger all the same, who must not draw from the user's own budget
  kFull,     // it is the user: by a session, a device or the support staff
};
inline constexpr std::uint8_t kTrusts = 3;
inline constexpr std::string_view kTrustWords = "session, device, captcha or support";
// kNone for an empty word, nothing for one that is not among kTrustWords.
std::optional<Trust> ParseTrust(std::string_view word);

// Whether a rule refuses, is only reported as one that would have refused, or is not there.
enum class Mode : std::uint8_t { kEnforce, kShadow, kOff };

struct Limit {
  std::chrono::seconds window;
  std::uint32_t count;
  Mode mode = Mode::kEnforce;
};

// What a category wants done with a request that is over a limit.
enum class OnLimit : std::uint8_t {
  kDeny,
  kCoalesce,  // an equal message was sent a moment ago: that one stands for this; otherwise deny
  kSuppress,  // answered as accepted, counted, not sent
  kDigest,    // held and told in a summary
  kHold,      // held and sent when there is room: never lost
};

// What a category does while the counters of the installation are away.
enum class OnOutage : std::uint8_t {
  kLocal,  // the process decides by what it knows itself
  kHold,   // held until they are back
};

// "category-scope-window": otp-mailbox-1h, umbrella-mailbox-1d, trusted-mailbox-20s, captcha-mailbox-1h.
std::string RuleName(std::string_view scope, const Limit& limit);

struct Policy {
  struct PerCategory {
    Category category;
    Lane lane;
    std::vector<Limit> mailbox = {};
    OnLimit on_limit = OnLimit::kDeny;
    OnOutage on_outage = OnOutage::kLocal;
    bool trusted = false;                 // a trust signal moves it to the trusted lane
    std::chrono::seconds duplicate{0};    // equal content is sent once in this time; 0: never compared
    bool only_dedupe_key = false;         // equal content is what the application says is equal, not a hash of ours
    std::vector<Limit> unconfirmed = {};  // per mailbox, beside `mailbox`, until it is confirmed
    std::vector<Limit> inviter = {};      // per inviter
    std::vector<Limit> inviter_verified = {};  // instead, where the workspace is verified
    std::vector<Limit> workspace = {};         // per workspace and mailbox
    std::string name = {};                     // of a category that is not shipped
  };
  std::vector<PerCategory> categories;
  std::vector<Limit> umbrella_unconfirmed;  // anonymous lane, all its categories together
  std::vector<Limit> umbrella_confirmed;
  std::vector<Limit> trusted;  // instead of the anonymous rules: what is asked for with full trust
  std::vector<Limit> captcha;  // the same, by a captcha; neither of the two counts the other's messages
  std::vector<Limit> all;      // every lane but the reserved one
  // Anonymous lane, each over all its categories.
  std::vector<Limit> family;      // mailboxes of one family that are not the family's own
  std::vector<Limit> domain;      // unconfirmed recipients of one domain
  std::vector<Limit> source;      // unconfirmed recipients named from one IPv4 address or IPv6 /64
  std::vector<Limit> source_net;  // the same from one /24 or /48
  // Recipients that are unconfirmed and got nothing lately, per API key and lane; only in shadow in the application's
  // lane, where a run of invoices to new customers is no attack.
  std::vector<Limit> key;
  struct Attack {
    Limit enter;                   // refusals in the anonymous lane that put a mailbox under attack
    Limit leave;                   // fewer than these end it
    std::vector<Limit> anonymous;  // further rules of the anonymous lane meanwhile
  } attack;

  static Policy Default();
  const PerCategory& For(Category category) const;
  // `-` equals `_` and case does not matter. Only what the policy or the shipped list names.
  std::optional<Category> Find(std::string_view name) const;
  std::string_view NameOf(Category category) const;
};

}  // namespace sealpost::ratelimit
