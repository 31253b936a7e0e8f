#include "api/resources/send_reader.h"

#include <doctest/doctest.h>

#include "tests/api/resources/fixture.h"

using namespace sealpost;
using resources::ReadSendRequest;
using resources::tests::Headers;
using resources::tests::Message;
using sealpost::submit::tests::Good;

namespace {

std::expected<submit::SendRequest, submit::Refusal> Read(const std::string& json, Headers headers = {}) {
  const auto document = Good(base::JsonDocument::Parse(json));
  http::Request request;
  request.headers = std::move(headers);
  return ReadSendRequest(document.Root(), request);
}

submit::SendRequest Understood(const std::string& json, Headers headers = {}) {
  auto request = Read(json, std::move(headers));
  REQUIRE_MESSAGE(request.has_value(), (request ? "" : request.error().message));
  return std::move(*request);
}

submit::Refusal Refused(const std::string& json, Headers headers = {}) {
  const auto request = Read(json, std::move(headers));
  REQUIRE_FALSE(request.has_value());
  return request.error();
}

}  // namespace

TEST_CASE("addresses are a string or an array, and null is absent") {
  const submit::SendRequest request = Understood(
      R"({"from":"a@example.com","to":["b@example.org","c@example.org"],"cc":"d@example.org","bcc":null,"reply_to":[]})");
  CHECK(request.to.size() == 2);
  CHECK(request.cc == std::vector<std::string>{"d@example.org"});
  CHECK(request.bcc.empty());
  CHECK_FALSE(request.html);
}

TEST_CASE("an empty text differs from none") {
  CHECK(Understood(R"({"text":""})").text == "");
  CHECK_FALSE(Understood(R"({"text":null})").text);
}

TEST_CASE("a wrong type is refused by member and type") {
  CHECK(Refused("[]").message.find("array") != std::string::npos);
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {R"({"to":5})", "/to"},
      {R"({"to":[5]})", "/to"},
      {R"({"to":{}})", "/to"},
      {R"({"from":["a@example.com"]})", "/from"},
      {R"({"subject":true})", "/subject"},
      {R"({"headers":[]})", "/headers"},
      {R"({"headers":{"X-A":1}})", "/headers/X-A"},
      {R"({"tags":{}})", "/tags"},
      {R"({"tags":[{"name":"a"}]})", "/tags"},
      {R"({"template":"welcome"})", "/template"},
      {R"({"template":{}})", "/template/id"},
      {R"({"template":{"id":"x","variables":[]}})", "/variables"},
      {R"({"attachments":{}})", "/attachments"},
      {R"({"category":1})", "/category"},
      {R"({"recipient_confirmed":"yes"})", "/recipient_confirmed"},
      {R"({"metadata":"x"})", "/metadata"},
      {R"({"expires_at":5})", "/expires_at"},
      {R"({"expires_at":"tomorrow"})", "/expires_at"},
  };
  for (const auto& [json, field] : wrong) {
    const submit::Refusal refusal = Refused(json);
    CHECK_MESSAGE(refusal.field.ends_with(field), json << " " << refusal.field);
    CHECK_MESSAGE(!refusal.message.empty(), json);
  }
}

TEST_CASE("a time to send is taken as it is written, and null is none") {
  CHECK(Understood(Message(R"("scheduled_at":"in 1 min")")).scheduled_at == "in 1 min");
  CHECK(Understood(Message(R"("scheduled_at":"")")).scheduled_at == "");
  CHECK_FALSE(Understood(Message(R"("scheduled_at":null)")).scheduled_at);
  CHECK(Refused(Message(R"("scheduled_at":5)")).field == "/scheduled_at");
}

TEST_CASE("what this version does not serve is refused by name, never ignored") {
  CHECK(Refused(Message(R"("attachments":[{"filename":"a","path":"https://example.com/a"}])")).message.find("`path`") !=
        std::string::npos);
}

TEST_CASE("an extra is taken from the body, then the message's headers, then the request's, then the tag") {
  const std::string tag = R"("tags":[{"name":"category","value":"receipt"}])";
  const std::string header = R"("headers":{"X-Sealpost-Category":"notification"})";
  const Headers http = {{"X-Sealpost-Category", "invitation"}};
  CHECK(Understood(Message(R"("category":"otp",)" + header + "," + tag), http).category == "otp");
  CHECK(Understood(Message(header + "," + tag), http).category == "notification");
  CHECK(Understood(Message(tag), http).category == "invitation");
  const submit::SendRequest tagged = Understood(Message(tag));
  CHECK(tagged.category == "receipt");
  CHECK_FALSE(tagged.category_is_member);
  CHECK(Understood(Message(tag), http).category_is_member);
}

TEST_CASE("every extra travels in every carrier") {
  const auto check = [](const submit::SendRequest& request) {
    CHECK(request.category == "otp");
    CHECK(request.trust == "session");
    CHECK(request.recipient_confirmed);
    CHECK(request.client_ip == "192.0.2.1");
    CHECK(request.user_id == "u1");
    CHECK(request.dedupe_key == "d1");
    CHECK(request.priority == "high");
    CHECK(base::ToRfc3339(*request.expires_at) == "2026-02-01T10:00:00.000Z");
    CHECK(request.metadata == R"({"a":1})");
    CHECK(request.workspace_id == "w1");
    CHECK(request.workspace_verified);
    CHECK(request.headers.empty());
  };
  check(Understood(
      Message(R"("category":"otp","trust":"session","recipient_confirmed":true,"client_ip":"192.0.2.1","user_id":"u1",)"
              R"("dedupe_key":"d1","priority":"high","expires_at":"2026-02-01T12:00:00+02:00","metadata":{"a" : 1},)"
              R"("workspace_id":"w1","workspace_verified":true)")));
  const Headers headers = {{"X-Sealpost-Category", "otp"},
                           {"x-sealpost-trust", "session"},
                           {"X-SEALPOST-CONFIRMED", "true"},
                           {"X-Sealpost-Client-Ip", "192.0.2.1"},
                           {"X-Sealpost-User-Id", "u1"},
                           {"X-Sealpost-Dedupe-Key", "d1"},
                           {"X-Sealpost-Priority", "high"},
                           {"X-Sealpost-Expires-At", "2026-02-01T10:00:00Z"},
                           {"X-Sealpost-Metadata", R"({"a" : 1})"},
                           {"X-Sealpost-Workspace-Id", "w1"},
                           {"x-sealpost-WORKSPACE-verified", "true"}};
  check(Understood(Message(), headers));
  base::JsonWriter writer;
  writer.BeginObject();
  for (const auto& [name, value] : headers) writer.Key(name).String(value);
  check(Understood(Message("\"headers\":" + writer.EndObject().Take())));
}

TEST_CASE("no X-Sealpost header is left among the message's own, in whatever case and also when overruled") {
  const submit::SendRequest request =
      Understood(Message(R"("category":"otp","headers":{"x-SEALPOST-category":"receipt","X-Team":"a"})"));
  REQUIRE(request.headers.size() == 1);
  CHECK(request.headers[0].first == "X-Team");
  CHECK(Refused(Message(R"("headers":{"X-Sealpost-Secret":"x"})")).field == "/headers/X-Sealpost-Secret");
  CHECK(Refused(Message(R"("headers":{"x-sealpost-":"x"})")).field == "/headers/x-sealpost-");
}

TEST_CASE("a wrong value in a header is refused as it is in the body") {
  CHECK(Refused(Message(), {{"X-Sealpost-Confirmed", "yes"}}).field == "/recipient_confirmed");
  CHECK(Refused(Message(), {{"X-Sealpost-Workspace-Verified", "1"}}).field == "/workspace_verified");
  CHECK(Refused(Message(R"("workspace_verified":"true")")).field == "/workspace_verified");
  CHECK_FALSE(Understood(Message(R"("workspace_verified":false)")).workspace_verified);
  CHECK(Refused(Message(), {{"X-Sealpost-Metadata", "x"}}).field == "/metadata");
  CHECK(Refused(Message(), {{"X-Sealpost-Metadata", "[]"}}).field == "/metadata");
  CHECK(Refused(Message(), {{"X-Sealpost-Expires-At", "soon"}}).field == "/expires_at");
}

TEST_CASE("metadata beyond its limit is refused before it is copied") {
  std::string json = R"({"metadata":{"a":[0)";
  for (int i = 0; i < 9'000; ++i) json += ",0";
  CHECK(Refused(json + "]}}").field == "/metadata");
}

TEST_CASE("a template brings its id and variables") {
  const submit::SendRequest request =
      Understood(R"({"to":"a@example.org","template":{"id":"welcome","variables":{"name":"Ann","n":5}}})");
  REQUIRE(request.template_use);
  CHECK(request.template_use->id_or_alias == "welcome");
  CHECK(std::get<std::string>(request.template_use->variables.at("n").data) == "5");
}
