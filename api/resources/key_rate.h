// How many requests a second one API key may make, told in the RateLimit fields of every answer. A fixed window of
// one second: it guards the machine, not mailboxes (those have the limiter).
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "api/http/router.h"
#include "mailer/base/clock.h"
#include "mailer/base/guarded.h"

namespace sealpost::resources {

// Thread safe.
class KeyRate {
 public:
  KeyRate(std::uint32_t per_second, const base::Clock& clock) : per_second_(per_second), clock_(clock) {}
  // The handler behind the limit; answers 429 rate_limit_exceeded above it. The wrapped handler must not outlive this.
  http::Handler Wrap(http::Handler handler);

 private:
  struct Window {
    std::int64_t second = 0;
    std::uint32_t used = 0;
  };
  // What is left after this request, or -1 if it is one too many.
  std::int64_t Take(const std::string& key_id);

  std::uint32_t per_second_;
  const base::Clock& clock_;
  base::Guarded<std::unordered_map<std::string, Window>> windows_;
};

}  // namespace sealpost::resources
