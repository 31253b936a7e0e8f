// GET /healthz (the process), GET /readyz (its parts), GET /metrics (Prometheus text).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/http/router.h"
#include "mailer/base/metrics.h"

namespace sealpost::resources {

struct PartHealth {
  std::string name;    // "store", "limiter", "queue", "relay", "domains"
  std::string status;  // "ok", "degraded" (sends go on), "down" (sends are refused)
  std::string detail;  // what is missing and what mends it; empty when ok
};
using ReadHealth = std::function<std::vector<PartHealth>()>;

// {"status":"ok" | "degraded" | "down","parts":{name:{"status","detail"}}}; 503 only if a part is down.
void AddHealth(http::Router& router, ReadHealth read);
// Apart, because in production it belongs on a private listener.
void AddMetrics(http::Router& router, const base::Metrics& metrics);

}  // namespace sealpost::resources
