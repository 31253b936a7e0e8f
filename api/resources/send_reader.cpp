#include "api/resources/send_reader.h"

#include <array>
#include <utility>

#include "api/resources/attachment_reader.h"
#include "api/resources/json_fields.h"
#include "mailer/submit/validate.h"

namespace sealpost::resources {

namespace {

using submit::SendRequest;

bool EqualsIgnoringCase(std::string_view left, std::string_view right) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (lower(left[i]) != lower(right[i])) return false;
  }
  return true;
}

constexpr std::string_view kPrefix = "X-Sealpost-";

// An extra's body member, and the end of its X-Sealpost- header.
struct Carrier {
  std::string_view member;
  std::string_view header;
};
constexpr std::array<Carrier, 11> kCarriers = {{{"category", "Category"},
                                                {"trust", "Trust"},
                                                {"recipient_confirmed", "Confirmed"},
                                                {"client_ip", "Client-Ip"},
                                                {"user_id", "User-Id"},
                                                {"dedupe_key", "Dedupe-Key"},
                                                {"priority", "Priority"},
                                                {"expires_at", "Expires-At"},
                                                {"metadata", "Metadata"},
                                                {"workspace_id", "Workspace-Id"},
                                                {"workspace_verified", "Workspace-Verified"}}};

constexpr bool IsFlag(std::string_view member) {
  return member == "recipient_confirmed" || member == "workspace_verified";
}

using Extras = std::array<std::optional<std::string>, kCarriers.size()>;

std::optional<std::size_t> CarrierOf(std::string_view header) {
  if (header.size() <= kPrefix.size() || !EqualsIgnoringCase(header.substr(0, kPrefix.size()), kPrefix))
    return std::nullopt;
  for (std::size_t i = 0; i < kCarriers.size(); ++i) {
    if (EqualsIgnoringCase(header.substr(kPrefix.size()), kCarriers[i].header)) return i;
  }
  return std::nullopt;
}

// Every X-Sealpost- header is taken out, known or not: one that reached a recipient would tell about the sender.
Read<void> ReadHeaders(base::JsonView root, SendRequest& request, Extras& extras) {
  const base::JsonView headers = root["headers"];
  if (!headers.Exists() || headers.IsNull()) return {};
  if (!headers.IsObject()) return WrongType("headers", "an object of strings", headers);
  std::optional<submit::Refusal> fault;
  headers.ForEachMember([&](std::string_view name, base::JsonView value) {
    const auto text = value.String();
    const std::string pointer = "/headers/" + std::string(name);
    if (!text) {
      fault = Refuse("The header `" + std::string(name) + "` has to be a string.", pointer).error();
    } else if (const auto carrier = CarrierOf(name)) {
      if (!extras[*carrier]) extras[*carrier] = std::string(*text);
    } else if (name.size() >= kPrefix.size() && EqualsIgnoringCase(name.substr(0, kPrefix.size()), kPrefix)) {
      fault = Refuse("`" + std::string(name) +
                         "` is no header that Sealpost knows; names that begin so never leave the house.",
                     pointer)
                  .error();
    } else {
      request.headers.emplace_back(name, *text);
    }
    return !fault;
  });
  if (fault) return std::unexpected(std::move(*fault));
  return {};
}

Read<void> ReadTags(base::JsonView root, SendRequest& request) {
  const base::JsonView tags = root["tags"];
  if (!tags.Exists() || tags.IsNull()) return {};
  if (!tags.IsArray()) return WrongType("tags", "an array of {name, value}", tags);
  constexpr std::size_t kAtMost = 75;
  if (tags.Size() > kAtMost) return Refuse("At most 75 tags are taken.", "/tags");
  bool good = true;
  tags.ForEachElement([&](std::size_t, base::JsonView tag) {
    const auto name = tag["name"].String();
    const auto value = tag["value"].String();
    good = name && value;
    if (good) request.tags.push_back({std::string(*name), std::string(*value)});
    return good;
  });
  if (!good) return Refuse("`tags` has to be an array of {name, value} with strings.", "/tags");
  return {};
}

Read<void> ReadTemplate(base::JsonView root, SendRequest& request) {
  const base::JsonView value = root["template"];
  if (!value.Exists() || value.IsNull()) return {};
  if (!value.IsObject()) return WrongType("template", "an object with `id` and `variables`", value);
  const auto id = value["id"].String();
  if (!id || id->empty())
    return Refuse("Missing `template.id` field.", "/template/id", submit::RefusalKind::kMissingField);
  auto variables = ReadObject(value, "variables");
  if (!variables) return std::unexpected(variables.error());
  request.template_use = submit::TemplateUse{std::string(*id), std::move(*variables)};
  return {};
}

// Body members win over everything else that carries the same extra.
Read<void> ReadBodyExtras(base::JsonView root, Extras& extras) {
  for (std::size_t i = 0; i < kCarriers.size(); ++i) {
    base::JsonView value = root[kCarriers[i].member];
    if ((!value.Exists() || value.IsNull()) && kCarriers[i].member == "recipient_confirmed") value = root["confirmed"];
    if (!value.Exists() || value.IsNull()) continue;
    if (IsFlag(kCarriers[i].member)) {
      if (!value.Bool()) return WrongType(kCarriers[i].member, "true or false", value);
      extras[i] = *value.Bool() ? "true" : "false";
    } else if (kCarriers[i].member == "metadata") {
      if (!value.IsObject()) return WrongType("metadata", "an object", value);
      // As many values have at least as many bytes, which is more than metadata may have.
      if (!HoldsAtMost(value, submit::kMetadataBytesAtMost))
        return Refuse("`metadata` takes at most 8192 bytes of JSON.", "/metadata");
      extras[i] = value.Text();
    } else if (const auto text = value.String()) {
      extras[i] = std::string(*text);
    } else {
      return WrongType(kCarriers[i].member, "a string", value);
    }
  }
  return {};
}

Read<void> TakeExtras(Extras extras, SendRequest& request) {
  const auto text = [&](std::size_t index) { return extras[index].value_or(""); };
  request.category = text(0);
  request.category_is_member = extras[0].has_value();
  if (!extras[0]) {
    for (const model::Tag& tag : request.tags) {
      if (tag.name == "category") request.category = tag.value;
    }
  }
  request.trust = text(1);
  for (std::size_t i = 0; i < kCarriers.size(); ++i) {
    if (!extras[i] || !IsFlag(kCarriers[i].member) || *extras[i] == "true" || *extras[i] == "false") continue;
    const std::string member(kCarriers[i].member);
    return Refuse("`" + member + "` is true or false.", "/" + member);
  }
  request.recipient_confirmed = extras[2] == "true";
  request.client_ip = text(3);
  request.user_id = text(4);
  request.dedupe_key = text(5);
  request.priority = text(6);
  if (extras[7]) {
    const auto time = base::FromRfc3339(*extras[7]);
    if (!time)
      return Refuse("`expires_at` is not a time in ISO 8601 form such as 2026-01-31T12:00:00Z.", "/expires_at");
    request.expires_at = *time;
  }
  if (extras[8]) {
    const auto parsed = base::JsonDocument::Parse(*extras[8]);
    if (!parsed || !parsed->Root().IsObject()) return Refuse("`metadata` is not a JSON object.", "/metadata");
    request.metadata = parsed->Root().Text();
  }
  request.workspace_id = text(9);
  request.workspace_verified = extras[10] == "true";
  return {};
}

Read<void> ReadWords(base::JsonView root, SendRequest& request) {
  auto from = ReadText(root, "from");
  if (!from) return std::unexpected(from.error());
  request.from = from->value_or("");
  auto topic = ReadText(root, "topic_id");
  if (!topic) return std::unexpected(topic.error());
  request.topic_id = topic->value_or("");
  auto scheduled_at = ReadText(root, "scheduled_at");
  if (!scheduled_at) return std::unexpected(scheduled_at.error());
  request.scheduled_at = std::move(*scheduled_at);
  const std::pair<std::string_view, std::optional<std::string>*> texts[] = {
      {"subject", &request.subject}, {"html", &request.html}, {"text", &request.text}};
  for (const auto& [member, target] : texts) {
    auto text = ReadText(root, member);
    if (!text) return std::unexpected(text.error());
    *target = std::move(*text);
  }
  const std::pair<std::string_view, std::vector<std::string>*> lists[] = {
      {"to", &request.to}, {"cc", &request.cc}, {"bcc", &request.bcc}, {"reply_to", &request.reply_to}};
  for (const auto& [member, target] : lists) {
    auto list = ReadTexts(root, member);
    if (!list) return std::unexpected(list.error());
    *target = std::move(*list);
  }
  return {};
}

}  // namespace

std::expected<submit::SendRequest, submit::Refusal> ReadSendRequest(base::JsonView root, const http::Request& http) {
  if (!root.IsObject())
    return Refuse("A message has to be a JSON object, not " + std::string(root.TypeName()) + ".", "");
  SendRequest request;
  Extras extras;
  if (auto read = ReadWords(root, request); !read) return std::unexpected(read.error());
  if (auto read = ReadTags(root, request); !read) return std::unexpected(read.error());
  if (auto read = ReadTemplate(root, request); !read) return std::unexpected(read.error());
  if (auto read = ReadBodyExtras(root, extras); !read) return std::unexpected(read.error());
  if (auto read = ReadHeaders(root, request, extras); !read) return std::unexpected(read.error());
  for (std::size_t i = 0; i < kCarriers.size(); ++i) {
    const std::string_view value = http.Header(std::string(kPrefix) + std::string(kCarriers[i].header));
    if (!extras[i] && !value.empty()) extras[i] = std::string(value);
  }
  if (auto read = TakeExtras(std::move(extras), request); !read) return std::unexpected(read.error());
  auto attachments = ReadAttachments(root);
  if (!attachments) return std::unexpected(attachments.error());
  request.attachments = std::move(*attachments);
  return request;
}

}  // namespace sealpost::resources
