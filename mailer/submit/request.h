// A send request as the API understood it, before anything is checked against the world. Plain data.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mailer/message/compose.h"
#include "mailer/model/account.h"
#include "mailer/model/email.h"
#include "templates/value.h"

namespace sealpost::submit {

struct TemplateUse {
  std::string id_or_alias;
  templates::Object variables;
};

struct SendRequest {
  std::string from;                                // empty allowed with a template that has one
  std::vector<std::string> to, cc, bcc, reply_to;  // as given: "Name <a@b>"
  std::optional<std::string> subject, text, html;  // absent and empty differ: an empty text turns the made one off
  std::vector<std::pair<std::string, std::string>> headers;  // X-Sealpost-* already taken out
  std::vector<message::Attachment> attachments;
  std::vector<model::Tag> tags;
  std::string topic_id;
  std::optional<TemplateUse> template_use;
  std::optional<std::string> scheduled_at;  // as given (when.h); absent: at once
  // Extras; body member before X-Sealpost header before HTTP header before the tag (category only).
  std::string category;             // as given
  bool category_is_member = false;  // given as body member or header: an unknown value is an error then
  std::string trust;
  bool recipient_confirmed = false;
  std::string client_ip, user_id, dedupe_key, priority, metadata;
  std::optional<base::Time> expires_at;
  std::string workspace_id;
  bool workspace_verified = false;
};

// What was wrong with one request; `field` is a JSON pointer.
enum class RefusalKind {
  kValidation,    // 422 validation_error
  kMissingField,  // 422 missing_required_field
  kInvalidFrom,   // 422 invalid_from_address
  kInvalidAttachment,
  kInvalidParameter,
  kDomainNotDeclared,   // 403 validation_error
  kDomainRefused,       // 403 validation_error: its DNS records fail
  kNotPermitted,        // 403 validation_error: the key may not assert this
  kNotFound,            // 404: template or topic
  kLimited,             // 429
  kRecipientOptedOut,   // 403 validation_error: the recipient's own block
  kUnavailable,         // 503: the store cannot take it
  kIdempotencyReused,   // 409 invalid_idempotent_request
  kIdempotencyRunning,  // 409 concurrent_idempotent_requests
};

struct Refusal {
  RefusalKind kind = RefusalKind::kValidation;
  std::string message;
  std::string field;
};

}  // namespace sealpost::submit
