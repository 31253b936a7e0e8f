#include "api/resources/health.h"

#include <doctest/doctest.h>

#include "tests/api/resources/fixture.h"

using namespace sealpost;
using resources::PartHealth;
using resources::tests::Json;

namespace {

struct NoKeys final : http::KeyBook {
  std::optional<model::ApiKey> Find(std::string_view) const override { return std::nullopt; }
};

http::Response Ask(std::vector<PartHealth> parts, const std::string& path = "/readyz") {
  const NoKeys keys;
  http::Router router(keys);
  resources::AddHealth(router, [&] { return parts; });
  http::Request request{.method = "GET", .path = path};
  return router.Dispatch(request).response;
}

}  // namespace

TEST_CASE("ready is ok, degraded while sends go on, and 503 only when they are refused") {
  CHECK(Ask({}).status == 200);
  CHECK(Json(Ask({{"store", "ok", ""}}).body).Text("status") == "ok");
  const http::Response degraded = Ask({{"store", "ok", ""}, {"limiter", "degraded", "Redis is away"}});
  CHECK(degraded.status == 200);
  const Json body(degraded.body);
  CHECK(body.Text("status") == "degraded");
  CHECK(body["parts"]["limiter"]["detail"].String() == "Redis is away");
  CHECK_FALSE(body["parts"]["store"]["detail"].Exists());
  const http::Response down = Ask({{"limiter", "degraded", "x"}, {"store", "down", "y"}});
  CHECK(down.status == 503);
  CHECK(Json(down.body).Text("status") == "down");
}

TEST_CASE("the process is healthy whatever its parts are") {
  CHECK(Ask({{"store", "down", "x"}}, "/healthz").status == 200);
}

TEST_CASE("metrics are Prometheus text") {
  const NoKeys keys;
  http::Router router(keys);
  base::Metrics metrics;
  metrics.Count("sealpost_messages_total", {{"state", "queued"}});
  resources::AddMetrics(router, metrics);
  http::Request request{.method = "GET", .path = "/metrics"};
  const http::Response response = router.Dispatch(request).response;
  CHECK(response.content_type.starts_with("text/plain; version=0.0.4"));
  CHECK(response.body.find("sealpost_messages_total{state=\"queued\"} 1") != std::string::npos);
}
