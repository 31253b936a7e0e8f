#include "api/resources/scheduled_emails.h"

#include <utility>

#include "api/resources/json_fields.h"
#include "api/resources/refusals.h"
#include "mailer/base/id.h"
#include "mailer/store/emails.h"
#include "mailer/submit/when.h"

namespace sealpost::resources {

namespace {

// The email that the path names, if this key may know it.
std::expected<model::Email, http::Response> Find(const ScheduledEmailsParts& parts, const http::Request& request) {
  const auto bytes = base::ParseId(request.parameters.at("id"));
  if (!bytes) {
    return std::unexpected(ToResponse({422, http::Name::kInvalidParameter, "The `id` must be a valid UUID."}, request));
  }
  const std::string id = base::FormatId(*bytes);  // in lower case, as it is stored
  model::Email email;
  const auto read = parts.database.Read([&](store::Session& session) -> base::Result<void> {
    auto found = store::FindEmail(session, id, false);
    if (!found) return std::unexpected(found.error());
    email = std::move(*found);
    return {};
  });
  const model::ApiKey& caller = *request.caller;
  const bool foreign = caller.permission != model::Permission::kFullAccess && email.key_id != caller.id;
  if (read && !foreign) return email;
  if (read || read.error().kind == base::ErrorKind::kNotFound) return std::unexpected(EmailNotFound(request));
  return std::unexpected(ToResponse(http::FromError(read.error()), request));
}

http::Response Answer(const std::string& id, const base::Result<void>& done, const http::Request& request) {
  if (!done) return ToResponse(http::FromError(done.error()), request);
  base::JsonWriter writer;
  writer.BeginObject().Key("object").String("email").Key("id").String(id);
  return {200, "application/json", writer.EndObject().Take(), {}};
}

http::Response Move(const ScheduledEmailsParts& parts, const http::Request& request) {
  const auto document = ParseBody(request);
  if (!document) return ToResponse(document.error(), request);
  const auto text = ReadText(document->Root(), "scheduled_at");
  if (!text) return ToResponse(ToProblem(text.error()), request);
  if (!*text) {
    return ToResponse(ToProblem({submit::RefusalKind::kMissingField, "Missing `scheduled_at` field.", "/scheduled_at"}),
                      request);
  }
  const auto email = Find(parts, request);
  if (!email) return email.error();
  const auto when = submit::WhenToSend(**text, parts.clock.Now(), email->extras.expires_at);
  if (!when) return ToResponse(ToProblem(when.error()), request);
  return Answer(email->id, parts.scheduled.Move(email->id, *when), request);
}

http::Response Cancel(const ScheduledEmailsParts& parts, const http::Request& request) {
  const auto email = Find(parts, request);
  if (!email) return email.error();
  return Answer(email->id, parts.scheduled.Cancel(email->id), request);
}

}  // namespace

void AddScheduledEmails(http::Router& router, ScheduledEmailsParts parts) {
  const auto bind = [&](http::Response (*handler)(const ScheduledEmailsParts&, const http::Request&)) {
    return parts.key_rate.Wrap([parts, handler](const http::Request& request) { return handler(parts, request); });
  };
  router.Add("PATCH", "/emails/{id}", http::Access::kSend, bind(Move));
  router.Add("POST", "/emails/{id}/cancel", http::Access::kSend, bind(Cancel));
}

}  // namespace sealpost::resources
