// Answers kept for as long as they hold, and one question on the way at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include "dns/cares_resolver.h"

namespace sealpost::dns {

struct CacheOptions {
  std::size_t entries = 50'000;         // beyond: the oldest go
  std::size_t bytes = 32'000'000;       // of memory for the answers, about; beyond: the oldest go
  std::chrono::seconds longest{3'600};  // whatever the TTL says
  std::chrono::seconds failure{5};      // how long a failure (not Told()) is kept, and any answer at least: one run
  std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
};

// Keyed by name (any case), type, CD and servers. Negative answers are kept too (RFC 2308). Asking what is on the way
// waits for that answer, each with its own deadline. An answer's ttl is what it was when it came. The inner resolver
// must outlive this one.
class CachingResolver final : public Resolver {
 public:
  CachingResolver(CaresResolver& inner, CacheOptions options);
  ~CachingResolver() override;

  Answer Ask(const Question& question, Deadline deadline) override;
  void Prefetch(std::span<const Question> questions) override;
  void Clear();

 private:
  class Cache;
  CaresResolver& inner_;
  std::shared_ptr<Cache> cache_;  // shared with answers still on the way
};

}  // namespace sealpost::dns
