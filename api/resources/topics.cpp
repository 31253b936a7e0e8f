#include "api/resources/topics.h"

#include <utility>

#include "api/resources/json_fields.h"
#include "api/resources/lists.h"
#include "api/resources/refusals.h"
#include "mailer/base/id.h"
#include "mailer/store/topics.h"

namespace sealpost::resources {

namespace {

std::string TopicJson(const model::Topic& topic) {
  base::JsonWriter writer;
  return writer.BeginObject()
      .Key("object")
      .String("topic")
      .Key("id")
      .String(topic.id)
      .Key("name")
      .String(topic.name)
      .Key("description")
      .StringOrNull(topic.description)
      .Key("default_subscription")
      .String(topic.default_subscription)
      .Key("visibility")
      .String(topic.visibility)
      .Key("created_at")
      .String(base::ToRfc3339(topic.created_at))
      .EndObject()
      .Take();
}

Read<model::Topic> ReadTopic(base::JsonView root) {
  if (!root.IsObject()) return Refuse("A topic has to be a JSON object.", "");
  model::Topic topic;
  topic.default_subscription = "opt_in";
  const std::pair<std::string_view, std::string*> texts[] = {{"name", &topic.name},
                                                             {"description", &topic.description},
                                                             {"default_subscription", &topic.default_subscription},
                                                             {"visibility", &topic.visibility}};
  for (const auto& [member, target] : texts) {
    auto text = ReadText(root, member);
    if (!text) return std::unexpected(text.error());
    if (*text) *target = std::move(**text);
  }
  if (topic.name.empty()) return Refuse("Missing `name` field.", "/name", submit::RefusalKind::kMissingField);
  if (!IsOneLine(topic.name, 50)) return Refuse("`name` takes at most 50 characters on one line.", "/name");
  if (!IsOneLine(topic.description, 200)) {
    return Refuse("`description` takes at most 200 characters on one line.", "/description");
  }
  if (topic.default_subscription != "opt_in" && topic.default_subscription != "opt_out") {
    return Refuse("`default_subscription` is opt_in or opt_out.", "/default_subscription");
  }
  if (topic.visibility != "public" && topic.visibility != "private")
    return Refuse("`visibility` is public or private.", "/visibility");
  return topic;
}

http::Response Create(const TopicsParts& parts, const http::Request& request) {
  const auto document = ParseBody(request);
  if (!document) return ToResponse(document.error(), request);
  auto topic = ReadTopic(document->Root());
  if (!topic) return ToResponse(ToProblem(topic.error()), request);
  topic->created_at = parts.clock.Now();
  topic->id = base::NewId(topic->created_at);
  const auto written =
      parts.database.Write([&](store::Session& session) { return store::InsertTopic(session, *topic); });
  if (!written) return ToResponse(http::FromError(written.error()), request);
  base::JsonWriter writer;
  return {201,
          "application/json",
          writer.BeginObject().Key("object").String("topic").Key("id").String(topic->id).EndObject().Take(),
          {}};
}

http::Response Get(const TopicsParts& parts, const http::Request& request) {
  std::string body;
  const auto read = parts.database.Read([&](store::Session& session) -> base::Result<void> {
    auto topic = store::FindTopic(session, request.parameters.at("id"));
    if (!topic) return std::unexpected(topic.error());
    body = TopicJson(*topic);
    return {};
  });
  if (read) return {200, "application/json", std::move(body), {}};
  if (read.error().kind == base::ErrorKind::kNotFound)
    return ToResponse({404, http::Name::kNotFound, "Topic not found"}, request);
  return ToResponse(http::FromError(read.error()), request);
}

http::Response List(const TopicsParts& parts, const http::Request& request) {
  const auto page = ReadPage(request);
  if (!page) return ToResponse(page.error(), request);
  std::vector<model::Topic> topics;
  const auto read = parts.database.Read([&](store::Session& session) -> base::Result<void> {
    auto found = store::ListTopics(session, page->after, page->limit + 1);
    if (!found) return std::unexpected(found.error());
    topics = std::move(*found);
    return {};
  });
  if (!read) return ToResponse(http::FromError(read.error()), request);
  const bool has_more = topics.size() > page->limit;
  if (has_more) topics.resize(page->limit);
  base::JsonWriter writer;
  writer.BeginObject().Key("object").String("list").Key("has_more").Bool(has_more).Key("data").BeginArray();
  for (const model::Topic& topic : topics) writer.Raw(TopicJson(topic));
  return {200, "application/json", writer.EndArray().EndObject().Take(), {}};
}

}  // namespace

void AddTopics(http::Router& router, TopicsParts parts) {
  using http::Access;
  const auto bind = [&](http::Response (*handler)(const TopicsParts&, const http::Request&)) {
    return parts.key_rate.Wrap([parts, handler](const http::Request& request) { return handler(parts, request); });
  };
  router.Add("POST", "/topics", Access::kFull, bind(Create));
  router.Add("GET", "/topics", Access::kFull, bind(List));
  router.Add("GET", "/topics/{id}", Access::kFull, bind(Get));
}

}  // namespace sealpost::resources
