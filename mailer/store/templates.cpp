#include "mailer/store/templates.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "mailer/base/json.h"
#include "mailer/store/json_text.h"
#include "mailer/store/session.h"

namespace sealpost::store {

using base::ErrorKind;
using base::Fail;
using base::FromMillis;
using base::JsonDocument;
using base::JsonView;
using base::JsonWriter;
using base::Result;
using base::ToMillis;

namespace {

constexpr auto kTemplateColumns = {Column::kText,   Column::kText,   Column::kText, Column::kNumber,
                                   Column::kNumber, Column::kNumber, Column::kText, Column::kText};

std::string WriteVersion(const model::TemplateVersion& version) {
  JsonWriter json;
  json.BeginObject().Key("id").String(version.id).Key("subject").String(version.subject);
  json.Key("from").String(version.from).Key("html").String(version.html).Key("text").String(version.text);
  json.Key("reply_to").BeginArray();
  for (const auto& address : version.reply_to) json.String(address);
  json.EndArray().Key("variables").BeginArray();
  for (const auto& variable : version.variables) {
    json.BeginObject().Key("key").String(variable.key).Key("type").String(variable.type);
    json.Key("fallback").String(variable.fallback).Key("raw").Bool(variable.raw).EndObject();
  }
  return json.EndArray().Key("category").String(version.category).EndObject().Take();
}

Result<model::TemplateVersion> ReadVersion(std::string_view text) {
  const auto document = JsonDocument::Parse(text);
  if (!document) return Fail(ErrorKind::kInternal, "the store holds a template that cannot be read");
  const JsonView root = document->Root();
  model::TemplateVersion version;
  version.id = Text(root["id"]);
  version.subject = Text(root["subject"]);
  version.from = Text(root["from"]);
  version.html = Text(root["html"]);
  version.text = Text(root["text"]);
  version.category = Text(root["category"]);
  root["reply_to"].ForEachElement([&](std::size_t, JsonView address) {
    version.reply_to.push_back(Text(address));
    return true;
  });
  root["variables"].ForEachElement([&](std::size_t, JsonView value) {
    version.variables.push_back(
        {Text(value["key"]), Text(value["type"]), Text(value["fallback"]), value["raw"].Bool().value_or(false)});
    return true;
  });
  return version;
}

Result<model::Template> ReadTemplate(const Rows& rows, std::size_t row) {
  model::Template value;
  value.id = rows.Text(row, 0);
  value.name = rows.Text(row, 1);
  value.alias = rows.Text(row, 2);
  value.created_at = FromMillis(rows.Number(row, 3));
  value.updated_at = FromMillis(rows.Number(row, 4));
  if (const auto published_at = rows.MaybeNumber(row, 5)) value.published_at = FromMillis(*published_at);
  auto draft = ReadVersion(rows.Text(row, 6));
  if (!draft) return std::unexpected(std::move(draft.error()));
  value.draft = std::move(*draft);
  if (rows.Text(row, 7).empty()) return value;
  auto published = ReadVersion(rows.Text(row, 7));
  if (!published) return std::unexpected(std::move(published.error()));
  value.published = std::move(*published);
  return value;
}

std::optional<std::int64_t> PublishedMillis(const model::Template& value) {
  if (!value.published_at) return std::nullopt;
  return ToMillis(*value.published_at);
}

std::string PublishedText(const model::Template& value) {
  return value.published ? WriteVersion(*value.published) : std::string();
}

std::unexpected<base::Error> AliasTaken(base::Error error) {
  if (error.kind != ErrorKind::kConflict) return std::unexpected(std::move(error));
  return Fail(ErrorKind::kConflict, "there is a template of this alias already: choose another", "alias");
}

std::unexpected<base::Error> NoTemplate() {
  return Fail(ErrorKind::kNotFound, "there is no template with this id or alias", "id");
}

}  // namespace

Result<void> InsertTemplate(Session& session, const model::Template& value) {
  auto inserted = session.Execute(
      "INSERT INTO templates (id, name, alias, created_at, updated_at, published_at, draft, published)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      {value.id, value.name, value.alias, ToMillis(value.created_at), ToMillis(value.updated_at),
       PublishedMillis(value), WriteVersion(value.draft), PublishedText(value)});
  if (!inserted) return AliasTaken(std::move(inserted.error()));
  return {};
}

Result<void> UpdateTemplate(Session& session, const model::Template& value) {
  auto updated = session.Execute(
      "UPDATE templates SET name = $1, alias = $2, updated_at = $3, published_at = $4, draft = $5, published = $6"
      " WHERE id = $7",
      {value.name, value.alias, ToMillis(value.updated_at), PublishedMillis(value), WriteVersion(value.draft),
       PublishedText(value), value.id});
  if (!updated) return AliasTaken(std::move(updated.error()));
  if (*updated == 0) return NoTemplate();
  return {};
}

Result<model::Template> FindTemplate(Session& session, std::string_view id_or_alias) {
  if (id_or_alias.empty()) return NoTemplate();
  // An id goes before an alias that spells the same.
  auto rows = session.Select(
      "SELECT id, name, alias, created_at, updated_at, published_at, draft, published FROM templates WHERE id = $1",
      kTemplateColumns, {id_or_alias});
  if (rows && rows->Size() == 0) {
    rows = session.Select(
        "SELECT id, name, alias, created_at, updated_at, published_at, draft, published FROM templates"
        " WHERE alias = $1 AND alias <> ''",
        kTemplateColumns, {id_or_alias});
  }
  if (!rows) return std::unexpected(std::move(rows.error()));
  if (rows->Size() == 0) return NoTemplate();
  return ReadTemplate(*rows, 0);
}

Result<std::vector<model::Template>> ListTemplates(Session& session, std::string_view before, std::size_t limit) {
  auto rows = session.Select(
      "SELECT id, name, alias, created_at, updated_at, published_at, draft, published FROM templates"
      " WHERE $1 = '' OR id < $2 ORDER BY id DESC LIMIT $3",
      kTemplateColumns, {before, before, static_cast<std::int64_t>(std::min<std::size_t>(limit, INT64_MAX))});
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<model::Template> templates;
  for (std::size_t row = 0; row < rows->Size(); ++row) {
    auto value = ReadTemplate(*rows, row);
    if (!value) return std::unexpected(std::move(value.error()));
    templates.push_back(std::move(*value));
  }
  return templates;
}

}  // namespace sealpost::store
