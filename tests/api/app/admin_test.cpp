#include "api/app/admin.h"

#include <doctest/doctest.h>

#include "api/app/domain_book.h"
#include "mailer/base/json.h"
#include "ratelimit/memory_limiter.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_folder.h"

using namespace sealpost;

namespace {

// The parts of the service, built and not started: nothing listens.
struct Office {
  Office() {
    app::ServiceOptions options;
    options.store.url = "sqlite://" + folder.File("store.db");
    options.public_url = "https://mail.example.com";
    auto built = app::Service::Build(std::move(options), {log, metrics, clock, domains, domains}, master_key,
                                     ratelimit::MakeMemoryLimiter(ratelimit::Policy::Default(), ratelimit::SystemNow));
    REQUIRE_MESSAGE(built.has_value(), (built ? "" : built.error().message));
    service = std::move(*built);
    router = std::make_unique<http::Router>(service->keys());
    app::AddAdminRoutes(*router, *service, clock);
  }

  http::Response Ask(const std::string& method, const std::string& path, const std::string& body = "") {
    http::Request request{.method = method, .path = path, .body = body};
    return router->Dispatch(request).response;
  }

  tests::TempFolder folder;
  tests::ManualClock clock;
  base::Log log{base::LogLevel::kOff};
  base::Metrics metrics;
  base::Secret master_key{"a secret of thirty-two characters"};
  app::DomainBook domains;
  std::unique_ptr<app::Service> service;
  std::unique_ptr<http::Router> router;
};

}  // namespace

TEST_CASE("a key made over the admin socket works at once and is stored") {
  Office office;
  const http::Response made =
      office.Ask("POST", "/admin/keys", R"({"name":"app","permission":"sending_access","assert_trust":true})");
  CHECK(made.status == 201);
  const auto body = base::JsonDocument::Parse(made.body);
  REQUIRE(body);
  const auto found = office.service->keys().Find(body->Root()["token"].String().value_or(""));
  REQUIRE(found);
  CHECK(found->id == body->Root()["id"].String());
  CHECK(found->permission == model::Permission::kSendingAccess);
  CHECK(found->may_assert_trust);
  app::KeyBook reloaded;
  REQUIRE(reloaded.Load(office.service->database()));
  CHECK(reloaded.Find(*body->Root()["token"].String()));
}

TEST_CASE("a key has a default category that the policy knows, or none") {
  Office office;
  const http::Response made =
      office.Ask("POST", "/admin/keys", R"({"name":"app","permission":"sending_access","category":"Security-Alert"})");
  REQUIRE(made.status == 201);
  const auto body = base::JsonDocument::Parse(made.body);
  CHECK(office.service->keys().Find(*body->Root()["token"].String())->category == "security_alert");
  const http::Response refused =
      office.Ask("POST", "/admin/keys", R"({"name":"b","permission":"sending_access","category":"securityalert"})");
  CHECK(refused.status == 422);
  CHECK(refused.body.find("did you mean security_alert?") != std::string::npos);
  CHECK(office.service->keys().Size() == 1);
}

TEST_CASE("a key needs a name of its own and one of two permissions") {
  Office office;
  const auto status = [&](const std::string& body) { return office.Ask("POST", "/admin/keys", body).status; };
  CHECK(status(R"({"name":"app","permission":"full_access"})") == 201);
  CHECK(status(R"({"name":"app","permission":"full_access"})") == 409);
  CHECK(status(R"({"name":"","permission":"full_access"})") == 422);
  CHECK(status("{\"name\":\"" + std::string(51, 'x') + R"(","permission":"full_access"})") == 422);
  CHECK(status(R"({"name":"b"})") == 422);
  CHECK(status(R"({"name":"b","permission":"all"})") == 422);
  CHECK(status(R"({"name":5,"permission":"full_access"})") == 422);
  CHECK(status("[]") == 422);
  CHECK(status("{") == 400);
  CHECK(office.service->keys().Size() == 1);
}

TEST_CASE("the admin socket shows health and metrics") {
  Office office;
  CHECK(office.Ask("GET", "/readyz").status == 200);
  office.metrics.Count("sealpost_messages_total", {{"state", "queued"}});
  CHECK(office.Ask("GET", "/metrics").body.find("sealpost_messages_total") != std::string::npos);
}

TEST_CASE("a service knows which part of a domain was registered") {
  Office office;
  const http::Response shown = office.Ask("GET", "/x/recipients/ann@a.b.evil.example/limits");
  CHECK(shown.body.find(R"("domain":"evil.example")") != std::string::npos);
}

TEST_CASE("what counts for a mailbox is read over the admin socket, and changed there by nobody") {
  Office office;
  const http::Response shown = office.Ask("GET", "/x/recipients/ann@example.org/limits");
  CHECK(shown.status == 200);
  CHECK(shown.body.find("\"mailbox\":\"ann@example.org\"") != std::string::npos);
  CHECK(office.Ask("GET", "/x/recipients/nobody/limits").status == 422);
  CHECK(office.Ask("POST", "/x/recipients/ann@example.org/limits/reset", "{}").status == 404);
}
