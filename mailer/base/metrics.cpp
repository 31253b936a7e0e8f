#include "mailer/base/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <map>
#include <sstream>
#include <stdexcept>

#include "mailer/base/guarded.h"

namespace sealpost::base {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kHelp = {{
    {"sealpost_messages_total", "Messages by the state they reached"},
    {"sealpost_queue_depth", "Jobs waiting by lane"},
    {"sealpost_attempt_seconds", "Duration of delivery attempts"},
    {"sealpost_limit_shadow_total", "Requests that a rule in shadow mode would have refused"},
    {"sealpost_limit_refusals_total", "Refusals of the limiter by category, scope and rule"},
    {"sealpost_limit_signals_total", "Attacks that began or ended, and surges of sources, keys and domains"},
    {"sealpost_limit_decisions_total", "Answers of the limiter by category and outcome"},
    {"sealpost_degraded", "1 while a part works in its emergency mode"},
    {"sealpost_smtp_connections", "Outgoing SMTP connections by state"},
    {"sealpost_domain_verdict", "1 for the verdict about a sender domain's DNS records"},
    {"sealpost_domain_checks_total", "Looks at sender domains' DNS records by what they found"},
}};

std::string HelpOf(std::string_view name) {
  for (const auto& [known, help] : kHelp) {
    if (known == name) return std::string(help);
  }
  return std::string(name);
}

// Seconds: from a loopback reply to a peer that is silent until its deadline.
const prometheus::Histogram::BucketBoundaries kSeconds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                          0.5,   1,      2.5,   5,    10,    30,   60,  300};

template <class T>
using Families = std::map<std::string, prometheus::Family<T>*, std::less<>>;

struct State {
  prometheus::Registry registry;
  Families<prometheus::Counter> counters;
  Families<prometheus::Gauge> gauges;
  Families<prometheus::Histogram> histograms;
};

template <class T, class Build>
prometheus::Family<T>& FamilyOf(Families<T>& families, prometheus::Registry& registry, std::string_view name,
                                Build build) {
  const auto found = families.find(name);
  if (found != families.end()) return *found->second;
  auto& family = build().Name(std::string(name)).Help(HelpOf(name)).Register(registry);
  families.emplace(name, &family);
  return family;
}

prometheus::Labels LibraryLabels(const MetricLabels& labels) {
  return {labels.begin(), labels.end()};
}

// The library throws on a name or a label that the format does not know, and on one name for two kinds. A figure
// that cannot be kept is no reason to lose a message.
template <class Action>
void DropIfRefused(Action action) {
  try {
    action();
  } catch (const std::invalid_argument&) {
  }
}

}  // namespace

struct Metrics::Impl {
  Guarded<State> state;
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::Count(std::string_view name, const MetricLabels& labels, double by) {
  DropIfRefused([&] {
    auto state = impl_->state.Lock();
    FamilyOf(state->counters, state->registry, name, prometheus::BuildCounter).Add(LibraryLabels(labels)).Increment(by);
  });
}

void Metrics::Set(std::string_view name, double value, const MetricLabels& labels) {
  DropIfRefused([&] {
    auto state = impl_->state.Lock();
    FamilyOf(state->gauges, state->registry, name, prometheus::BuildGauge).Add(LibraryLabels(labels)).Set(value);
  });
}

void Metrics::Add(std::string_view name, double by, const MetricLabels& labels) {
  DropIfRefused([&] {
    auto state = impl_->state.Lock();
    FamilyOf(state->gauges, state->registry, name, prometheus::BuildGauge).Add(LibraryLabels(labels)).Increment(by);
  });
}

void Metrics::Observe(std::string_view name, double seconds, const MetricLabels& labels) {
  DropIfRefused([&] {
    auto state = impl_->state.Lock();
    FamilyOf(state->histograms, state->registry, name, prometheus::BuildHistogram)
        .Add(LibraryLabels(labels), kSeconds)
        .Observe(seconds);
  });
}

std::string Metrics::Expose() const {
  // The registry guards itself; a slow reader of the metrics must not hold up those who count.
  return prometheus::TextSerializer().Serialize(impl_->state.Lock()->registry.Collect());
}

}  // namespace sealpost::base
