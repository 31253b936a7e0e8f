#include "ratelimit/source_watch.h"

#include <algorithm>
#include <functional>
#include <random>
#include <unordered_map>

#include "ratelimit/source.h"

namespace sealpost::ratelimit {
namespace {

constexpr std::size_t kEnough = 50;
constexpr std::size_t kSeveral = 5;

std::string RandomSeed() {
  std::random_device random;
  return std::to_string(random()) + std::to_string(random()) + ' ';
}

std::string Of(std::size_t part, std::size_t whole) {
  return std::to_string(part) + " of the last " + std::to_string(whole) + " requests";
}

// What is wrong with it; empty: nothing.
std::string Doubt(const SourceReport& report) {
  if (report.requests < kEnough) {
    return "too few to tell: " + std::to_string(report.requests) + " requests in the anonymous lane since the start, " +
           std::to_string(kEnough) + " are needed";
  }
  if (report.unreadable * 100 > report.requests) {
    return Of(report.unreadable, report.requests) +
           " brought a client_ip that is no IP address: give the address alone, without port or brackets";
  }
  if (report.given * 2 < report.requests) {
    return "only " + Of(report.given, report.requests) +
           " brought a client_ip: the source rules cannot judge the others";
  }
  if (report.distinct == 1) return "all requests came from one address: your proxy's?";
  if (report.internal * 10 > report.given) {
    return Of(report.internal, report.given) +
           " with a client_ip came from private or loopback addresses: those of your own network?";
  }
  if (report.distinct < kSeveral) {
    return "all requests came from " + std::to_string(report.distinct) + " addresses: your proxies'?";
  }
  if (report.commonest * 2 > report.given) {
    return Of(report.commonest, report.given) + " with a client_ip came from one address: your proxy's, or an attack";
  }
  return {};
}

}  // namespace

SourceVerdict Judge(const SourceReport& report, bool enforced) {
  std::string doubt = Doubt(report);
  if (!doubt.empty()) return {false, std::move(doubt)};
  return {true, enforced ? "looks sane: the source rules are in force" : "looks sane: set the source rules to enforce"};
}

SourceWatch::SourceWatch() : seed_(RandomSeed()) {}

void SourceWatch::Note(std::string_view client_ip) {
  Seen seen;
  if (!client_ip.empty()) {
    const auto source = ParseSource(client_ip);
    seen.kind = !source ? Kind::kUnreadable : source->internal ? Kind::kInternal : Kind::kPublic;
    if (source) seen.hash = std::hash<std::string>{}(seed_ + source->prefix);
  }
  const std::scoped_lock lock(mutex_);
  seen_[count_++ % kLast] = seen;
}

SourceReport SourceWatch::Report() const {
  SourceReport report;
  std::unordered_map<std::uint64_t, std::size_t> by_address;
  const std::scoped_lock lock(mutex_);
  report.requests = std::min(count_, kLast);
  for (std::size_t i = 0; i < report.requests; ++i) {
    const Seen& seen = seen_[i];
    if (seen.kind == Kind::kUnreadable) ++report.unreadable;
    if (seen.kind == Kind::kInternal) ++report.internal;
    if (seen.kind != Kind::kInternal && seen.kind != Kind::kPublic) continue;
    ++report.given;
    report.commonest = std::max(report.commonest, ++by_address[seen.hash]);
  }
  report.distinct = by_address.size();
  return report;
}

}  // namespace sealpost::ratelimit
