#include "api/resources/template_json.h"

#include <algorithm>
#include <array>
#include <utility>

#include "mailer/base/id.h"
#include "mailer/submit/default_category.h"
#include "mailer/submit/validate.h"

namespace sealpost::resources {

namespace {

constexpr std::size_t kVariablesAtMost = 50;
constexpr std::array<std::string_view, 6> kReserved = {"FIRST_NAME",      "LAST_NAME", "EMAIL",
                                                       "UNSUBSCRIBE_URL", "contact",   "this"};
constexpr std::array<std::string_view, 5> kTypes = {"string", "number", "boolean", "object", "list"};

template <std::size_t N>
bool Contains(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

Read<model::TemplateVariable> ReadVariable(std::size_t index, base::JsonView json) {
  const std::string pointer = "/variables/" + std::to_string(index);
  const auto key = json["key"].String();
  if (!key || key->empty() || key->size() > 50)
    return Refuse("A variable needs a `key` of 1 to 50 characters.", pointer);
  if (Contains(kReserved, *key)) return Refuse("The variable name `" + std::string(*key) + "` is reserved.", pointer);
  model::TemplateVariable variable;
  variable.key = std::string(*key);
  const auto type = ReadText(json, "type");
  variable.type = type ? type->value_or("string") : std::string();
  if (!Contains(kTypes, variable.type)) {
    return Refuse(
        "The variable `" + variable.key + "` has a type that is none of string, number, boolean, object, list.",
        pointer);
  }
  const base::JsonView fallback = json["fallback_value"];
  if (fallback.Exists() && !fallback.IsNull()) variable.fallback = fallback.Text();
  const auto raw = ReadBool(json, "raw");
  if (!raw) return Refuse("The variable `" + variable.key + "`: " + raw.error().message, pointer);
  variable.raw = raw->value_or(false);
  return variable;
}

Read<void> ReadVariables(base::JsonView root, model::TemplateVersion& draft) {
  const base::JsonView value = root["variables"];
  if (!value.Exists() || value.IsNull()) return {};
  if (!value.IsArray()) return WrongType("variables", "an array of {key, type, fallback_value}", value);
  if (value.Size() > kVariablesAtMost) return Refuse("At most 50 variables are taken.", "/variables");
  draft.variables.clear();
  std::optional<submit::Refusal> fault;
  value.ForEachElement([&](std::size_t index, base::JsonView element) {
    auto variable = ReadVariable(index, element);
    const auto same = [&](const model::TemplateVariable& other) { return other.key == variable->key; };
    if (!variable) {
      fault = variable.error();
    } else if (std::any_of(draft.variables.begin(), draft.variables.end(), same)) {
      fault = Refuse("The variable `" + variable->key + "` is declared twice.", "/variables/" + std::to_string(index))
                  .error();
    } else {
      draft.variables.push_back(std::move(*variable));
    }
    return !fault;
  });
  if (fault) return std::unexpected(std::move(*fault));
  return {};
}

Read<void> ReadCategory(base::JsonView root, model::TemplateVersion& draft, const ratelimit::Policy& policy) {
  const auto name = ReadText(root, "category");
  if (!name) return std::unexpected(name.error());
  if (!*name) return {};
  auto known = submit::CheckDefaultCategory(**name, policy);
  if (!known) return Refuse("`category`: " + known.error().message, "/category");
  draft.category = std::move(*known);
  return {};
}

// What could never be sent is refused when it is written, not at the first send.
Read<void> CheckWords(const model::Template& value) {
  constexpr std::size_t kNameAtMost = 256;
  for (const auto& [member, text] : {std::pair("name", &value.name), std::pair("alias", &value.alias)}) {
    if (IsOneLine(*text, kNameAtMost)) continue;
    return Refuse(std::string("`") + member + "` takes at most 256 characters on one line.", std::string("/") + member);
  }
  const std::string& subject = value.draft.subject;
  if (subject.size() > submit::kSubjectBytesAtMost || !IsOneLine(subject, subject.size())) {
    return Refuse("`subject` takes at most 998 bytes on one line.", "/subject");
  }
  for (const auto& [member, text] : {std::pair("html", &value.draft.html), std::pair("text", &value.draft.text)}) {
    if (text->find('\0') == std::string::npos) continue;
    return Refuse(std::string("`") + member + "` holds a NUL character; mail cannot carry one.",
                  std::string("/") + member);
  }
  return {};
}

}  // namespace

Read<void> ReadTemplateInto(base::JsonView root, model::Template& value, const ratelimit::Policy& policy) {
  if (!root.IsObject()) return Refuse("A template has to be a JSON object.", "");
  const std::pair<std::string_view, std::string*> texts[] = {
      {"name", &value.name},       {"alias", &value.alias},     {"subject", &value.draft.subject},
      {"from", &value.draft.from}, {"html", &value.draft.html}, {"text", &value.draft.text}};
  for (const auto& [member, target] : texts) {
    auto text = ReadText(root, member);
    if (!text) return std::unexpected(text.error());
    if (*text) *target = std::move(**text);
  }
  auto reply_to = ReadTexts(root, "reply_to");
  if (!reply_to) return std::unexpected(reply_to.error());
  if (!reply_to->empty()) value.draft.reply_to = std::move(*reply_to);
  if (base::IsId(value.alias)) return Refuse("`alias` looks like a UUID; choose a word.", "/alias");
  if (!value.draft.from.empty() && !model::ParseMailbox(value.draft.from)) {
    return Refuse("Invalid `from` field: it needs the form email@example.com or Name <email@example.com>.", "/from",
                  submit::RefusalKind::kInvalidFrom);
  }
  for (const std::string& text : value.draft.reply_to) {
    if (!model::ParseMailbox(text))
      return Refuse("Invalid `reply_to` field: it needs the form email@example.com.", "/reply_to");
  }
  if (auto good = CheckWords(value); !good) return good;
  if (auto good = ReadCategory(root, value.draft, policy); !good) return good;
  return ReadVariables(root, value.draft);
}

std::string TemplateJson(const model::Template& value, bool with_content) {
  base::JsonWriter writer;
  writer.BeginObject();
  writer.Key("object").String("template");
  writer.Key("id").String(value.id);
  writer.Key("name").String(value.name);
  writer.Key("alias").StringOrNull(value.alias);
  writer.Key("status").String(value.published ? "published" : "draft");
  writer.Key("created_at").String(base::ToRfc3339(value.created_at));
  writer.Key("updated_at").String(base::ToRfc3339(value.updated_at));
  writer.Key("published_at").StringOrNull(value.published_at ? base::ToRfc3339(*value.published_at) : std::string());
  if (with_content) {
    writer.Key("current_version_id").String(value.draft.id);
    writer.Key("has_unpublished_versions").Bool(!value.published || value.published->id != value.draft.id);
    writer.Key("subject").StringOrNull(value.draft.subject);
    writer.Key("from").StringOrNull(value.draft.from);
    writer.Key("reply_to").BeginArray();
    for (const std::string& text : value.draft.reply_to) writer.String(text);
    writer.EndArray();
    writer.Key("html").String(value.draft.html);
    writer.Key("text").StringOrNull(value.draft.text);
    writer.Key("category").StringOrNull(value.draft.category);
    writer.Key("variables").BeginArray();
    for (const model::TemplateVariable& variable : value.draft.variables) {
      writer.BeginObject().Key("key").String(variable.key).Key("type").String(variable.type);
      writer.Key("fallback_value").Raw(variable.fallback.empty() ? "null" : variable.fallback);
      writer.Key("raw").Bool(variable.raw).EndObject();
    }
    writer.EndArray();
  }
  return writer.EndObject().Take();
}

}  // namespace sealpost::resources
