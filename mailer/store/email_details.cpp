#include "mailer/store/email_details.h"

#include <optional>
#include <utility>
#include <vector>

#include "mailer/base/json.h"
#include "mailer/store/json_text.h"

namespace sealpost::store {

using base::JsonDocument;
using base::JsonView;
using base::JsonWriter;

namespace {

void WriteMailbox(JsonWriter& json, const model::Mailbox& mailbox) {
  json.BeginObject().Key("name").String(mailbox.name);
  json.Key("address").String(mailbox.address.ToString()).EndObject();
}

void WriteMailboxes(JsonWriter& json, std::string_view key, const std::vector<model::Mailbox>& mailboxes) {
  json.Key(key).BeginArray();
  for (const auto& mailbox : mailboxes) WriteMailbox(json, mailbox);
  json.EndArray();
}

void WriteExtras(JsonWriter& json, const model::Extras& extras) {
  json.Key("extras").BeginObject();
  json.Key("trust").String(extras.trust).Key("recipient_confirmed").Bool(extras.recipient_confirmed);
  json.Key("client_ip").String(extras.client_ip).Key("user_id").String(extras.user_id);
  json.Key("dedupe_key").String(extras.dedupe_key).Key("priority").String(extras.priority);
  json.Key("metadata").String(extras.metadata).Key("workspace_id").String(extras.workspace_id);
  json.Key("workspace_verified").Bool(extras.workspace_verified).EndObject();
}

void WriteSpan(JsonWriter& json, std::string_view key, const model::Span& span) {
  json.Key(key).BeginArray();
  json.Integer(static_cast<std::int64_t>(span.offset)).Integer(static_cast<std::int64_t>(span.length)).EndArray();
}

void WriteRaw(JsonWriter& json, const model::RawMessage& raw) {
  json.Key("raw").BeginObject().Key("unsubscribe_slots").BeginArray();
  for (const std::size_t slot : raw.unsubscribe_slots) json.Integer(static_cast<std::int64_t>(slot));
  json.EndArray();
  WriteSpan(json, "text_part", raw.text_part);
  WriteSpan(json, "html_part", raw.html_part);
  json.Key("smtputf8").Bool(raw.smtputf8).EndObject();
}

std::size_t Size(JsonView value) {
  return static_cast<std::size_t>(value.Integer().value_or(0));
}

model::Mailbox ReadMailbox(JsonView value) {
  return {Text(value["name"]), SplitAddress(value["address"].String().value_or(""))};
}

std::vector<model::Mailbox> ReadMailboxes(JsonView value) {
  std::vector<model::Mailbox> mailboxes;
  value.ForEachElement([&](std::size_t, JsonView element) {
    mailboxes.push_back(ReadMailbox(element));
    return true;
  });
  return mailboxes;
}

void ReadExtras(JsonView value, model::Extras& extras) {
  extras.trust = Text(value["trust"]);
  extras.recipient_confirmed = value["recipient_confirmed"].Bool().value_or(false);
  extras.client_ip = Text(value["client_ip"]);
  extras.user_id = Text(value["user_id"]);
  extras.dedupe_key = Text(value["dedupe_key"]);
  extras.priority = Text(value["priority"]);
  extras.metadata = Text(value["metadata"]);
  extras.workspace_id = Text(value["workspace_id"]);
  extras.workspace_verified = value["workspace_verified"].Bool().value_or(false);
}

model::Span ReadSpan(JsonView value) {
  model::Span span;
  value.ForEachElement([&](std::size_t index, JsonView element) {
    (index == 0 ? span.offset : span.length) = Size(element);
    return true;
  });
  return span;
}

void ReadRaw(JsonView value, model::RawMessage& raw) {
  value["unsubscribe_slots"].ForEachElement([&](std::size_t, JsonView slot) {
    raw.unsubscribe_slots.push_back(Size(slot));
    return true;
  });
  raw.text_part = ReadSpan(value["text_part"]);
  raw.html_part = ReadSpan(value["html_part"]);
  raw.smtputf8 = value["smtputf8"].Bool().value_or(false);
}

}  // namespace

std::string WriteDetails(const model::Email& email) {
  JsonWriter json;
  json.BeginObject().Key("message_id").String(email.message_id).Key("subject").String(email.subject);
  json.Key("template_id").String(email.template_id).Key("from");
  WriteMailbox(json, email.from);
  WriteMailboxes(json, "to", email.to);
  WriteMailboxes(json, "cc", email.cc);
  WriteMailboxes(json, "bcc", email.bcc);
  WriteMailboxes(json, "reply_to", email.reply_to);
  json.Key("tags").BeginArray();
  for (const auto& tag : email.tags) {
    json.BeginObject().Key("name").String(tag.name).Key("value").String(tag.value).EndObject();
  }
  json.EndArray();
  WriteExtras(json, email.extras);
  WriteRaw(json, email.raw);
  return json.EndObject().Take();
}

base::Result<void> ReadDetails(std::string_view json, model::Email& email) {
  const auto document = JsonDocument::Parse(json);
  if (!document) return base::Fail(base::ErrorKind::kInternal, "the store holds an email that cannot be read");
  const JsonView root = document->Root();
  email.message_id = Text(root["message_id"]);
  email.subject = Text(root["subject"]);
  email.template_id = Text(root["template_id"]);
  email.from = ReadMailbox(root["from"]);
  email.to = ReadMailboxes(root["to"]);
  email.cc = ReadMailboxes(root["cc"]);
  email.bcc = ReadMailboxes(root["bcc"]);
  email.reply_to = ReadMailboxes(root["reply_to"]);
  root["tags"].ForEachElement([&](std::size_t, JsonView tag) {
    email.tags.push_back({Text(tag["name"]), Text(tag["value"])});
    return true;
  });
  ReadExtras(root["extras"], email.extras);
  ReadRaw(root["raw"], email.raw);
  return {};
}

model::Address SplitAddress(std::string_view text) {
  // The last @: a quoted local part may hold one, a domain never does.
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) return {std::string(text), ""};
  return {std::string(text.substr(0, at)), std::string(text.substr(at + 1))};
}

}  // namespace sealpost::store
