#include "api/resources/recipient_limits.h"

#include <expected>
#include <memory>
#include <optional>
#include <utility>

#include "api/resources/json_fields.h"
#include "api/resources/limit_state_json.h"
#include "api/resources/refusals.h"
#include "mailer/model/address.h"
#include "mailer/store/audit.h"
#include "ratelimit/identity.h"

namespace sealpost::resources {

namespace {

constexpr std::size_t kReasonAtMost = 200;
constexpr std::size_t kAuditShown = 20;
constexpr std::size_t kEventsShown = 20;
constexpr std::chrono::hours kBlockAtMost{24 * 365};

using Shared = std::shared_ptr<const RecipientLimitsParts>;

http::Response Refused(const http::Request& request, int status, http::Name name, std::string message) {
  return ToResponse({status, name, std::move(message)}, request);
}

// Redis would go on with what it knows.
base::Result<void> RedisIsAway() {
  return base::Fail(base::ErrorKind::kUnavailable, "Redis does not answer, and it holds what is to be changed");
}

std::expected<ratelimit::Identity, http::Response> ReadAddress(const RecipientLimitsParts& parts,
                                                               const http::Request& request) {
  const auto address = model::ParseAddress(request.parameters.at("address"));
  if (!address) {
    return std::unexpected(
        Refused(request, 422, http::Name::kInvalidParameter, "This is no mail address: " + address.error().message));
  }
  return ratelimit::Identify(address->local, address->domain, parts.rules.identity);
}

std::string Subject(const RecipientLimitsParts& parts, const std::string& mailbox) {
  return ratelimit::MailboxKey(parts.subject_key, mailbox);
}

http::Response Show(const RecipientLimitsParts& parts, const http::Request& request,
                    const ratelimit::Identity& identity) {
  const std::string_view confirmed = request.Query("confirmed");
  if (!confirmed.empty() && confirmed != "true" && confirmed != "false")
    return Refused(request, 422, http::Name::kInvalidParameter, "`confirmed` is true or false.");
  const bool remembered = parts.recipients.IsConfirmed(identity.mailbox);
  const ratelimit::Recipient recipient{.mailbox = identity.mailbox,
                                       .family = identity.family,
                                       .domain = identity.domain_budget,
                                       .confirmed = confirmed == "true" || (confirmed.empty() && remembered)};
  const std::string subject = Subject(parts, identity.mailbox);
  std::vector<store::AuditEntry> audit;
  std::vector<store::LimitSignal> events;
  const auto read = parts.database.Read([&](store::Session& session) -> base::Result<void> {
    auto entries = store::AuditOf(session, subject, kAuditShown);
    if (!entries) return std::unexpected(entries.error());
    audit = std::move(*entries);
    auto signals = store::FindLimitSignals(session, {.subject = subject}, kEventsShown);
    if (!signals) return std::unexpected(signals.error());
    events = std::move(*signals);
    return {};
  });
  if (!read) return ToResponse(http::FromError(read.error()), request);
  const ratelimit::Explanation explanation = parts.limiter.Explain(recipient);
  return {200,
          "application/json",
          LimitStateJson(recipient, identity.normalised_by, explanation, events, audit, parts.rules.policy),
          {}};
}

http::Response Get(const RecipientLimitsParts& parts, const http::Request& request) {
  const auto identity = ReadAddress(parts, request);
  return identity ? Show(parts, request, *identity) : identity.error();
}

// What an administrator wants: `until` only for a block.
struct Wish {
  std::string action;
  std::string reason;
  base::Time until = {};
};

Read<base::Time> ReadUntil(base::JsonView root, base::Time now) {
  const auto text = root["until"].String();
  const auto seconds = root["seconds"].Integer();
  const std::string forms = "Give `until`, such as 2026-01-31T12:00:00Z, or `seconds`, in the next 365 days.";
  if (text.has_value() == seconds.has_value()) return Refuse(forms, "/until", submit::RefusalKind::kMissingField);
  std::optional<base::Time> until;
  if (seconds && *seconds > 0 && std::chrono::seconds(*seconds) <= kBlockAtMost)
    until = now + std::chrono::seconds(*seconds);
  if (text) {
    if (const auto time = base::FromRfc3339(*text)) until = *time;
  }
  if (!until || *until <= now || *until > now + kBlockAtMost) return Refuse(forms, text ? "/until" : "/seconds");
  return *until;
}

Read<Wish> ReadWish(base::JsonView root, std::string action, base::Time now) {
  if (!root.IsObject()) return Refuse("The body has to be a JSON object.", "");
  auto reason = ReadText(root, "reason");
  if (!reason) return std::unexpected(reason.error());
  if (!*reason || (*reason)->empty())
    return Refuse("Missing `reason` field: the audit keeps why.", "/reason", submit::RefusalKind::kMissingField);
  if (!IsOneLine(**reason, kReasonAtMost))
    return Refuse("`reason` takes at most 200 characters on one line.", "/reason");
  Wish wish{std::move(action), std::move(**reason)};
  if (wish.action != "block") return wish;
  auto until = ReadUntil(root, now);
  if (!until) return std::unexpected(until.error());
  wish.until = *until;
  return wish;
}

base::Result<void> Reset(const RecipientLimitsParts& parts, const std::string& mailbox, const std::string& actor,
                         const std::string& reason) {
  if (parts.limiter.Degraded()) return RedisIsAway();
  const store::AuditEntry entry{parts.clock.Now(), actor, "limits.reset", Subject(parts, mailbox), reason};
  const auto written =
      parts.database.Write([&](store::Session& session) { return store::InsertAudit(session, entry); });
  if (!written) return written;
  return parts.forget(mailbox) ? base::Result<void>() : RedisIsAway();
}

base::Result<void> Do(const RecipientLimitsParts& parts, const Wish& wish, const std::string& mailbox,
                      const std::string& actor) {
  if (wish.action == "reset") return Reset(parts, mailbox, actor, wish.reason);
  const auto standing = wish.action == "block" ? parts.blocks.Block(mailbox, wish.until, actor, wish.reason)
                                               : parts.blocks.Unblock(mailbox, actor, wish.reason);
  if (!standing) return std::unexpected(standing.error());
  return {};
}

// A block does without Redis, so where it fails it is the store.
http::Response Failed(const RecipientLimitsParts& parts, const http::Request& request, const std::string& action,
                      const base::Error& error) {
  if (action == "block" || !parts.limiter.Degraded()) return ToResponse(http::FromError(error), request);
  return Refused(request, 503, http::Name::kInternalServerError,
                 "Redis does not answer, and it holds what is to be changed: try again when it is back.");
}

http::Response Change(const RecipientLimitsParts& parts, const std::string& action, const http::Request& request) {
  const auto identity = ReadAddress(parts, request);
  if (!identity) return identity.error();
  const auto document = ParseBody(request);
  if (!document) return ToResponse(document.error(), request);
  const auto wish = ReadWish(document->Root(), action, parts.clock.Now());
  if (!wish) return ToResponse(ToProblem(wish.error()), request);
  const std::string& actor = request.caller->id;
  const auto done = Do(parts, *wish, identity->mailbox, actor);
  if (!done) return Failed(parts, request, action, done.error());
  parts.log.Warn("limits_changed",
                 {{"action", action}, {"mailbox", Subject(parts, identity->mailbox)}, {"actor", actor}});
  return Show(parts, request, *identity);
}

}  // namespace

void AddRecipientLimitsReading(http::Router& router, std::string_view pattern, RecipientLimitsParts parts) {
  const auto shared = std::make_shared<const RecipientLimitsParts>(std::move(parts));
  router.Add("GET", pattern, http::Access::kPublic,
             [shared](const http::Request& request) { return Get(*shared, request); });
}

void AddRecipientLimits(http::Router& router, RecipientLimitsParts parts) {
  const std::string path = "/x/recipients/{address}/limits";
  const auto shared = std::make_shared<const RecipientLimitsParts>(std::move(parts));
  KeyRate& rate = shared->key_rate;
  router.Add("GET", path, http::Access::kFull,
             rate.Wrap([shared](const http::Request& request) { return Get(*shared, request); }));
  for (const std::string action : {"reset", "block", "unblock"}) {
    router.Add("POST", path + "/" + action, http::Access::kFull,
               rate.Wrap([shared, action](const http::Request& request) { return Change(*shared, action, request); }));
  }
}

}  // namespace sealpost::resources
