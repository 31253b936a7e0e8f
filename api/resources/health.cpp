#include "api/resources/health.h"

#include <algorithm>
#include <utility>

#include "mailer/base/json.h"

namespace sealpost::resources {

namespace {

http::Response Ready(const std::vector<PartHealth>& parts) {
  const auto any = [&](std::string_view status) {
    return std::any_of(parts.begin(), parts.end(), [&](const PartHealth& part) { return part.status == status; });
  };
  const bool down = any("down");
  base::JsonWriter writer;
  writer.BeginObject()
      .Key("status")
      .String(down              ? "down"
              : any("degraded") ? "degraded"
                                : "ok")
      .Key("parts")
      .BeginObject();
  for (const PartHealth& part : parts) {
    writer.Key(part.name).BeginObject().Key("status").String(part.status);
    if (!part.detail.empty()) writer.Key("detail").String(part.detail);
    writer.EndObject();
  }
  return {down ? 503 : 200, "application/json", writer.EndObject().EndObject().Take(), {}};
}

}  // namespace

void AddHealth(http::Router& router, ReadHealth read) {
  router.Add("GET", "/healthz", http::Access::kPublic,
             [](const http::Request&) { return http::Response{200, "application/json", R"({"status":"ok"})", {}}; });
  router.Add("GET", "/readyz", http::Access::kPublic,
             [read = std::move(read)](const http::Request&) { return Ready(read()); });
}

void AddMetrics(http::Router& router, const base::Metrics& metrics) {
  router.Add("GET", "/metrics", http::Access::kPublic, [&metrics](const http::Request&) {
    return http::Response{200, "text/plain; version=0.0.4; charset=utf-8", metrics.Expose(), {}};
  });
}

}  // namespace sealpost::resources
