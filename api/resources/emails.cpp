#include "api/resources/emails.h"

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "api/resources/email_json.h"
#include "api/resources/json_fields.h"
#include "api/resources/refusals.h"
#include "api/resources/send_reader.h"
#include "mailer/base/ascii.h"
#include "mailer/base/crypto.h"
#include "mailer/base/id.h"
#include "mailer/base/json.h"
#include "mailer/message/checks.h"
#include "mailer/store/emails.h"
#include "ratelimit/source.h"

namespace sealpost::resources {

namespace {

constexpr std::size_t kBatchAtMost = 100;
constexpr std::size_t kLargeBody = 4u << 20;

http::Response Answer(const submit::Refusal& refusal, const http::Request& request) {
  return ToResponse(ToProblem(refusal), request);
}

// The raw key, also accepted as the quoted string that the draft asks for.
std::expected<std::optional<submit::Idempotency>, http::Problem> ReadIdempotency(const http::Request& request,
                                                                                 base::JsonView body) {
  if (!request.headers.contains("Idempotency-Key")) return std::nullopt;
  std::string_view key = request.Header("Idempotency-Key");
  if (key.size() >= 2 && key.front() == '"' && key.back() == '"') key = key.substr(1, key.size() - 2);
  if (key.empty() || key.size() > 256) {
    return std::unexpected(http::Problem{400, http::Name::kInvalidIdempotencyKey,
                                         "The idempotency key must be between 1-256 characters."});
  }
  std::string fingerprinted = request.method + " " + request.path + "\n" + body.Text();
  for (const auto& [name, value] : request.headers) {
    const std::string lower = base::ToLower(name);  // a proxy on the way may spell it anew
    if (lower.starts_with("x-sealpost-") || lower == "x-batch-validation") fingerprinted += "\n" + lower + ":" + value;
  }
  return submit::Idempotency{std::string(key), base::HexEncode(base::AsText(base::Sha256(fingerprinted)))};
}

std::string SingleAnswer(const submit::Outcome& outcome) {
  base::JsonWriter writer;
  return writer.BeginObject().Key("id").String(outcome.ids.front()).EndObject().Take();
}

std::string BatchAnswer(const submit::Outcome& outcome, bool permissive) {
  base::JsonWriter writer;
  writer.BeginObject().Key("data").BeginArray();
  for (const std::string& id : outcome.ids) writer.BeginObject().Key("id").String(id).EndObject();
  writer.EndArray();
  if (permissive) {
    writer.Key("errors").BeginArray();
    for (const auto& [index, refusal] : outcome.refused) {
      writer.BeginObject()
          .Key("index")
          .Integer(static_cast<std::int64_t>(index))
          .Key("message")
          .String(refusal.message)
          .EndObject();
    }
    writer.EndArray();
  }
  return writer.EndObject().Take();
}

std::string_view FateName(submit::Fate fate) {
  switch (fate) {
    case submit::Fate::kAccepted:
      break;
    case submit::Fate::kCoalesced:
      return "coalesced";
    case submit::Fate::kHeld:
      return "held";
    case submit::Fate::kSuppressed:
      return "suppressed";
  }
  return "accepted";
}

// One word for each id of the answer, in their order.
void AddOutcomeHeader(http::Response& response, const std::vector<submit::Fate>& fates) {
  std::string words;
  for (const submit::Fate fate : fates) (words += words.empty() ? "" : ", ") += FateName(fate);
  if (!words.empty()) response.headers.emplace_back("X-Sealpost-Outcome", std::move(words));
}

bool IsAboutOneMessage(submit::RefusalKind kind) {
  return kind != submit::RefusalKind::kUnavailable && kind != submit::RefusalKind::kIdempotencyReused &&
         kind != submit::RefusalKind::kIdempotencyRunning;
}

http::Response Finish(const http::Request& request, const std::expected<submit::Outcome, submit::Failure>& result,
                      const submit::LastDecision& decision, bool is_batch) {
  if (!result) {
    submit::Refusal refusal = result.error().refusal;
    if (is_batch && IsAboutOneMessage(refusal.kind)) {
      refusal.field = "/" + std::to_string(result.error().index) + refusal.field;
      refusal.message = "Message " + std::to_string(result.error().index) + " of the batch: " + refusal.message;
    }
    const bool by_limiter =
        refusal.kind == submit::RefusalKind::kLimited || refusal.kind == submit::RefusalKind::kRecipientOptedOut;
    if (by_limiter && decision) return LimitedResponse(refusal, *decision, request);
    http::Response response = Answer(refusal, request);
    if (refusal.kind == submit::RefusalKind::kUnavailable) response.headers.emplace_back("Retry-After", "5");
    return response;
  }
  http::Response response;
  response.body = result->answer;
  if (result->replayed) response.headers.emplace_back("Idempotent-Replayed", "true");
  AddOutcomeHeader(response, result->fates);
  if (decision) AddLimitHeaders(response, *decision);
  return response;
}

// The limiter never hears of a client_ip that is no IP address, because the send is refused before.
Read<submit::SendRequest> ReadMessage(const EmailsParts& parts, base::JsonView root, const http::Request& request) {
  auto message = ReadSendRequest(root, request);
  const bool unreadable = message && !message->client_ip.empty() && !ratelimit::ParseSource(message->client_ip);
  if (unreadable && parts.sources != nullptr) parts.sources->Note(message->client_ip);
  return message;
}

http::Response Send(const EmailsParts& parts, const http::Request& request) {
  const auto document = ParseBody(request);
  if (!document) return ToResponse(document.error(), request);
  const auto idempotency = ReadIdempotency(request, document->Root());
  if (!idempotency) return ToResponse(idempotency.error(), request);
  auto message = ReadMessage(parts, document->Root(), request);
  if (!message) return Answer(message.error(), request);
  std::vector<submit::SendRequest> requests;
  requests.push_back(std::move(*message));
  submit::LastDecision decision;
  const auto result = parts.submitter.Submit(std::move(requests), submit::Mode::kStrict, *request.caller, *idempotency,
                                             SingleAnswer, decision);
  return Finish(request, result, decision, false);
}

http::Response SendBatch(const EmailsParts& parts, const http::Request& request) {
  const auto document = ParseBody(request);
  if (!document) return ToResponse(document.error(), request);
  const base::JsonView root = document->Root();
  if (!root.IsArray())
    return ToResponse({422, http::Name::kValidationError, "A batch has to be an array of messages."}, request);
  if (root.Size() == 0 || root.Size() > kBatchAtMost) {
    return ToResponse(
        {422, http::Name::kValidationError, "A batch has 1 to 100 messages, not " + std::to_string(root.Size()) + "."},
        request);
  }
  const std::string_view validation = request.Header("x-batch-validation");
  if (!validation.empty() && validation != "strict" && validation != "permissive") {
    return ToResponse({422, http::Name::kValidationError, "x-batch-validation is strict or permissive."}, request);
  }
  const bool permissive = validation == "permissive";
  const auto idempotency = ReadIdempotency(request, root);
  if (!idempotency) return ToResponse(idempotency.error(), request);

  // Messages that cannot be read keep their place: indices are those of the caller's array.
  std::vector<submit::SendRequest> requests;
  std::vector<std::size_t> positions;
  std::vector<std::pair<std::size_t, submit::Refusal>> unread;
  root.ForEachElement([&](std::size_t index, base::JsonView element) {
    auto message = ReadMessage(parts, element, request);
    if (message) {
      requests.push_back(std::move(*message));
      positions.push_back(index);
    } else {
      unread.emplace_back(index, message.error());
    }
    return permissive || unread.empty();
  });
  if (!permissive && !unread.empty())
    return Finish(request, std::unexpected(submit::Failure{unread[0].first, unread[0].second}), {}, true);

  const auto make_answer = [&](submit::Outcome outcome) {
    for (auto& [index, refusal] : outcome.refused) index = positions[index];
    outcome.refused.insert(outcome.refused.end(), unread.begin(), unread.end());
    std::sort(outcome.refused.begin(), outcome.refused.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    return BatchAnswer(outcome, permissive);
  };
  submit::LastDecision decision;
  const auto result =
      parts.submitter.Submit(std::move(requests), permissive ? submit::Mode::kPermissive : submit::Mode::kStrict,
                             *request.caller, *idempotency, make_answer, decision);
  return Finish(request, result, decision, true);
}

http::Response GetEmail(const EmailsParts& parts, const http::Request& request) {
  const auto bytes = base::ParseId(request.parameters.at("id"));
  if (!bytes) return ToResponse({422, http::Name::kInvalidParameter, "The `id` must be a valid UUID."}, request);
  const std::string id = base::FormatId(*bytes);  // in lower case, as it is stored
  model::Email email;
  std::vector<model::Delivery> deliveries;
  const auto read = parts.database.Read([&](store::Session& session) -> base::Result<void> {
    auto found = store::FindEmail(session, id, true);
    if (!found) return std::unexpected(found.error());
    email = std::move(*found);
    auto rows = store::DeliveriesOf(session, id);
    if (!rows) return std::unexpected(rows.error());
    deliveries = std::move(*rows);
    return {};
  });
  if (!read)
    return read.error().kind == base::ErrorKind::kNotFound ? EmailNotFound(request)
                                                           : ToResponse(http::FromError(read.error()), request);
  return {200, "application/json", EmailJson(email, deliveries, parts.tokens), {}};
}

http::Response GetEvents(const EmailsParts& parts, const http::Request& request) {
  const auto bytes = base::ParseId(request.parameters.at("id"));
  if (!bytes) return ToResponse({422, http::Name::kInvalidParameter, "The `id` must be a valid UUID."}, request);
  const std::string id = base::FormatId(*bytes);  // in lower case, as it is stored
  std::vector<model::Event> events;
  const auto read = parts.database.Read([&](store::Session& session) -> base::Result<void> {
    auto found = store::EventsOf(session, id);
    if (!found) return std::unexpected(found.error());
    events = std::move(*found);
    return {};
  });
  if (!read)
    return read.error().kind == base::ErrorKind::kNotFound ? EmailNotFound(request)
                                                           : ToResponse(http::FromError(read.error()), request);
  if (events.empty()) return EmailNotFound(request);
  return {200, "application/json", EventsJson(events), {}};
}

}  // namespace

void AddEmails(http::Router& router, EmailsParts parts) {
  using http::Access;
  const auto bind = [&](http::Response (*handler)(const EmailsParts&, const http::Request&)) {
    return parts.key_rate.Wrap([parts, handler](const http::Request& request) { return handler(parts, request); });
  };
  // What is parsed from a large body takes several times its room: one at a time, so that many
  // cannot fill the memory.
  const auto large_bodies = std::make_shared<std::mutex>();
  const auto in_turn = [large_bodies](http::Handler handler) {
    return [large_bodies, handler = std::move(handler)](const http::Request& request) {
      std::unique_lock turn(*large_bodies, std::defer_lock);
      if (request.body.size() > kLargeBody) turn.lock();
      return handler(request);
    };
  };
  router.Add("POST", "/emails", Access::kSend, in_turn(bind(Send)));
  router.Add("POST", "/emails/batch", Access::kSend, in_turn(bind(SendBatch)));
  router.Add("GET", "/emails/{id}", Access::kFull, bind(GetEmail));
  router.Add("GET", "/x/emails/{id}/events", Access::kFull, bind(GetEvents));
}

}  // namespace sealpost::resources
