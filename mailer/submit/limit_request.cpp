#include "mailer/submit/limit_request.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "mailer/base/crypto.h"

namespace sealpost::submit {

namespace {

// Lengths and kinds stand before the bytes, so that no two contents read alike.
class ContentText {
 public:
  void Add(std::string_view bytes) { (text_ += std::to_string(bytes.size()) += ':') += bytes; }
  void Add(const std::optional<std::string>& part) {
    text_ += part ? '+' : '-';
    if (part) Add(std::string_view(*part));
  }
  void Add(const templates::Value& value) {
    text_ += static_cast<char>('a' + value.data.index());
    if (const auto* flag = std::get_if<bool>(&value.data)) text_ += *flag ? '1' : '0';
    if (const auto* text = std::get_if<std::string>(&value.data)) Add(std::string_view(*text));
    if (const auto* list = std::get_if<templates::List>(&value.data)) {
      text_ += std::to_string(list->size()) + ':';
      for (const templates::Value& element : *list) Add(element);
    }
    if (const auto* object = std::get_if<templates::Object>(&value.data)) Add(*object);
  }
  void Add(const templates::Object& object) {
    text_ += std::to_string(object.size()) + ':';
    for (const auto& [key, value] : object) {
      Add(std::string_view(key));
      Add(value);
    }
  }
  std::string Hash() const { return base::HexEncode(base::AsText(base::Sha256(text_))); }

 private:
  std::string text_;
};

std::string HashOf(const SendRequest& request, const Ingredients& ingredients) {
  ContentText content;
  content.Add(std::string_view(ingredients.from.address.ToString()));
  content.Add(request.subject);
  content.Add(request.text);
  content.Add(request.html);
  if (ingredients.parsed_template) {
    content.Add(std::string_view(ingredients.parsed_template->version.id));  // another one after each publishing
    content.Add(request.template_use->variables);
  }
  for (const message::Attachment& attachment : request.attachments) {
    content.Add(std::string_view(attachment.filename));
    content.Add(std::string_view(attachment.content));
  }
  return content.Hash();
}

std::string ContentOf(const SendRequest& request, const Ingredients& ingredients,
                      const ratelimit::Policy::PerCategory& category) {
  if (category.duplicate.count() == 0) return {};
  if (!request.dedupe_key.empty()) return "key:" + request.dedupe_key;
  return category.only_dedupe_key ? std::string() : "hash:" + HashOf(request, ingredients);
}

}  // namespace

ratelimit::Request MakeLimitRequest(const SendRequest& request, const Checked& checked, const Ingredients& ingredients,
                                    const model::ApiKey& caller, const ratelimit::Policy& policy) {
  const ratelimit::Policy::PerCategory& category = policy.For(checked.category);
  ratelimit::Request made;
  made.category = checked.category;
  made.trust = checked.trust;
  made.key = caller.id;
  made.source = request.client_ip;
  if (!category.inviter.empty()) made.inviter = request.user_id;
  made.workspace = request.workspace_id;
  made.workspace_verified = request.workspace_verified;
  // What goes later neither stands for what is to go now, nor the other way round.
  if (!checked.scheduled_at) made.content = ContentOf(request, ingredients, category);
  // Another application's code is another one, whatever it calls it.
  if (!made.content.empty()) made.content += " of " + caller.id;
  return made;
}

ratelimit::Request MakeLimitRequest(const model::Email& email, const model::Delivery& delivery, bool confirmed,
                                    const LimitRules& rules) {
  ratelimit::Identity identity =
      ratelimit::Identify(delivery.recipient.local, delivery.recipient.domain, rules.identity);
  ratelimit::Request made;
  made.id = delivery.id;
  made.recipients = {{.mailbox = delivery.mailbox,
                      .family = std::move(identity.family),
                      .domain = std::move(identity.domain_budget),
                      .confirmed = confirmed || email.extras.recipient_confirmed}};
  made.category = rules.policy.Find(email.extras.category).value_or(ratelimit::Category::kUncategorized);
  made.trust = ratelimit::ParseTrust(email.extras.trust).value_or(ratelimit::Trust::kNone);
  made.key = email.key_id;
  made.source = email.extras.client_ip;
  if (!rules.policy.For(made.category).inviter.empty()) made.inviter = email.extras.user_id;
  made.workspace = email.extras.workspace_id;
  made.workspace_verified = email.extras.workspace_verified;
  return made;
}

ratelimit::Decision ToHold(ratelimit::Decision decision) {
  if (WaitsForCounters(decision)) {
    decision.rule = kCountersAway;
  } else if (decision.outcome == ratelimit::Outcome::kHeld && decision.on_limit == ratelimit::OnLimit::kDigest) {
    decision.hold = std::max<std::chrono::seconds>(decision.hold, kDigestEvery);
  }
  return decision;
}

namespace {

std::string OverWhat(std::string_view scope, const std::string& mailboxes) {
  if (scope == "source") return "asked for from this client_ip";
  if (scope == "key") return "to new recipients with this API key";
  if (scope == "inviter") return "for this inviter (user_id)";
  if (scope == "domain") return "to unconfirmed mailboxes of one domain";
  return "to " + mailboxes + " of this request";
}

}  // namespace

Refusal RefusalOf(const ratelimit::Decision& decision) {
  const std::string mailboxes =
      std::to_string(decision.refused.size()) + (decision.refused.size() == 1 ? " mailbox" : " mailboxes");
  if (IsRecipientsOwn(decision)) {
    return {RefusalKind::kRecipientOptedOut,
            "The recipient stopped such mail from here: " + mailboxes + " of this request, for another " +
                std::to_string(decision.retry_after.count()) + " seconds. Mail with `trust` still goes.",
            "/to"};
  }
  if (WaitsForCounters(decision)) {
    return {RefusalKind::kLimited,
            "The counters of this installation are away, and mail of this category waits for them. Try again in " +
                std::to_string(decision.retry_after.count()) + " seconds.",
            ""};
  }
  return {RefusalKind::kLimited,
          "Too many messages " + OverWhat(decision.scope, mailboxes) + ": the rule " + decision.rule + " allows " +
              std::to_string(decision.limit.count) + " in " + std::to_string(decision.limit.window.count()) +
              " seconds. Try again in " + std::to_string(decision.retry_after.count()) + " seconds.",
          "/to"};
}

}  // namespace sealpost::submit
