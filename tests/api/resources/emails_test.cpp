#include "api/resources/emails.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>

#include "tests/api/resources/fixture.h"
#include "tests/support/full_disk.h"
#include "tests/support/wait.h"

using namespace sealpost;
using resources::tests::Api;
using resources::tests::HeaderOf;
using resources::tests::Headers;
using resources::tests::Json;
using resources::tests::Message;

namespace {

std::string Code(const std::string& to = "ann@example.org") {
  return Message(R"("category":"otp")", to);
}
const std::string kBad = R"({"from":"shop@example.com","to":"nobody","subject":"Hi","text":"x"})";
const std::string kUnreadable = R"({"to":5})";

void CheckProblem(const http::Response& response, int status, const std::string& name) {
  CHECK_MESSAGE(response.status == status, response.body);
  CHECK(response.content_type == "application/json");
  const Json body(response.body);
  CHECK(body["statusCode"].Integer() == status);
  CHECK(body.Text("name") == name);
  CHECK(!body.Text("message").empty());
  CHECK_FALSE(body["error"].Exists());
}

std::string FirstPointer(const http::Response& response) {
  return std::string(Json(response.body).Element("errors", 0)["pointer"].String().value_or(""));
}

}  // namespace

TEST_CASE("a send answers its id, with the nearest limit in the fields") {
  Api api;
  const http::Response response = api.Send(Message());
  CHECK(response.status == 200);
  CHECK(base::IsId(Json(response.body).Text("id")));
  CHECK_FALSE(Json(response.body)["statusCode"].Exists());
  CHECK(HeaderOf(response, "RateLimit-Limit") == "12");
  CHECK(HeaderOf(response, "RateLimit-Remaining") == "11");
  CHECK(api.queue.jobs.size() == 1);
}

TEST_CASE("a body that is not JSON, or not an object, is a clear answer") {
  Api api;
  for (const std::string& body : {std::string(), std::string("{"), std::string("\xFF"), std::string(200, '[')}) {
    CheckProblem(api.Send(body), 400, "validation_error");
    CheckProblem(api.Batch(body), 400, "validation_error");
  }
  CheckProblem(api.Send("[]"), 422, "validation_error");
  CheckProblem(api.Send("null"), 422, "validation_error");
  CheckProblem(api.Batch("{}"), 422, "validation_error");
  CheckProblem(api.Batch("[]"), 422, "validation_error");
}

TEST_CASE("line breaks and NUL are refused in every text member, and nothing leaves") {
  Api api;
  for (const std::string member : {"from", "to", "cc", "bcc", "reply_to", "subject", "topic_id", "category", "trust",
                                   "client_ip", "user_id", "dedupe_key", "priority", "expires_at"}) {
    for (const std::string fault : {"\\r\\n", "\\n", "\\u0000"}) {
      const std::string value = "a" + fault + "Bcc: x@example.org";
      // The first of two members of one name counts, so it stands in front.
      const http::Response response = api.Send("{\"" + member + "\":\"" + value + "\"," + Message().substr(1));
      CHECK_MESSAGE((response.status == 422), member << " " << fault << " " << response.body);
    }
  }
  CHECK(api.Send(Message(R"("headers":{"X-A":"a\r\nBcc: x@example.org"})")).status == 422);
  CHECK(api.Send(Message(R"("headers":{"X-A\r\nBcc":"x@example.org"})")).status == 422);
  CHECK(api.Send(Message(R"("attachments":[{"filename":"a\u0000b","content":""}])")).status != 500);
  CHECK(api.Send(Message(R"("tags":[{"name":"a\n","value":"b"}])")).status == 422);
  for (const model::Job& job : api.queue.jobs) CHECK(job.content->bytes.find("\nBcc") == std::string::npos);
}

TEST_CASE("a limit refuses with its rule, its mailboxes and the time") {
  Api api;
  CHECK(api.Send(Code()).status == 200);
  const http::Response response = api.Send(Code());
  CheckProblem(response, 429, "rate_limit_exceeded");
  const Json body(response.body);
  CHECK(body.Text("policy") == "otp-mailbox-30s");
  CHECK(body.Element("recipients", 0).String() == "ann@example.org");
  CHECK(HeaderOf(response, "Retry-After") == "30");
  CHECK(body.Text("last_sent_at") == base::ToRfc3339(api.clock.Now()));
}

TEST_CASE("a sender that is not declared is 403, an unknown template 404, trust without permission 403") {
  Api api;
  CheckProblem(api.Send(R"({"from":"a@other.example","to":"b@example.org","subject":"x","text":"x"})"), 403,
               "validation_error");
  CheckProblem(api.Send(R"({"from":"a@example.com","to":"b@example.org","template":{"id":"none"}})"), 404, "not_found");
  api.key.may_assert_trust = false;
  CheckProblem(api.Send(Message(R"("trust":"session")")), 403, "validation_error");
  CheckProblem(api.Send(Message(), {{"X-Sealpost-Trust", "session"}}), 403, "validation_error");
  CheckProblem(api.Send(Message(R"("headers":{"X-Sealpost-Confirmed":"true"})")), 403, "validation_error");
  CheckProblem(api.Send(Message(R"("workspace_id":"w","workspace_verified":true)")), 403, "validation_error");
}

TEST_CASE("nothing of an extra is in what leaves, whatever carried it") {
  const std::map<std::string, std::string> extras = {{"Category", "notification"},
                                                     {"Trust", "device"},
                                                     {"Confirmed", "true"},
                                                     {"Client-Ip", "192.0.2.77"},
                                                     {"User-Id", "user-4711"},
                                                     {"Dedupe-Key", "dedupe-4711"},
                                                     {"Priority", "high"},
                                                     {"Expires-At", "2039-01-02T03:04:05Z"},
                                                     {"Metadata", R"({"secret":"meta-4711"})"},
                                                     {"Workspace-Id", "firm-4711"},
                                                     {"Workspace-Verified", "true"}};
  base::JsonWriter writer;
  writer.BeginObject();
  Headers http;
  for (const auto& [name, value] : extras) {
    writer.Key("x-sealpost-" + name).String(value);
    http["X-Sealpost-" + name] = value;
  }
  const std::string as_headers = "\"headers\":" + writer.EndObject().Take();
  const std::string as_members =
      R"("category":"notification","trust":"device","recipient_confirmed":true,"client_ip":"192.0.2.77",)"
      R"("user_id":"user-4711","dedupe_key":"dedupe-4711","priority":"high","expires_at":"2039-01-02T03:04:05Z",)"
      R"("metadata":{"secret":"meta-4711"},"workspace_id":"firm-4711","workspace_verified":true)";
  const std::string as_tag =
      R"("tags":[{"name":"category","value":"notification"},{"name":"plan","value":"tag-4711"}])";
  Api api;
  const std::pair<std::string, Headers> carriers[] = {
      {as_members, {}}, {as_headers, {}}, {"", http}, {as_tag, {}}, {as_members + "," + as_tag, http}};
  for (std::size_t i = 0; i < std::size(carriers); ++i) {
    const auto& [members, headers] = carriers[i];
    const std::string id = api.IdOf(api.Send(Message(members, "m" + std::to_string(i) + "@example.org"), headers));
    CHECK(api.Stored(id).extras.category == "notification");  // it did arrive
    std::string bytes = api.queue.jobs.back().content->bytes;
    // The category is the one thing the mailbox provider is told, in the field made for it.
    const std::size_t feedback = bytes.find("Feedback-ID: none:none:notification:sp");
    REQUIRE(feedback != std::string::npos);
    bytes.erase(feedback, bytes.find('\n', feedback) - feedback);
    std::ranges::transform(bytes, bytes.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    for (const std::string trace : {"ealpost-", "notification", "device", "confirmed", "192.0.2.77", "4711", "priority",
                                    "high", "2039", "secret", "category", "workspace", "verified"}) {
      CHECK_MESSAGE(bytes.find(trace) == std::string::npos, trace << " in " << bytes);
    }
  }
}

TEST_CASE("an equal message is answered with the earlier id and says so, in a batch for each item") {
  Api api;
  const std::string notification = Message(R"("category":"notification")");
  const http::Response first = api.Send(notification);
  CHECK(HeaderOf(first, "X-Sealpost-Outcome") == "accepted");
  const http::Response again = api.Send(notification, {{"Idempotency-Key", "k1"}});
  CHECK(again.body == first.body);
  CHECK(HeaderOf(again, "X-Sealpost-Outcome") == "coalesced");
  const http::Response replay = api.Send(notification, {{"Idempotency-Key", "k1"}});
  CHECK(replay.body == first.body);
  CHECK(HeaderOf(replay, "Idempotent-Replayed") == "true");
  CHECK(HeaderOf(replay, "X-Sealpost-Outcome").empty());
  const http::Response batch = api.Batch("[" + Message() + "," + notification + "]");
  CHECK(HeaderOf(batch, "X-Sealpost-Outcome") == "accepted, coalesced");
  CHECK(Json(batch.body).Element("data", 1)["id"].String() == api.IdOf(first));
  CHECK(api.queue.jobs.size() == 2);
}

TEST_CASE("an acknowledgement over its limit looks accepted and is suppressed; a refusal has no outcome") {
  Api api;
  const std::string ack = Message(R"("category":"contact_ack")");
  CHECK(HeaderOf(api.Send(ack), "X-Sealpost-Outcome") == "accepted");
  const http::Response second = api.Send(ack);
  CHECK(second.status == 200);
  CHECK(HeaderOf(second, "X-Sealpost-Outcome") == "suppressed");
  CHECK(Json(api.Ask("GET", "/emails/" + api.IdOf(second)).body).Text("last_event") == "suppressed");
  CHECK(api.queue.jobs.size() == 1);
  api.IdOf(api.Send(Code()));
  CHECK(HeaderOf(api.Send(Code()), "X-Sealpost-Outcome").empty());
}

TEST_CASE("a receipt over its limit is answered as held, and shows as delayed") {
  Api api;
  const std::string receipt = Message(R"("category":"receipt")");
  for (int i = 0; i < 10; ++i) api.IdOf(api.Send(receipt));
  const http::Response held = api.Send(receipt);
  CHECK(held.status == 200);
  CHECK(HeaderOf(held, "X-Sealpost-Outcome") == "held");
  CHECK(Json(api.Ask("GET", "/emails/" + api.IdOf(held)).body).Text("last_event") == "delivery_delayed");
}

TEST_CASE("a recipient's own block is 403 with its policy") {
  Api api;
  REQUIRE(api.limiter->Block("ann@example.org", base::ToMillis(api.clock.Now() + std::chrono::hours(1))));
  const http::Response response = api.Send(Code());
  CheckProblem(response, 403, "validation_error");
  CHECK(Json(response.body).Text("policy") == "recipient_opted_out");
}

TEST_CASE("a repeat with its key is answered the same, said to be one, and sends nothing") {
  Api api;
  const http::Response first = api.Send(Code(), {{"Idempotency-Key", "k1"}});
  const http::Response again = api.Send(Code(), {{"idempotency-key", "\"k1\""}});
  CHECK(again.status == 200);
  CHECK(again.body == first.body);
  CHECK(HeaderOf(again, "Idempotent-Replayed") == "true");
  CHECK(HeaderOf(first, "Idempotent-Replayed").empty());
  CHECK(api.queue.jobs.size() == 1);
}

TEST_CASE("a key with another payload, path or extra is a conflict") {
  Api api;
  api.IdOf(api.Send(Message(), {{"Idempotency-Key", "k1"}, {"X-Sealpost-User-Id", "u1"}}));
  const std::string name = "invalid_idempotent_request";
  CheckProblem(api.Send(Message(R"("cc":"x@example.org")"), {{"Idempotency-Key", "k1"}, {"X-Sealpost-User-Id", "u1"}}),
               409, name);
  CheckProblem(api.Send(Message(), {{"Idempotency-Key", "k1"}}), 409, name);
  CheckProblem(api.Send(Message(), {{"Idempotency-Key", "k1"}, {"X-SEALPOST-USER-ID", "u2"}}), 409, name);
  CheckProblem(api.Batch("[" + Message() + "]", {{"Idempotency-Key", "k1"}, {"X-Sealpost-User-Id", "u1"}}), 409, name);
}

TEST_CASE("the same request through a proxy that spells header names anew is a repeat") {
  Api api;
  const std::string id = api.IdOf(api.Send(Message(), {{"Idempotency-Key", "k1"}, {"X-Sealpost-User-Id", "u1"}}));
  CHECK(api.IdOf(api.Send(Message(), {{"idempotency-key", "k1"}, {"x-sealpost-user-id", "u1"}})) == id);
}

TEST_CASE("a batch in another mode is another request") {
  Api api;
  const std::string body = "[" + Message() + "]";
  CHECK(api.Batch(body, {{"Idempotency-Key", "k1"}}).status == 200);
  CheckProblem(api.Batch(body, {{"Idempotency-Key", "k1"}, {"x-batch-validation", "permissive"}}), 409,
               "invalid_idempotent_request");
}

TEST_CASE("an idempotency key has 1 to 256 characters") {
  Api api;
  CHECK(api.Send(Message(), {{"Idempotency-Key", std::string(256, 'k')}}).status == 200);
  for (const std::string& key : {std::string(), std::string("\"\""), std::string(257, 'k')}) {
    CheckProblem(api.Send(Message(), {{"Idempotency-Key", key}}), 400, "invalid_idempotency_key");
  }
}

TEST_CASE("a batch answers an id for each message, in order") {
  Api api;
  const http::Response response =
      api.Batch("[" + Message("", "a@example.org") + "," + Message("", "b@example.org") + "]");
  CHECK(response.status == 200);
  const Json body(response.body);
  CHECK(body["data"].Size() == 2);
  CHECK_FALSE(body["errors"].Exists());
  CHECK(api.Deliveries(std::string(*body.Element("data", 1)["id"].String())).at(0).recipient.ToString() ==
        "b@example.org");
}

TEST_CASE("a strict batch is refused as a whole, and the answer names the message and its field") {
  Api api;
  http::Response response = api.Batch("[" + Code() + "," + kBad + "]");
  CheckProblem(response, 422, "validation_error");
  CHECK(FirstPointer(response) == "/1/to/0");
  CHECK(Json(response.body).Text("message").starts_with("Message 1 of the batch: "));
  response = api.Batch("[" + Code() + "," + kUnreadable + "]");
  CHECK(FirstPointer(response) == "/1/to");
  response = api.Batch("[" + Code() + ",5]");
  CheckProblem(response, 422, "validation_error");
  CHECK(FirstPointer(response) == "/1");
  CHECK(Json(response.body).Text("message").starts_with("Message 1 of the batch: "));
  response = api.Batch("[" + Code() + "," + Code() + "]");
  CheckProblem(response, 429, "rate_limit_exceeded");
  CHECK(FirstPointer(response) == "/1/to");
  CHECK(api.queue.jobs.empty());
  CHECK(api.Send(Code()).status == 200);  // nothing was charged
}

TEST_CASE("a permissive batch keeps the indices of the caller's array") {
  Api api;
  const http::Response response =
      api.Batch("[" + kUnreadable + "," + Code() + "," + kBad + ",5," + Code() + "," + Message() + "]",
                {{"x-batch-validation", "permissive"}});
  CHECK(response.status == 200);
  const Json body(response.body);
  CHECK(body["data"].Size() == 2);
  REQUIRE(body["errors"].Size() == 4);
  std::vector<std::int64_t> indices;
  body["errors"].ForEachElement([&](std::size_t, base::JsonView element) {
    indices.push_back(element["index"].Integer().value_or(-1));
    CHECK(!element["message"].String().value_or("").empty());
    return true;
  });
  CHECK(indices == std::vector<std::int64_t>{0, 2, 3, 4});
}

TEST_CASE("a permissive batch with nothing good is no error, and sends nothing") {
  Api api;
  const http::Response response = api.Batch("[" + kBad + "]", {{"x-batch-validation", "permissive"}});
  CHECK(response.status == 200);
  CHECK(Json(response.body)["data"].Size() == 0);
  CHECK(api.queue.jobs.empty());
}

TEST_CASE("a batch has at most a hundred messages and one of two modes") {
  Api api;
  std::string many = "[" + Message("", "m0@example.org");
  for (int i = 1; i < 100; ++i) many += "," + Message("", "m" + std::to_string(i) + "@example.org");
  CHECK(api.Batch(many + "]").status == 200);
  CheckProblem(api.Batch(many + "," + Message() + "]"), 422, "validation_error");
  CheckProblem(api.Batch("[" + Message() + "]", {{"x-batch-validation", "loose"}}), 422, "validation_error");
}

TEST_CASE("while nothing can be written sends are refused, with the time to come back, and cost nothing") {
  Api api;
  {
    const sealpost::tests::FullDisk full;
    const http::Response response = api.Send(Code());
    CheckProblem(response, 503, "internal_server_error");
    CHECK(HeaderOf(response, "Retry-After") == "5");
  }
  REQUIRE(sealpost::tests::WaitFor([&] { return api.database->Writable(); }));
  CHECK(api.Send(Code()).status == 200);
}

TEST_CASE("a stored email and its events are read by id, in either case of its letters") {
  Api api;
  const std::string id = api.IdOf(api.Send(Message()));
  CHECK(Json(api.Ask("GET", "/emails/" + id).body).Text("id") == id);
  std::string upper = id;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  CHECK(api.Ask("GET", "/emails/" + upper).status == 200);
  const http::Response events = api.Ask("GET", "/x/emails/" + upper + "/events", "{}");
  CHECK(events.status == 200);
  CHECK(Json(events.body).Element("data", 0)["type"].String() == "email.sent");
}

TEST_CASE("an email that is not there is 404, an id that is none is 422") {
  Api api;
  const std::string unknown = base::NewId(api.clock.Now());
  CheckProblem(api.Ask("GET", "/emails/" + unknown), 404, "not_found");
  CheckProblem(api.Ask("GET", "/x/emails/" + unknown + "/events"), 404, "not_found");
  CheckProblem(api.Ask("GET", "/emails/x"), 422, "invalid_parameter");
  CheckProblem(api.Ask("GET", "/x/emails/x/events"), 422, "invalid_parameter");
}

TEST_CASE("a sending key sends and reads nothing") {
  Api api;
  const std::string id = api.IdOf(api.Send(Message()));
  api.key.permission = model::Permission::kSendingAccess;
  CHECK(api.Send(Message()).status == 200);
  CheckProblem(api.Ask("GET", "/emails/" + id), 401, "restricted_api_key");
  CheckProblem(api.Ask("GET", "/templates"), 401, "restricted_api_key");
}

TEST_CASE("a client_ip that is none is refused and noted, in a batch as well") {
  Api api;
  CHECK(api.Send(Message(R"("client_ip":"192.0.2.1:443")")).status == 422);
  CHECK(api.Batch("[" + Message(R"("client_ip":"here")") + "]").status == 422);
  CHECK(api.Send(Message(R"("client_ip":"192.0.2.1")")).status == 200);
  CHECK(api.sources.Report().unreadable == 2);
}
