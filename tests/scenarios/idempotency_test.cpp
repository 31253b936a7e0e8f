#include <doctest/doctest.h>

#include <set>

#include "tests/scenarios/steps.h"

using namespace sealpost::scenarios;

namespace {

const HttpHeaders kKey = {{"Idempotency-Key", "order-4711"}};

std::string NameOf(const HttpReply& reply) {
  return Json::Of(reply.body)["name"].Text();
}

}  // namespace

TEST_CASE("a repeated request gets the first answer and sends nothing more, also after a restart") {
  TempFolder folder;
  std::optional<Sealpost> service(StartDev(folder));
  const std::string message = Message("ann@example.com");
  const HttpReply first = service->Post("/emails", message, kKey);
  REQUIRE(first.status == 200);
  CHECK(first.Header("Idempotent-Replayed").empty());
  REQUIRE(AwaitState(*service, Json::Of(first.body)["id"].Text(), "delivered"));

  const HttpReply again = service->Post("/emails", message, kKey);
  CHECK(again.status == 200);
  CHECK(again.body == first.body);
  CHECK(again.Header("Idempotent-Replayed") == "true");

  service->Kill();
  service.emplace(StartDev(folder));
  const HttpReply later = service->Post("/emails", message, kKey);
  CHECK(later.body == first.body);
  CHECK(later.Header("Idempotent-Replayed") == "true");
  const std::string other = Send(*service, message, {{"Idempotency-Key", "order-4712"}});
  CHECK(AwaitState(*service, other, "delivered"));
  CHECK(Inbox(*service).Size() == 2);
}

TEST_CASE("a crowd of repeats at once sends one mail") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  const auto replies = PostTogether(service, 60, Message("ann@example.com"), kKey);
  std::set<std::string> ids;
  for (const HttpReply& reply : replies) {
    if (reply.status == 200) {
      ids.insert(Json::Of(reply.body)["id"].Text());
    } else {
      CHECK(reply.status == 409);
      CHECK(NameOf(reply) == "concurrent_idempotent_requests");
    }
  }
  REQUIRE(ids.size() == 1);
  CHECK(AwaitState(service, *ids.begin(), "delivered"));
  CHECK(Inbox(service).Size() == 1);
}

TEST_CASE("another payload or another path under the same key is a conflict") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  Send(service, Message("ann@example.com"), kKey);
  const HttpReply other = service.Post("/emails", Message("bob@example.com"), kKey);
  CHECK(other.status == 409);
  CHECK(NameOf(other) == "invalid_idempotent_request");
  const HttpReply batch = service.Post("/emails/batch", "[" + Message("ann@example.com") + "]", kKey);
  CHECK(batch.status == 409);
  const HttpReply extra = service.Post("/emails", Message("ann@example.com"),
                                       {{"Idempotency-Key", "order-4711"}, {"X-Sealpost-Category", "receipt"}});
  CHECK(extra.status == 409);
}

TEST_CASE("a refused request does not burn its key") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  CHECK(service.Post("/emails", Message("not an address"), kKey).status == 422);
  Send(service, Message("ann@example.com"), kKey);

  // Refused by a limit: the same request is taken when it may be.
  for (int i = 0; i < 12; ++i) Send(service, Message("bob@example.com"));
  const HttpHeaders limited_key = {{"Idempotency-Key", "later"}};
  CHECK(service.Post("/emails", Message("bob@example.com"), limited_key).status == 429);
  Send(service, Message("cleo@example.com"), limited_key);
}

TEST_CASE("a repeat costs nothing of the mailbox's budget") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  for (int i = 0; i < 12; ++i) CHECK(service.Post("/emails", Message("ann@example.com"), kKey).status == 200);
  for (int i = 0; i < 11; ++i) Send(service, Message("ann@example.com"));
  CHECK(service.Post("/emails", Message("ann@example.com")).status == 429);
  CHECK(service.Post("/emails", Message("ann@example.com"), kKey).status == 200);
}

TEST_CASE("a key has 1 to 256 characters") {
  TempFolder folder;
  Sealpost service = StartDev(folder);
  const HttpReply refused =
      service.Post("/emails", Message("ann@example.com"), {{"Idempotency-Key", std::string(257, 'k')}});
  CHECK(refused.status == 400);
  CHECK(NameOf(refused) == "invalid_idempotency_key");
}
