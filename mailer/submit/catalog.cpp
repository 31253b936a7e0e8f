#include "mailer/submit/catalog.h"

#include <utility>

#include "mailer/store/templates.h"
#include "mailer/store/topics.h"

namespace sealpost::submit {

namespace {

constexpr std::size_t kKeptAtMost = 10'000;

base::Result<std::optional<templates::Template>> ParsePart(const char* part, const std::string& source) {
  if (source.empty()) return std::nullopt;
  auto parsed = templates::Template::Parse(source);
  if (parsed) return std::optional<templates::Template>(std::move(*parsed));
  const templates::TemplateError& error = parsed.error();
  std::string message = std::string("the ") + part + " of the template: " + error.message;
  if (error.line != 0)
    message += " (line " + std::to_string(error.line) + ", column " + std::to_string(error.column) + ")";
  return base::Fail(base::ErrorKind::kInvalid, std::move(message), part);
}

}  // namespace

base::Result<std::shared_ptr<const ParsedTemplate>> ParseTemplate(const std::string& id,
                                                                  const model::TemplateVersion& version) {
  auto parsed = std::make_shared<ParsedTemplate>();
  parsed->id = id;
  parsed->version = version;
  auto subject = ParsePart("subject", version.subject);
  if (!subject) return std::unexpected(subject.error());
  auto text = ParsePart("text", version.text);
  if (!text) return std::unexpected(text.error());
  auto html = ParsePart("html", version.html);
  if (!html) return std::unexpected(html.error());
  parsed->subject = std::move(*subject);
  parsed->text = std::move(*text);
  parsed->html = std::move(*html);
  parsed->raw_variables.insert("UNSUBSCRIBE_URL");
  for (const model::TemplateVariable& variable : version.variables) {
    if (variable.raw) parsed->raw_variables.insert(variable.key);
  }
  return parsed;
}

base::Result<std::shared_ptr<const ParsedTemplate>> Catalog::FindTemplate(std::string_view id_or_alias) {
  std::uint64_t generation = 0;
  {
    const auto kept = kept_.Lock();
    const auto found = kept->templates.find(id_or_alias);
    if (found != kept->templates.end()) return found->second;
    generation = kept->generation;
  }
  model::Template value;
  const auto read = database_.Read([&](store::Session& session) -> base::Result<void> {
    auto result = store::FindTemplate(session, id_or_alias);
    if (!result) return std::unexpected(result.error());
    value = std::move(*result);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  if (!value.published) {
    return base::Fail(base::ErrorKind::kNotFound,
                      "the template has no published version: POST /templates/" + value.id + "/publish", "template.id");
  }
  auto parsed = ParseTemplate(value.id, *value.published);
  if (!parsed) return parsed;
  const auto kept = kept_.Lock();
  // A change between the read and now makes what was read stale: use it once, do not keep it.
  if (kept->generation == generation) {
    if (kept->templates.size() >= kKeptAtMost) kept->templates.clear();
    kept->templates.emplace(std::string(id_or_alias), *parsed);
  }
  return parsed;
}

base::Result<std::shared_ptr<const model::Topic>> Catalog::FindTopic(std::string_view id) {
  {
    const auto kept = kept_.Lock();
    const auto found = kept->topics.find(id);
    if (found != kept->topics.end()) return found->second;
  }
  auto topic = std::make_shared<model::Topic>();
  const auto read = database_.Read([&](store::Session& session) -> base::Result<void> {
    auto result = store::FindTopic(session, id);
    if (!result) return std::unexpected(result.error());
    *topic = std::move(*result);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  const auto kept = kept_.Lock();
  if (kept->topics.size() >= kKeptAtMost) kept->topics.clear();
  kept->topics.emplace(std::string(id), topic);
  return topic;
}

void Catalog::Forget() {
  const auto kept = kept_.Lock();
  ++kept->generation;
  kept->templates.clear();
}

}  // namespace sealpost::submit
