#include "mailer/base/metrics.h"

#include <doctest/doctest.h>

#include <thread>

using sealpost::base::Metrics;

namespace {

bool Has(const Metrics& metrics, const std::string& line) {
  return ("\n" + metrics.Expose()).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("counters, gauges and histograms are exposed as text") {
  Metrics metrics;
  metrics.Count("sealpost_messages_total", {{"state", "delivered"}});
  metrics.Count("sealpost_messages_total", {{"state", "delivered"}}, 2);
  metrics.Count("sealpost_messages_total", {{"state", "bounced"}});
  metrics.Set("sealpost_degraded", 1);
  metrics.Add("sealpost_smtp_connections", 3, {{"state", "open"}});
  metrics.Add("sealpost_smtp_connections", -1, {{"state", "open"}});
  metrics.Observe("sealpost_attempt_seconds", 0.02);
  CHECK(Has(metrics, "# HELP sealpost_messages_total Messages by the state they reached"));
  CHECK(Has(metrics, "# TYPE sealpost_messages_total counter"));
  CHECK(Has(metrics, "sealpost_messages_total{state=\"delivered\"} 3"));
  CHECK(Has(metrics, "sealpost_messages_total{state=\"bounced\"} 1"));
  CHECK(Has(metrics, "sealpost_degraded 1"));
  CHECK(Has(metrics, "sealpost_smtp_connections{state=\"open\"} 2"));
  CHECK(Has(metrics, "sealpost_attempt_seconds_count 1"));
  CHECK(Has(metrics, "sealpost_attempt_seconds_bucket{le=\"0.01\"} 0"));
  CHECK(Has(metrics, "sealpost_attempt_seconds_bucket{le=\"0.025\"} 1"));
}

TEST_CASE("label values are escaped") {
  Metrics metrics;
  metrics.Count("c", {{"l", "a\"b\\c\nd"}});
  CHECK(Has(metrics, R"(c{l="a\"b\\c\nd"} 1)"));
}

TEST_CASE("a figure that the format does not know is dropped, not thrown") {
  Metrics metrics;
  metrics.Count("no such name");
  metrics.Count("good_total", {{"bad-label", "x"}});
  metrics.Set("good_total", 1);
  metrics.Count("good_total");
  CHECK(Has(metrics, "good_total 1"));
}

TEST_CASE("many threads count without losing anything") {
  Metrics metrics;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&metrics, i] {
        for (int n = 0; n < 1000; ++n) {
          metrics.Count("hits_total", {{"lane", std::to_string(n % 3)}});
          metrics.Observe("seconds", 0.1);
          if (n % 100 == i) metrics.Expose();
        }
      });
    }
  }
  CHECK(Has(metrics, "hits_total{lane=\"0\"} 1336"));
  CHECK(Has(metrics, "seconds_count 4000"));
}
