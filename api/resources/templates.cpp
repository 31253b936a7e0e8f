#include "api/resources/templates.h"

#include <utility>

#include "api/resources/json_fields.h"
#include "api/resources/lists.h"
#include "api/resources/refusals.h"
#include "api/resources/template_json.h"
#include "mailer/base/id.h"
#include "mailer/store/templates.h"

namespace sealpost::resources {

namespace {

http::Response StoreProblem(const base::Error& error, const http::Request& request) {
  if (error.kind == base::ErrorKind::kNotFound)
    return ToResponse({404, http::Name::kNotFound, "Template not found"}, request);
  return ToResponse(http::FromError(error), request);
}

std::string IdJson(const model::Template& value) {
  base::JsonWriter writer;
  return writer.BeginObject().Key("object").String("template").Key("id").String(value.id).EndObject().Take();
}

std::optional<http::Problem> WhatIsMissing(const model::Template& value) {
  for (const auto& [member, text] : {std::pair("name", &value.name), std::pair("html", &value.draft.html)}) {
    if (!text->empty()) continue;
    return http::Problem{422,
                         http::Name::kMissingRequiredField,
                         std::string("Missing `") + member + "` field.",
                         {{std::string("/") + member, "it is required"}}};
  }
  return std::nullopt;
}

http::Response Create(const TemplatesParts& parts, const http::Request& request) {
  const auto document = ParseBody(request);
  if (!document) return ToResponse(document.error(), request);
  const base::Time now = parts.clock.Now();
  model::Template value;
  value.id = base::NewId(now);
  value.created_at = value.updated_at = now;
  value.draft.id = base::NewId(now);
  if (auto read = ReadTemplateInto(document->Root(), value, parts.policy); !read)
    return ToResponse(ToProblem(read.error()), request);
  if (const auto missing = WhatIsMissing(value)) return ToResponse(*missing, request);
  if (auto parsed = submit::ParseTemplate(value.id, value.draft); !parsed)
    return ToResponse(http::FromError(parsed.error()), request);
  const auto written =
      parts.database.Write([&](store::Session& session) { return store::InsertTemplate(session, value); });
  if (!written) return StoreProblem(written.error(), request);
  parts.catalog.Forget();
  return {201, "application/json", IdJson(value), {}};
}

base::Result<model::Template> Find(const TemplatesParts& parts, const std::string& id_or_alias) {
  model::Template value;
  const auto read = parts.database.Read([&](store::Session& session) -> base::Result<void> {
    auto found = store::FindTemplate(session, id_or_alias);
    if (!found) return std::unexpected(found.error());
    value = std::move(*found);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return value;
}

http::Response Get(const TemplatesParts& parts, const http::Request& request) {
  const auto value = Find(parts, request.parameters.at("id"));
  if (!value) return StoreProblem(value.error(), request);
  return {200, "application/json", TemplateJson(*value, true), {}};
}

http::Response List(const TemplatesParts& parts, const http::Request& request) {
  const auto page = ReadPage(request);
  if (!page) return ToResponse(page.error(), request);
  std::vector<model::Template> values;
  const auto read = parts.database.Read([&](store::Session& session) -> base::Result<void> {
    auto found = store::ListTemplates(session, page->after, page->limit + 1);
    if (!found) return std::unexpected(found.error());
    values = std::move(*found);
    return {};
  });
  if (!read) return ToResponse(http::FromError(read.error()), request);
  const bool has_more = values.size() > page->limit;
  if (has_more) values.resize(page->limit);
  base::JsonWriter writer;
  writer.BeginObject().Key("object").String("list").Key("has_more").Bool(has_more).Key("data").BeginArray();
  for (const model::Template& value : values) writer.Raw(TemplateJson(value, false));
  return {200, "application/json", writer.EndArray().EndObject().Take(), {}};
}

// Reads, changes and writes inside one piece of work, so that two editors cannot lose each other's change.
template <class Change>
http::Response Update(const TemplatesParts& parts, const http::Request& request, Change change) {
  model::Template value;
  std::optional<http::Problem> problem;
  const auto written = parts.database.Write([&](store::Session& session) -> base::Result<void> {
    auto found = store::FindTemplate(session, request.parameters.at("id"));
    if (!found) return std::unexpected(found.error());
    value = std::move(*found);
    problem = change(value);
    if (problem) return {};
    value.updated_at = parts.clock.Now();
    return store::UpdateTemplate(session, value);
  });
  if (problem) return ToResponse(*problem, request);
  if (!written) return StoreProblem(written.error(), request);
  parts.catalog.Forget();
  return {200, "application/json", IdJson(value), {}};
}

http::Response Patch(const TemplatesParts& parts, const http::Request& request) {
  const auto document = ParseBody(request);
  if (!document) return ToResponse(document.error(), request);
  return Update(parts, request, [&](model::Template& value) -> std::optional<http::Problem> {
    if (auto read = ReadTemplateInto(document->Root(), value, parts.policy); !read) return ToProblem(read.error());
    if (auto missing = WhatIsMissing(value)) return missing;
    value.draft.id = base::NewId(parts.clock.Now());
    if (auto parsed = submit::ParseTemplate(value.id, value.draft); !parsed) return http::FromError(parsed.error());
    return std::nullopt;
  });
}

http::Response Publish(const TemplatesParts& parts, const http::Request& request) {
  return Update(parts, request, [&](model::Template& value) -> std::optional<http::Problem> {
    value.published = value.draft;
    value.published_at = parts.clock.Now();
    return std::nullopt;
  });
}

}  // namespace

void AddTemplates(http::Router& router, TemplatesParts parts) {
  using http::Access;
  const auto bind = [&](http::Response (*handler)(const TemplatesParts&, const http::Request&)) {
    return parts.key_rate.Wrap([parts, handler](const http::Request& request) { return handler(parts, request); });
  };
  router.Add("POST", "/templates", Access::kFull, bind(Create));
  router.Add("GET", "/templates", Access::kFull, bind(List));
  router.Add("GET", "/templates/{id}", Access::kFull, bind(Get));
  router.Add("PATCH", "/templates/{id}", Access::kFull, bind(Patch));
  router.Add("POST", "/templates/{id}/publish", Access::kFull, bind(Publish));
}

}  // namespace sealpost::resources
