#include "api/resources/limit_events.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "api/http/problem.h"
#include "api/resources/lists.h"
#include "mailer/model/address.h"
#include "ratelimit/identity.h"
#include "ratelimit/limiter.h"

namespace sealpost::resources {

namespace {

http::Response Invalid(const http::Request& request, std::string message) {
  return ToResponse({422, http::Name::kInvalidParameter, std::move(message)}, request);
}

std::string KindsInWords() {
  std::string words;
  for (const std::string_view name : ratelimit::kSignalNames) words.append(words.empty() ? "" : ", ").append(name);
  return words;
}

http::Response List(const LimitEventsParts& parts, const http::Request& request) {
  const auto page = ReadPage(request);
  if (!page) return ToResponse(page.error(), request);
  const std::string_view kind = request.Query("kind");
  if (!kind.empty() && std::ranges::find(ratelimit::kSignalNames, kind) == std::end(ratelimit::kSignalNames))
    return Invalid(request, "`kind` is one of " + KindsInWords() + ".");
  std::string subject;
  if (const std::string_view text = request.Query("address"); !text.empty()) {
    const auto address = model::ParseAddress(text);
    if (!address) return Invalid(request, "`address` is no mail address: " + address.error().message);
    const auto identity = ratelimit::Identify(address->local, address->domain, parts.rules.identity);
    subject = ratelimit::MailboxKey(parts.subject_key, identity.mailbox);
  }
  std::vector<store::LimitSignal> signals;
  const auto read = parts.database.Read([&](store::Session& session) -> base::Result<void> {
    const store::LimitSignalFilter filter{.kind = kind, .subject = subject, .before = page->after};
    auto found = store::FindLimitSignals(session, filter, page->limit + 1);
    if (!found) return std::unexpected(found.error());
    signals = std::move(*found);
    return {};
  });
  if (!read) return ToResponse(http::FromError(read.error()), request);
  const bool has_more = signals.size() > page->limit;
  if (has_more) signals.resize(page->limit);
  base::JsonWriter writer;
  writer.BeginObject().Key("object").String("list").Key("has_more").Bool(has_more).Key("data").BeginArray();
  for (const store::LimitSignal& signal : signals) WriteLimitEvent(writer, signal);
  return {200, "application/json", writer.EndArray().EndObject().Take(), {}};
}

}  // namespace

void WriteLimitEvent(base::JsonWriter& writer, const store::LimitSignal& signal) {
  writer.BeginObject().Key("object").String("limit_event").Key("id").String(signal.id);
  writer.Key("kind").String(signal.kind).Key("at").String(base::ToRfc3339(signal.at));
  writer.Key("subject").String(signal.subject).EndObject();
}

void AddLimitEvents(http::Router& router, LimitEventsParts parts) {
  const auto shared = std::make_shared<const LimitEventsParts>(std::move(parts));
  router.Add("GET", "/x/limits/events", http::Access::kFull,
             shared->key_rate.Wrap([shared](const http::Request& request) { return List(*shared, request); }));
}

}  // namespace sealpost::resources
