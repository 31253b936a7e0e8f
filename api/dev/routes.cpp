#include "api/dev/routes.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

#include "api/dev/pages.h"
#include "mailer/base/crypto.h"
#include "mailer/base/json.h"
#include "mailer/dkim/verifier.h"

namespace sealpost::dev {
namespace {

constexpr int kLongestWait = 60;  // seconds
// An answer stops behind this much mail; `after` with its last id asks for the rest.
constexpr std::size_t kAnswerBytes = 64u << 20;

http::Response Json(base::JsonWriter& json) {
  return {.status = 200, .content_type = "application/json", .body = json.Take(), .headers = {}};
}

http::Response Deleted(std::size_t count) {
  base::JsonWriter json;
  json.BeginObject().Key("deleted").Integer(static_cast<std::int64_t>(count)).EndObject();
  return Json(json);
}

http::Response Refuse(const base::Error& error, const http::Request& request) {
  return http::ToResponse(http::FromError(error), request);
}

void WriteMail(base::JsonWriter& json, const CaughtMail& mail, const std::string& raw, const DevParts& parts,
               const dkim::KeyLookup& keys) {
  json.BeginObject().Key("id").String(mail.id);
  json.Key("email_id").StringOrNull(parts.email_id(mail.mail_from));
  json.Key("to").BeginArray();
  for (const std::string& recipient : mail.recipients) json.String(recipient);
  json.EndArray().Key("mail_from").String(mail.mail_from);
  json.Key("from").String(mail.from).Key("subject").String(mail.subject);
  json.Key("received_at").String(base::ToRfc3339(mail.received_at));
  json.Key("tls").String(mail.tls).Key("raw").String(raw).Key("raw_base64").String(base::Base64Encode(raw));
  json.Key("dkim").BeginArray();
  // A message that cannot be judged at all has no signature that counts.
  for (const auto& signature : dkim::Verify(raw, keys).value_or(std::vector<dkim::SignatureResult>())) {
    json.BeginObject().Key("a").String(signature.algorithm).Key("result").String(signature.result).EndObject();
  }
  json.EndArray().EndObject();
}

base::Result<std::chrono::seconds> ReadWait(std::string_view text) {
  int seconds = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds < 0 || seconds > kLongestWait) {
    return base::Fail(base::ErrorKind::kInvalid, "`wait` must be a whole number of seconds from 0 to 60.", "wait");
  }
  return std::chrono::seconds(seconds);
}

http::Response ListInbox(const DevParts& parts, const http::Request& request) {
  InboxQuery query{.to = std::string(request.Query("to")), .after = std::string(request.Query("after"))};
  // A plus typed as it is reads as a space in a query; an address has one, never the other.
  std::replace(query.to.begin(), query.to.end(), ' ', '+');
  std::chrono::seconds wait{0};
  if (const std::string_view text = request.Query("wait"); !text.empty()) {
    const auto read = ReadWait(text);
    if (!read) return Refuse(read.error(), request);
    wait = *read;
  }
  const std::vector<CaughtMail> mails = parts.inbox.WaitFor(query, wait);
  const dkim::KeyLookup keys = parts.zone.Snapshot();
  base::JsonWriter json;
  json.BeginArray();
  std::size_t bytes = 0;
  for (const CaughtMail& mail : mails) {
    const auto raw = parts.inbox.Raw(mail.id);
    if (!raw) continue;  // deleted meanwhile
    WriteMail(json, mail, *raw, parts, keys);
    bytes += raw->size();
    if (bytes > kAnswerBytes) break;
  }
  json.EndArray();
  return Json(json);
}

http::Response AddScripted(const DevParts& parts, const http::Request& request) {
  const auto document = base::JsonDocument::Parse(request.body);
  if (!document) return Refuse(document.error(), request);
  const auto answer = ReadScriptedAnswer(document->Root());
  if (!answer) return Refuse(answer.error(), request);
  if (const auto added = parts.script.Add(*answer); !added) return Refuse(added.error(), request);
  base::JsonWriter json;
  WriteScriptedAnswer(json, *answer);
  return Json(json);
}

http::Response ListScripted(const DevParts& parts) {
  base::JsonWriter json;
  json.BeginArray();
  for (const ScriptedAnswer& answer : parts.script.List()) WriteScriptedAnswer(json, answer);
  json.EndArray();
  return Json(json);
}

http::Response ListZone(const DevParts& parts) {
  base::JsonWriter json;
  json.BeginArray();
  for (const Record& record : parts.zone.Records()) {
    json.BeginObject().Key("name").String(record.name).Key("type").String(record.type);
    json.Key("value").String(record.value).EndObject();
  }
  json.EndArray();
  return Json(json);
}

}  // namespace

void AddDevRoutes(http::Router& router, const DevParts& parts) {
  const auto access = http::Access::kPublic;
  router.Add("GET", "/x/dev/inbox", access, [parts](const http::Request& r) { return ListInbox(parts, r); });
  router.Add("DELETE", "/x/dev/inbox", access, [parts](const http::Request&) { return Deleted(parts.inbox.Clear()); });
  router.Add("POST", "/x/dev/catcher", access, [parts](const http::Request& r) { return AddScripted(parts, r); });
  router.Add("GET", "/x/dev/catcher", access, [parts](const http::Request&) { return ListScripted(parts); });
  router.Add("DELETE", "/x/dev/catcher", access,
             [parts](const http::Request&) { return Deleted(parts.script.Clear()); });
  router.Add("GET", "/x/dev/dns", access, [parts](const http::Request&) { return ListZone(parts); });

  router.Add("GET", "/", access, [parts](const http::Request& r) { return InboxPage(parts, r); });
  router.Add("GET", "/x/dev/mail/{id}", access, [parts](const http::Request& r) { return MailPage(parts, r); });
  router.Add("GET", "/x/dev/mail/{id}/html", access, [parts](const http::Request& r) { return MailHtml(parts, r); });
  router.Add("GET", "/x/dev/mail/{id}/raw", access, [parts](const http::Request& r) { return MailRaw(parts, r); });
}

}  // namespace sealpost::dev
