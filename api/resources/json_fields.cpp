#include "api/resources/json_fields.h"

#include <utility>

#include "mailer/model/utf8.h"
#include "mailer/submit/template_data.h"

namespace sealpost::resources {

std::unexpected<submit::Refusal> Refuse(std::string message, std::string pointer, submit::RefusalKind kind) {
  return std::unexpected(submit::Refusal{kind, std::move(message), std::move(pointer)});
}

std::unexpected<submit::Refusal> WrongType(std::string_view member, std::string_view wanted, base::JsonView got) {
  return Refuse(
      "`" + std::string(member) + "` has to be " + std::string(wanted) + ", not " + std::string(got.TypeName()) + ".",
      "/" + std::string(member));
}

std::expected<base::JsonDocument, http::Problem> ParseBody(const http::Request& request) {
  auto document = base::JsonDocument::Parse(request.body);
  if (document) return std::move(*document);
  return std::unexpected(http::Problem{400, http::Name::kValidationError, document.error().message});
}

Read<std::optional<std::string>> ReadText(base::JsonView root, std::string_view member) {
  const base::JsonView value = root[member];
  if (!value.Exists() || value.IsNull()) return std::nullopt;
  if (const auto text = value.String()) return std::string(*text);
  return WrongType(member, "a string", value);
}

Read<std::vector<std::string>> ReadTexts(base::JsonView root, std::string_view member) {
  const base::JsonView value = root[member];
  std::vector<std::string> texts;
  if (!value.Exists() || value.IsNull()) return texts;
  if (const auto text = value.String()) {
    texts.emplace_back(*text);
    return texts;
  }
  bool good = value.IsArray();
  value.ForEachElement([&](std::size_t, base::JsonView element) {
    const auto text = element.String();
    good = text.has_value();
    if (good) texts.emplace_back(*text);
    return good;
  });
  if (!good) return WrongType(member, "a string or an array of strings", value);
  return texts;
}

Read<std::optional<bool>> ReadBool(base::JsonView root, std::string_view member) {
  const base::JsonView value = root[member];
  if (!value.Exists() || value.IsNull()) return std::nullopt;
  if (const auto flag = value.Bool()) return *flag;
  return WrongType(member, "true or false", value);
}

bool IsOneLine(std::string_view text, std::size_t limit) {
  for (std::size_t count = 0; !text.empty(); ++count) {
    const model::CodePoint first = model::FirstCodePoint(text);
    if (first.length == 0 || model::IsControl(first.value) || count == limit) return false;
    text.remove_prefix(first.length);
  }
  return true;
}

namespace {

// Takes the values under `value` from what is left; false when there is not enough.
bool Take(base::JsonView value, std::size_t& left) {
  if (left == 0) return false;
  --left;
  bool enough = true;
  value.ForEachElement([&](std::size_t, base::JsonView element) { return enough = Take(element, left); });
  value.ForEachMember([&](std::string_view, base::JsonView member) { return enough = Take(member, left); });
  return enough;
}

}  // namespace

bool HoldsAtMost(base::JsonView value, std::size_t limit) {
  return Take(value, limit);
}

Read<templates::Object> ReadObject(base::JsonView root, std::string_view member) {
  const base::JsonView value = root[member];
  if (!value.Exists() || value.IsNull()) return templates::Object();
  if (!value.IsObject()) return WrongType(member, "an object", value);
  if (!HoldsAtMost(value, kValuesAtMost)) {
    return Refuse("`" + std::string(member) + "` holds more than " + std::to_string(kValuesAtMost) + " values.",
                  "/" + std::string(member));
  }
  return std::get<templates::Object>(submit::ToValue(value).data);
}

}  // namespace sealpost::resources
