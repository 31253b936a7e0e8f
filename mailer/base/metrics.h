// Counters, gauges and histograms in the Prometheus text format (prometheus-cpp behind metrics.cpp).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sealpost::base {

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

// Thread safe. A series is made at its first use; keep label values few (never an address or an id).
// Names in use, after sealpost_: messages_total{state}, queue_depth{lane}, attempt_seconds, degraded,
// limit_decisions_total{category,outcome}, limit_refusals_total{category,scope,rule}, limit_signals_total{kind},
// limit_shadow_total{rule}, smtp_connections{state}, domain_verdict{domain,verdict}, domain_checks_total{verdict}.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void Count(std::string_view name, const MetricLabels& labels = {}, double by = 1);
  void Set(std::string_view name, double value, const MetricLabels& labels = {});
  void Add(std::string_view name, double by, const MetricLabels& labels = {});  // a gauge that goes up and down
  void Observe(std::string_view name, double seconds, const MetricLabels& labels = {});

  // The exposition text, version 0.0.4.
  std::string Expose() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sealpost::base
