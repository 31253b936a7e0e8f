// What the limiter charged for a message that is not on disk yet. Whoever leaves the send path early, by a refusal or
// by an exception, gives it back; Keep makes it final.
#pragma once

#include <utility>

#include "ratelimit/limiter.h"

namespace sealpost::submit {

// Move-only; the limiter outlives it. Not thread safe.
class Charge {
 public:
  Charge() = default;  // nothing was charged
  Charge(ratelimit::Limiter& limiter, ratelimit::Request request) : limiter_(&limiter), request_(std::move(request)) {}
  Charge(Charge&& other) noexcept
      : limiter_(std::exchange(other.limiter_, nullptr)), request_(std::move(other.request_)) {}
  Charge& operator=(Charge&& other) noexcept {
    std::swap(limiter_, other.limiter_);
    std::swap(request_, other.request_);
    return *this;
  }
  ~Charge() {
    if (limiter_ != nullptr) limiter_->Refund(request_);
  }

  void Keep() { limiter_ = nullptr; }

 private:
  ratelimit::Limiter* limiter_ = nullptr;
  ratelimit::Request request_;
};

}  // namespace sealpost::submit
