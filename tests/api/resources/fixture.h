// The resources on the send path of tests/mailer/submit, asked through the router as the server asks them.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "api/resources/emails.h"
#include "api/resources/scheduled_emails.h"
#include "api/resources/templates.h"
#include "api/resources/topics.h"
#include "mailer/base/json.h"
#include "mailer/recipients/blocks.h"
#include "tests/mailer/submit/fixture.h"

namespace sealpost::resources::tests {

// A JSON answer that is checked to be one.
class Json {
 public:
  explicit Json(const std::string& text) : document_(submit::tests::Good(base::JsonDocument::Parse(text))) {}
  base::JsonView operator[](std::string_view key) const { return document_.Root()[key]; }
  std::string Text(std::string_view key) const { return std::string((*this)[key].String().value_or("(no text)")); }
  base::JsonView Element(std::string_view key, std::size_t wanted) const {
    base::JsonView found;
    (*this)[key].ForEachElement([&](std::size_t index, base::JsonView element) {
      if (index == wanted) found = element;
      return index != wanted;
    });
    return found;
  }

 private:
  base::JsonDocument document_;
};

inline std::string HeaderOf(const http::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

using Headers = std::map<std::string, std::string, http::CaseInsensitive>;

class Api : public submit::tests::Fixture, private http::KeyBook {
 public:
  Api() {
    AddEmails(router, {submitter, *database, tokens, key_rate, &sources});
    AddScheduledEmails(router, {scheduled, *database, clock, key_rate});
    AddTemplates(router, {*database, catalog, clock, key_rate, limit_rules.policy});
    AddTopics(router, {*database, clock, key_rate});
  }

  http::Response Ask(const std::string& method, const std::string& path, const std::string& body = "",
                     Headers headers = {}, std::map<std::string, std::string, std::less<>> query = {}) {
    http::Request request{.id = base::NewId(clock.Now()), .method = method, .path = path, .body = body};
    request.headers = std::move(headers);
    request.headers["Authorization"] = "Bearer key";
    request.query = std::move(query);
    return router.Dispatch(request).response;
  }
  http::Response Send(const std::string& body, Headers headers = {}) {
    return Ask("POST", "/emails", body, std::move(headers));
  }
  http::Response Batch(const std::string& body, Headers headers = {}) {
    return Ask("POST", "/emails/batch", body, std::move(headers));
  }
  // The id in a good answer.
  std::string IdOf(const http::Response& response) {
    REQUIRE_MESSAGE(response.status < 300, response.body);
    return Json(response.body).Text("id");
  }

  // What the use case put into its list, as the queue that a program would have.
  void Queue() {
    for (model::Job& job : queue.jobs) dispatcher.Put(std::move(job));
    queue.jobs.clear();
  }

  queue::Dispatcher dispatcher{{}, *database, *recipients, clock, log, metrics};
  queue::Scheduled scheduled{dispatcher, *database, clock, [this](const model::Job& job) { submitter.Uncharge(job); }};
  KeyRate key_rate{1'000'000, clock};
  ratelimit::SourceWatch sources;
  recipients::Blocks blocks{{*database, *limiter, clock, "secret"}};
  http::Router router{*this};

 private:
  std::optional<model::ApiKey> Find(std::string_view token) const override {
    if (token != "key") return std::nullopt;
    return key;
  }
};

// A good message with further members.
inline std::string Message(const std::string& members = "", const std::string& to = "ann@example.org") {
  return R"({"from":"Shop <shop@example.com>","to":")" + to + R"(","subject":"Hi","text":"Hello")" +
         (members.empty() ? "" : "," + members) + "}";
}

}  // namespace sealpost::resources::tests
