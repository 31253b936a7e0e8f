// The steps that scenarios are told in: start the service, send, look what arrived, look what became of it.
#pragma once

#include <doctest/doctest.h>

#include <future>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/scenarios/json.h"
#include "tests/support/sealpost.h"
#include "tests/support/temp_folder.h"
#include "tests/support/wait.h"

namespace sealpost::scenarios {

namespace tests = sealpost::tests;
using tests::HttpHeaders;
using tests::HttpReply;
using tests::Sealpost;
using tests::TempFolder;
using tests::WaitFor;

// `sealpost dev` on free ports with its data in `folder`/data.
inline Sealpost StartDev(const TempFolder& folder, const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments = {SEALPOST_BINARY, "dev",         "--listen", "127.0.0.1:0",
                                        "--catcher",     "127.0.0.1:0", "--data",   folder.File("data")};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return Sealpost(arguments, folder);
}

// A message with nothing special about it. `more` are further members, such as R"("topic_id": "...")".
inline std::string Message(std::string_view to, const std::string& more = "") {
  return R"({"from": "Acme <hello@acme.example>", "to": )" + Quoted(to) +
         R"(, "subject": "Hello", "text": "It works.")" + (more.empty() ? "" : ", " + more) + "}";
}

// The same message posted by `count` clients at once: all answers.
inline std::vector<HttpReply> PostTogether(const Sealpost& service, int count, const std::string& message,
                                           HttpHeaders headers = {}) {
  headers.insert(headers.end(), {{"Authorization", "Bearer sp_dev"}, {"Content-Type", "application/json"}});
  std::vector<std::future<HttpReply>> running;
  for (int i = 0; i < count; ++i) {
    running.push_back(std::async(std::launch::async, [&headers, &message, port = service.port()] {
      return tests::HttpClient(port).Post("/emails", headers, message);
    }));
  }
  std::vector<HttpReply> replies;
  for (auto& reply : running) replies.push_back(reply.get());
  return replies;
}

// The id of an accepted message.
inline std::string Send(Sealpost& service, const std::string& message, const HttpHeaders& more = {}) {
  const HttpReply reply = service.Post("/emails", message, more);
  INFO(reply.body);
  REQUIRE(reply.status == 200);
  const std::string id = Json::Of(reply.body)["id"].Text();
  REQUIRE(id.size() == 36);
  return id;
}

inline Json Inbox(Sealpost& service, std::string_view query = "") {
  const HttpReply reply = service.Get("/x/dev/inbox" + std::string(query));
  INFO(reply.body);
  REQUIRE(reply.status == 200);
  return Json::Of(reply.body);
}

// The first mail that is caught for this recipient.
inline Json AwaitMail(Sealpost& service, const std::string& to) {
  const Json mails = Inbox(service, "?wait=20&to=" + to);
  INFO("nothing came for " << to);
  REQUIRE(mails.Size() >= 1);
  return mails[0];
}

inline Json Email(Sealpost& service, const std::string& id) {
  const HttpReply reply = service.Get("/emails/" + id);
  INFO(reply.body);
  REQUIRE(reply.status == 200);
  return Json::Of(reply.body);
}

inline Json Events(Sealpost& service, const std::string& id) {
  const HttpReply reply = service.Get("/x/emails/" + id + "/events");
  return Json::Of(reply.body)["data"];
}

inline bool AwaitState(Sealpost& service, const std::string& id, const std::string& state) {
  const bool reached = WaitFor([&] { return Email(service, id)["last_event"].Text() == state; });
  if (!reached) MESSAGE("it is " << Email(service, id)["last_event"].Text() << ": " << Events(service, id).Raw());
  return reached;
}

// Which part of /readyz says what: "limiter" is "degraded".
inline std::string HealthOf(Sealpost& service, std::string_view part) {
  return Json::Of(service.Get("/readyz").body)["parts"][part]["status"].Text();
}

// A busy machine may keep Redis from answering in time for a moment.
inline bool AwaitHealth(Sealpost& service, const std::string& part, const std::string& status) {
  return WaitFor([&] { return HealthOf(service, part) == status; });
}

inline void Script(Sealpost& service, const std::string& match, const std::string& reply, int times) {
  const std::string answer = R"({"match": )" + Quoted(match) + R"(, "reply": )" + Quoted(reply) + R"(, "times": )" +
                             std::to_string(times) + "}";
  REQUIRE(service.Post("/x/dev/catcher", answer).status == 200);
}

// The value of the first header field of that name, unfolded; "" if there is none.
inline std::string HeaderOf(const std::string& raw, const std::string& name) {
  std::string head = "\r\n" + raw.substr(0, raw.find("\r\n\r\n")) + "\r\n";
  for (const std::string fold : {"\r\n ", "\r\n\t"}) {
    for (std::size_t at = head.find(fold); at != std::string::npos; at = head.find(fold, at)) head.erase(at, 2);
  }
  const std::size_t field = head.find("\r\n" + name + ": ");
  if (field == std::string::npos) return "";
  const std::size_t value = field + name.size() + 4;
  return head.substr(value, head.find("\r\n", value) - value);
}

inline bool Holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

inline void ReplaceAll(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// Both signatures, and both good.
inline bool BothPass(const Json& mail) {
  const Json dkim = mail["dkim"];
  return dkim.Size() == 2 && dkim[0]["result"].Text() == "pass" && dkim[1]["result"].Text() == "pass" &&
         dkim[0]["a"].Text() != dkim[1]["a"].Text();
}

}  // namespace sealpost::scenarios
