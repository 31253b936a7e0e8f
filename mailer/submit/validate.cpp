#include "mailer/submit/validate.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "mailer/submit/refuse.h"
#include "mailer/submit/when.h"
#include "ratelimit/identity.h"

namespace sealpost::submit {

namespace {

using Check = std::expected<void, Refusal>;

std::string At(const std::string& field, std::size_t index) {
  return "/" + field + "/" + std::to_string(index);
}

std::expected<std::vector<model::Mailbox>, Refusal> ParseList(const std::string& field,
                                                              const std::vector<std::string>& texts) {
  std::vector<model::Mailbox> mailboxes;
  mailboxes.reserve(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto mailbox = model::ParseMailbox(texts[i]);
    if (!mailbox) return Refuse("Invalid `" + field + "` field: " + mailbox.error().message, At(field, i));
    mailboxes.push_back(std::move(*mailbox));
  }
  return mailboxes;
}

Check CheckContent(const SendRequest& request) {
  if (request.template_use) {
    if (request.html || request.text) {
      return Refuse("`template` cannot be combined with `html` or `text`: send one or the other.", "/template");
    }
    return {};
  }
  if (!request.subject) return Refuse("Missing `subject` field.", "/subject", RefusalKind::kMissingField);
  const bool has_html = request.html && !request.html->empty();
  const bool has_text = request.text && !request.text->empty();
  if (!has_html && !has_text) {
    return Refuse("Missing `html` or `text` field: a message needs one of them, or a `template`.", "/html",
                  RefusalKind::kMissingField);
  }
  return {};
}

Check CheckText(const std::optional<std::string>& text, const char* field, std::size_t limit) {
  if (!text) return {};
  if (text->size() > limit) {
    return Refuse(std::string("`") + field + "` has " + std::to_string(text->size()) + " bytes; at most " +
                      std::to_string(limit) + " are taken.",
                  std::string("/") + field);
  }
  if (text->find('\0') != std::string::npos) {
    return Refuse(std::string("`") + field + "` holds a NUL character; mail cannot carry one.",
                  std::string("/") + field);
  }
  return {};
}

Check CheckSizes(const SendRequest& request) {
  if (const auto check = CheckText(request.subject, "subject", kSubjectBytesAtMost); !check) return check;
  if (request.subject && request.subject->find_first_of("\r\n") != std::string::npos) {
    return Refuse("`subject` holds a line break; a subject is one line.", "/subject");
  }
  if (const auto check = CheckText(request.html, "html", kPartBytesAtMost); !check) return check;
  if (const auto check = CheckText(request.text, "text", kPartBytesAtMost); !check) return check;
  std::size_t total = (request.html ? request.html->size() : 0) + (request.text ? request.text->size() : 0);
  for (const message::Attachment& attachment : request.attachments) total += (attachment.content.size() + 2) / 3 * 4;
  if (total > kMessageBytesAtMost) {
    return Refuse("The attachments (as base64), `html` and `text` have " + std::to_string(total) + " bytes; at most " +
                      std::to_string(kMessageBytesAtMost) + " are taken.",
                  "/attachments", RefusalKind::kInvalidAttachment);
  }
  return {};
}

bool IsTagText(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= 256 && std::all_of(text.begin(), text.end(), allowed);
}

Check CheckTags(const std::vector<model::Tag>& tags) {
  for (std::size_t i = 0; i < tags.size(); ++i) {
    if (IsTagText(tags[i].name) && IsTagText(tags[i].value)) continue;
    return Refuse("Tags should only contain ASCII letters, numbers, underscores, or dashes, 1 to 256 of them.",
                  At("tags", i));
  }
  return {};
}

Check CheckShortText(const std::string& text, const char* field) {
  constexpr std::size_t kLimit = 256;
  const auto control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  if (text.size() <= kLimit && std::none_of(text.begin(), text.end(), control)) return {};
  return Refuse(std::string("`") + field + "` takes at most 256 characters and no control characters.",
                std::string("/") + field);
}

// As the application's framework gives it: the address alone, without port, brackets or zone.
bool IsIpAddress(const std::string& text) {
  in6_addr address{};
  return inet_pton(AF_INET, text.c_str(), &address) == 1 || inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

Check CheckExtras(const SendRequest& request, const model::ApiKey& caller, base::Time now) {
  if (!ratelimit::ParseTrust(request.trust)) {
    return Refuse("`trust` is " + std::string(ratelimit::kTrustWords) + ".", "/trust");
  }
  const bool asserts = !request.trust.empty() || request.recipient_confirmed || request.workspace_verified;
  if (asserts && !caller.may_assert_trust) {
    return Refuse(
        "This API key may not assert `trust`, `recipient_confirmed` or `workspace_verified`: make one with "
        "--assert-trust.",
        "/trust", RefusalKind::kNotPermitted);
  }
  constexpr std::array<std::string_view, 4> kPriority = {"", "high", "normal", "low"};
  if (std::find(kPriority.begin(), kPriority.end(), request.priority) == kPriority.end()) {
    return Refuse("`priority` is one of high, normal, low.", "/priority");
  }
  if (request.expires_at && *request.expires_at <= now) {
    return Refuse("`expires_at` lies in the past: the message would never leave.", "/expires_at");
  }
  if (const auto check = CheckShortText(request.client_ip, "client_ip"); !check) return check;
  if (!request.client_ip.empty() && !IsIpAddress(request.client_ip)) {
    return Refuse("`client_ip` is an IPv4 or IPv6 address, such as 192.0.2.1 or 2001:db8::1, without port or brackets.",
                  "/client_ip");
  }
  if (const auto check = CheckShortText(request.user_id, "user_id"); !check) return check;
  if (const auto check = CheckShortText(request.workspace_id, "workspace_id"); !check) return check;
  if (request.workspace_verified && request.workspace_id.empty())
    return Refuse("`workspace_verified` needs the `workspace_id` that it speaks of.", "/workspace_verified");
  if (const auto check = CheckShortText(request.dedupe_key, "dedupe_key"); !check) return check;
  if (request.metadata.size() > kMetadataBytesAtMost) {
    return Refuse("`metadata` takes at most 8192 bytes of JSON.", "/metadata");
  }
  return {};
}

// Nothing where the request does not say.
std::expected<std::optional<ratelimit::Category>, Refusal> FindCategory(const SendRequest& request,
                                                                        const ratelimit::Policy& policy) {
  const auto category = policy.Find(request.category);
  if (category) return category;
  // An unknown word in a tag is the application's own tag that happens to be called so.
  if (request.category.empty() || !request.category_is_member) return std::nullopt;
  std::string names;
  for (const auto& own : policy.categories) {
    names += (names.empty() ? "" : ", ") + std::string(policy.NameOf(own.category));
  }
  return Refuse("`category` is one of " + names + ".", "/category");
}

// The limiter charges a mailbox once for a message, so it gets one copy, however many of its spellings are named:
// fifty tagged addresses would be fifty messages otherwise.
std::vector<Recipient> Distinct(const Checked& checked, const ratelimit::IdentityRules& rules) {
  std::vector<Recipient> recipients;
  std::set<std::string> seen;
  for (const auto* list : {&checked.to, &checked.cc, &checked.bcc}) {
    for (const model::Mailbox& named : *list) {
      ratelimit::Identity identity = ratelimit::Identify(named.address.local, named.address.domain, rules);
      if (!seen.insert(identity.mailbox).second) continue;
      recipients.push_back(
          {named.address, std::move(identity.mailbox), std::move(identity.family), std::move(identity.domain_budget)});
    }
  }
  return recipients;
}

}  // namespace

std::expected<Checked, Refusal> Validate(const SendRequest& request, const model::ApiKey& caller, base::Time now,
                                         const LimitRules& rules) {
  if (request.to.empty()) return Refuse("Missing `to` field.", "/to", RefusalKind::kMissingField);
  if (request.from.empty() && !request.template_use)
    return Refuse("Missing `from` field.", "/from", RefusalKind::kMissingField);
  const std::size_t named = request.to.size() + request.cc.size() + request.bcc.size();
  if (named > kMailboxesAtMost) {
    return Refuse(
        "The message names " + std::to_string(named) + " mailboxes in `to`, `cc` and `bcc`; at most 50 are taken.",
        "/to");
  }
  if (const auto check = CheckContent(request); !check) return std::unexpected(check.error());
  if (const auto check = CheckSizes(request); !check) return std::unexpected(check.error());
  if (const auto check = CheckTags(request.tags); !check) return std::unexpected(check.error());
  if (const auto check = CheckExtras(request, caller, now); !check) return std::unexpected(check.error());

  Checked checked;
  if (request.scheduled_at) {
    const auto when = WhenToSend(*request.scheduled_at, now, request.expires_at);
    if (!when) return std::unexpected(when.error());
    if (*when > now) checked.scheduled_at = *when;
  }
  const std::array<std::pair<const char*, std::pair<const std::vector<std::string>*, std::vector<model::Mailbox>*>>, 4>
      lists = {{
          {"to", {&request.to, &checked.to}},
          {"cc", {&request.cc, &checked.cc}},
          {"bcc", {&request.bcc, &checked.bcc}},
          {"reply_to", {&request.reply_to, &checked.reply_to}},
      }};
  for (const auto& [field, list] : lists) {
    auto parsed = ParseList(field, *list.first);
    if (!parsed) return std::unexpected(parsed.error());
    *list.second = std::move(*parsed);
  }
  const auto category = FindCategory(request, rules.policy);
  if (!category) return std::unexpected(category.error());
  checked.says_category = category->has_value();
  checked.category = category->value_or(ratelimit::Category::kUncategorized);
  checked.category_name = rules.policy.NameOf(checked.category);
  checked.trust = ratelimit::ParseTrust(request.trust).value_or(ratelimit::Trust::kNone);
  checked.recipients = Distinct(checked, rules.identity);
  return checked;
}

model::Extras ExtrasOf(const SendRequest& request, const Checked& checked) {
  return {
      checked.category_name,     request.trust,    request.recipient_confirmed, request.client_ip, request.user_id,
      request.dedupe_key,        request.priority, request.expires_at,          request.metadata,  request.workspace_id,
      request.workspace_verified};
}

std::expected<model::Mailbox, Refusal> ValidateFrom(const std::string& from) {
  if (from.empty()) return Refuse("Missing `from` field.", "/from", RefusalKind::kMissingField);
  auto mailbox = model::ParseMailbox(from);
  if (mailbox) return std::move(*mailbox);
  return Refuse("Invalid `from` field: " + mailbox.error().message +
                    ". The email address needs to follow the `email@example.com` or `Name <email@example.com>` format.",
                "/from", RefusalKind::kInvalidFrom);
}

}  // namespace sealpost::submit
