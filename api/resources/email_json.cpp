#include "api/resources/email_json.h"

#include <algorithm>
#include <optional>

#include "mailer/base/json.h"
#include "mailer/message/encoding.h"

namespace sealpost::resources {

namespace {

void WriteMailboxes(base::JsonWriter& writer, std::string_view key, const std::vector<model::Mailbox>& mailboxes) {
  writer.Key(key).BeginArray();
  for (const model::Mailbox& mailbox : mailboxes) writer.String(model::Format(mailbox));
  writer.EndArray();
}

std::string WithoutCr(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), '\r'), text.end());
  return text;
}

void WritePart(base::JsonWriter& writer, std::string_view key, std::string_view bytes, model::Span part) {
  if (part.length == 0) {
    writer.Key(key).Null();
    return;
  }
  writer.Key(key).String(WithoutCr(message::DecodeQuotedPrintable(bytes.substr(part.offset, part.length))));
}

void WriteExtras(base::JsonWriter& writer, const model::Extras& extras) {
  writer.Key("category").String(extras.category);
  writer.Key("trust").StringOrNull(extras.trust);
  writer.Key("recipient_confirmed").Bool(extras.recipient_confirmed);
  writer.Key("client_ip").StringOrNull(extras.client_ip);
  writer.Key("user_id").StringOrNull(extras.user_id);
  writer.Key("workspace_id").StringOrNull(extras.workspace_id);
  writer.Key("workspace_verified").Bool(extras.workspace_verified);
  writer.Key("dedupe_key").StringOrNull(extras.dedupe_key);
  writer.Key("priority").StringOrNull(extras.priority);
  writer.Key("expires_at").StringOrNull(extras.expires_at ? base::ToRfc3339(*extras.expires_at) : std::string());
  writer.Key("metadata").Raw(extras.metadata.empty() ? "null" : extras.metadata);
}

// DeliveryState is ordered by what needs attention first.
model::DeliveryState Worst(const std::vector<model::Delivery>& deliveries) {
  model::DeliveryState worst = model::DeliveryState::kDelivered;
  for (const model::Delivery& delivery : deliveries) worst = std::min(worst, delivery.state);
  return worst;
}

}  // namespace

std::string EmailJson(const model::Email& email, const std::vector<model::Delivery>& deliveries,
                      const base::TokenSigner& tokens) {
  std::string bytes = email.raw.bytes;
  if (!deliveries.empty() && !email.raw.unsubscribe_slots.empty()) {
    if (const auto id = base::ParseId(deliveries.front().id)) {
      bytes = model::FillSlots(email.raw, tokens.ForUrl(base::TokenPurpose::kUnsubscribe, *id));
    }
  }
  base::JsonWriter writer;
  writer.BeginObject();
  writer.Key("object").String("email");
  writer.Key("id").String(email.id);
  writer.Key("message_id").String(email.message_id);
  writer.Key("from").String(model::Format(email.from));
  WriteMailboxes(writer, "to", email.to);
  WriteMailboxes(writer, "cc", email.cc);
  WriteMailboxes(writer, "bcc", email.bcc);
  WriteMailboxes(writer, "reply_to", email.reply_to);
  writer.Key("subject").String(email.subject);
  WritePart(writer, "html", bytes, email.raw.html_part);
  WritePart(writer, "text", bytes, email.raw.text_part);
  writer.Key("tags").BeginArray();
  for (const model::Tag& tag : email.tags)
    writer.BeginObject().Key("name").String(tag.name).Key("value").String(tag.value).EndObject();
  writer.EndArray();
  writer.Key("topic_id").StringOrNull(email.topic_id);
  writer.Key("created_at").String(base::ToRfc3339(email.created_at));
  writer.Key("scheduled_at").StringOrNull(email.scheduled_at ? base::ToRfc3339(*email.scheduled_at) : std::string());
  writer.Key("last_event").String(model::StateName(Worst(deliveries)));
  WriteExtras(writer, email.extras);
  return writer.EndObject().Take();
}

std::string EventsJson(const std::vector<model::Event>& events) {
  base::JsonWriter writer;
  writer.BeginObject().Key("object").String("list").Key("has_more").Bool(false).Key("data").BeginArray();
  for (const model::Event& event : events) {
    writer.BeginObject();
    writer.Key("type").String(event.type);
    writer.Key("at").String(base::ToRfc3339(event.at));
    writer.Key("recipient").String(event.recipient);
    writer.Key("attempt").Integer(event.attempt);
    writer.Key("host").StringOrNull(event.host);
    writer.Key("reply").StringOrNull(event.reply);
    writer.Key("tls").StringOrNull(event.tls);
    writer.Key("next_attempt_at")
        .StringOrNull(event.next_attempt_at ? base::ToRfc3339(*event.next_attempt_at) : std::string());
    writer.Key("uncertain").Bool(event.uncertain);
    writer.EndObject();
  }
  return writer.EndArray().EndObject().Take();
}

}  // namespace sealpost::resources
