// A request held against the rules that need nothing but itself: addresses, counts, sizes, words. What comes out is
// parsed once and for all.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "mailer/model/account.h"
#include "mailer/model/email.h"
#include "mailer/submit/request.h"
#include "ratelimit/identity.h"
#include "ratelimit/policy.h"

namespace sealpost::submit {

inline constexpr std::size_t kMailboxesAtMost = 50;            // to, cc and bcc together
inline constexpr std::size_t kMessageBytesAtMost = 40u << 20;  // attachments after base64, with text and html
inline constexpr std::size_t kPartBytesAtMost = 5u << 20;      // html or text
inline constexpr std::size_t kSubjectBytesAtMost = 998;
inline constexpr std::size_t kMetadataBytesAtMost = 8 * 1024;

// What the operator's policy says of categories and addresses.
struct LimitRules {
  ratelimit::Policy policy = ratelimit::Policy::Default();
  ratelimit::IdentityRules identity = {};
  std::string default_category = {};  // of the installation; empty: none
};

struct Recipient {
  model::Address address;  // as typed
  std::string mailbox;     // canonical (ratelimit::Identify)
  std::string family;      // for the limiter's wider rules, as Identify says
  std::string domain;
};

struct Checked {
  std::vector<model::Mailbox> to, cc, bcc, reply_to;
  // Each mailbox once, by the first of its spellings in the order of to, cc, bcc: one delivery each.
  std::vector<Recipient> recipients;
  ratelimit::Category category = ratelimit::Category::kUncategorized;
  std::string category_name;   // as the policy spells it
  bool says_category = false;  // by any carrier; otherwise default_category.h may say another one
  ratelimit::Trust trust = ratelimit::Trust::kNone;
  std::optional<base::Time> scheduled_at;  // lies ahead; nothing: at once
};

// `now` decides whether expires_at and scheduled_at lie ahead; `rules` which categories there are and which spellings
// are one mailbox. The first fault is returned; `field` is a JSON pointer.
std::expected<Checked, Refusal> Validate(const SendRequest& request, const model::ApiKey& caller, base::Time now,
                                         const LimitRules& rules);
// What is kept of a request beside its words.
model::Extras ExtrasOf(const SendRequest& request, const Checked& checked);
// The sender, from the request or the template. Apart, because a template may bring it.
std::expected<model::Mailbox, Refusal> ValidateFrom(const std::string& from);

}  // namespace sealpost::submit
