#include "api/resources/attachment_reader.h"

#include <utility>

#include "mailer/base/crypto.h"

namespace sealpost::resources {

namespace {

std::unexpected<submit::Refusal> Bad(std::size_t index, const std::string& what) {
  return Refuse("Attachment " + std::to_string(index) + ": " + what, "/attachments/" + std::to_string(index),
                submit::RefusalKind::kInvalidAttachment);
}

bool ReadBytes(base::JsonView array, std::string& bytes) {
  bytes.reserve(array.Size());
  bool good = true;
  array.ForEachElement([&](std::size_t, base::JsonView element) {
    const auto number = element.Integer();
    good = number && *number >= 0 && *number <= 255;
    if (good) bytes.push_back(static_cast<char>(*number));
    return good;
  });
  return good;
}

Read<std::string> ReadContent(std::size_t index, base::JsonView content) {
  std::string bytes;
  if (const auto text = content.String()) {
    if (text->starts_with("data:")) return Bad(index, "`content` is a data: URL; send only what follows its comma.");
    auto decoded = base::Base64Decode(*text);
    if (!decoded) return Bad(index, "`content` is not base64.");
    return std::move(*decoded);
  }
  const base::JsonView array = content.IsObject() ? content["data"] : content;
  if (!array.IsArray()) return Bad(index, "`content` has to be base64 text or an array of byte numbers.");
  if (!ReadBytes(array, bytes)) return Bad(index, "`content` holds something that is not a number from 0 to 255.");
  return bytes;
}

Read<message::Attachment> ReadOne(std::size_t index, base::JsonView json) {
  if (!json.IsObject()) return Bad(index, "it has to be an object with `filename` and `content`.");
  if (json["path"].Exists() && !json["path"].IsNull()) {
    return Bad(index, "`path` is not served by this version: send the file itself in `content`.");
  }
  if (!json["content"].Exists() || json["content"].IsNull()) return Bad(index, "`content` is missing.");
  message::Attachment attachment;
  const std::pair<std::string_view, std::string*> members[] = {{"filename", &attachment.filename},
                                                               {"contentType", &attachment.content_type},
                                                               {"content_type", &attachment.content_type},
                                                               {"contentId", &attachment.content_id},
                                                               {"content_id", &attachment.content_id}};
  for (const auto& [name, target] : members) {
    auto text = ReadText(json, name);
    if (!text) return Bad(index, text.error().message);
    if (*text) *target = std::move(**text);
  }
  if (attachment.filename.empty() && attachment.content_id.empty()) return Bad(index, "`filename` is missing.");
  auto content = ReadContent(index, json["content"]);
  if (!content) return std::unexpected(content.error());
  attachment.content = std::move(*content);
  return attachment;
}

}  // namespace

Read<std::vector<message::Attachment>> ReadAttachments(base::JsonView root) {
  const base::JsonView value = root["attachments"];
  std::vector<message::Attachment> attachments;
  if (!value.Exists() || value.IsNull()) return attachments;
  if (!value.IsArray()) return WrongType("attachments", "an array", value);
  constexpr std::size_t kAtMost = 100;
  if (value.Size() > kAtMost)
    return Refuse("At most 100 attachments are taken.", "/attachments", submit::RefusalKind::kInvalidAttachment);
  std::optional<submit::Refusal> fault;
  value.ForEachElement([&](std::size_t index, base::JsonView element) {
    auto attachment = ReadOne(index, element);
    if (!attachment) {
      fault = attachment.error();
      return false;
    }
    attachments.push_back(std::move(*attachment));
    return true;
  });
  if (fault) return std::unexpected(std::move(*fault));
  return attachments;
}

}  // namespace sealpost::resources
