#include "api/resources/scheduled_emails.h"

#include <doctest/doctest.h>

#include "tests/api/resources/fixture.h"

using namespace sealpost;
using namespace std::chrono_literals;
using resources::tests::Api;
using resources::tests::Json;
using resources::tests::Message;

namespace {

struct Later : Api {
  std::string Schedule(const std::string& when = "in 2 hours", const std::string& more = "") {
    const std::string id = IdOf(Send(Message(R"("category":"password_reset","scheduled_at":")" + when + "\"" + more)));
    Queue();
    return id;
  }
  http::Response Move(const std::string& id, const std::string& when) {
    return Ask("PATCH", "/emails/" + id, R"({"scheduled_at":")" + when + R"("})");
  }
  http::Response Cancel(const std::string& id) { return Ask("POST", "/emails/" + id + "/cancel"); }
  std::string Shown(const std::string& id, const char* member) {
    return Json(Ask("GET", "/emails/" + id).body).Text(member);
  }
  void ActAs(model::Permission permission, const std::string& key_id) {
    key.permission = permission;
    key.id = key_id;
  }
};

}  // namespace

TEST_CASE("a scheduled email is moved, and shows its new time") {
  Later api;
  const std::string id = api.Schedule();
  const http::Response moved = api.Move(id, "tomorrow at 9am");
  CHECK(moved.status == 200);
  CHECK(moved.body == R"({"object":"email","id":")" + id + R"("})");
  CHECK(api.Shown(id, "scheduled_at") == "2026-01-02T09:00:00.000Z");
  CHECK(api.Shown(id, "last_event") == "scheduled");
}

TEST_CASE("a scheduled email is cancelled once, and its charge is free again") {
  Later api;
  const std::string id = api.Schedule();
  CHECK(api.Send(Message(R"("category":"password_reset")")).status == 429);
  const http::Response cancelled = api.Cancel(id);
  CHECK(cancelled.status == 200);
  CHECK(cancelled.body == R"({"object":"email","id":")" + id + R"("})");
  CHECK(api.Shown(id, "last_event") == "canceled");
  CHECK(api.Send(Message(R"("category":"password_reset")")).status == 200);
  const http::Response again = api.Cancel(id);
  CHECK(again.status == 409);
  CHECK(Json(again.body).Text("name") == "validation_error");
  CHECK(Json(again.body).Text("message").find("canceled") != std::string::npos);
}

TEST_CASE("what was sent at once can be neither moved nor cancelled") {
  Later api;
  const std::string id = api.IdOf(api.Send(Message()));
  api.Queue();
  for (const http::Response& response : {api.Move(id, "in 1 hour"), api.Cancel(id)}) {
    CHECK(response.status == 409);
    CHECK(Json(response.body).Text("message").find("queued") != std::string::npos);
  }
}

TEST_CASE("a time that cannot be is refused by the field's name, and moves nothing") {
  Later api;
  const std::string id = api.Schedule("in 2 hours", R"(,"expires_at":"2026-01-01T03:00:00Z")");
  for (const auto& [body, field] :
       {std::pair{R"({"scheduled_at":"in 31 days"})", "/scheduled_at"},
        std::pair{R"({"scheduled_at":"soon"})", "/scheduled_at"}, std::pair{R"({"scheduled_at":7})", "/scheduled_at"},
        std::pair{R"({"scheduled_at":null})", "/scheduled_at"}, std::pair{"{}", "/scheduled_at"},
        std::pair{R"({"scheduled_at":"in 3 hours"})", "/expires_at"}}) {
    CAPTURE(body);
    const http::Response response = api.Ask("PATCH", "/emails/" + id, body);
    CHECK(response.status == 422);
    CHECK(Json(response.body).Element("errors", 0)["pointer"].String() == field);
  }
  CHECK(Json(api.Ask("PATCH", "/emails/" + id, "{}").body).Text("name") == "missing_required_field");
  CHECK(api.Ask("PATCH", "/emails/" + id, "{").status == 400);
  CHECK(api.Shown(id, "scheduled_at") == "2026-01-01T02:00:00.000Z");
}

TEST_CASE("an unknown email is not found, and no UUID is none") {
  Later api;
  const std::string unknown = base::NewId(api.clock.Now());
  for (const http::Response& response : {api.Move(unknown, "in 1 hour"), api.Cancel(unknown)}) {
    CHECK(response.status == 404);
    CHECK(Json(response.body).Text("name") == "not_found");
  }
  CHECK(api.Cancel("x").status == 422);
}

TEST_CASE("a key that may only send acts on what it sent itself") {
  Later api;
  const std::string own = base::NewId(api.clock.Now());
  const std::string of_another = api.Schedule();
  api.ActAs(model::Permission::kSendingAccess, own);
  CHECK(api.Cancel(of_another).status == 404);
  CHECK(api.Move(of_another, "in 1 hour").status == 404);
  api.clock.Advance(1min);
  const std::string mine = api.Schedule();
  CHECK(api.Move(mine, "in 1 hour").status == 200);
  CHECK(api.Cancel(mine).status == 200);
  api.ActAs(model::Permission::kFullAccess, base::NewId(api.clock.Now()));
  CHECK(api.Cancel(of_another).status == 200);
}
