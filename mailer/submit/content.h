// Words and bytes: renders the template (or takes the parts as given) and composes the message once for all its
// recipients.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "mailer/message/compose.h"
#include "mailer/model/email.h"
#include "mailer/submit/catalog.h"
#include "mailer/submit/request.h"
#include "mailer/submit/validate.h"

namespace sealpost::submit {

// What one request needs from outside itself, found before the limiter is asked.
struct Ingredients {
  std::shared_ptr<const ParsedTemplate> parsed_template;  // null: none used
  std::shared_ptr<const model::Topic> topic;              // null: untopical
  model::Mailbox from;
  std::vector<model::Mailbox> reply_to;  // the request's, or the template's
  std::string public_url;                // without a trailing slash

  std::string_view DefaultCategory() const {
    return parsed_template ? std::string_view(parsed_template->version.category) : std::string_view();
  }
};

struct Composed {
  std::string subject;
  std::string message_id;
  model::RawMessage raw;
};

// Takes the request, so that its values and attachments are moved and not copied. Refuses a missing variable (by name,
// line and column), a value of the wrong type, and all that Compose refuses.
std::expected<Composed, Refusal> ComposeMessage(SendRequest request, const Checked& checked,
                                                const Ingredients& ingredients, base::Time now);

}  // namespace sealpost::submit
