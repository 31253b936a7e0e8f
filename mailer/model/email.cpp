#include "mailer/model/email.h"

#include <array>
#include <cstddef>

namespace sealpost::model {

namespace {

// In the order of DeliveryState.
constexpr std::array<const char*, 10> kStateNames = {"bounced", "failed",    "complained", "delivery_delayed",
                                                     "queued",  "scheduled", "suppressed", "canceled",
                                                     "sent",    "delivered"};
static_assert(kStateNames.size() == static_cast<std::size_t>(DeliveryState::kDelivered) + 1);

}  // namespace

const char* StateName(DeliveryState state) {
  return kStateNames.at(static_cast<std::size_t>(state));
}

std::optional<DeliveryState> ParseState(std::string_view name) {
  for (std::size_t i = 0; i < kStateNames.size(); ++i) {
    if (name == kStateNames[i]) return static_cast<DeliveryState>(i);
  }
  return std::nullopt;
}

std::string HeldWords(std::string_view held_by) {
  if (held_by == kCountersAway) return "held until the counters of the installation are back";
  return "held by the limit " + std::string(held_by);
}

}  // namespace sealpost::model
