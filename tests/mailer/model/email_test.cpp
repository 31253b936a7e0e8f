#include "mailer/model/email.h"

#include <doctest/doctest.h>

#include <string>

using namespace sealpost::model;

TEST_CASE("every delivery state has the word of the wire contract, and back") {
  CHECK(std::string(StateName(DeliveryState::kBounced)) == "bounced");
  CHECK(std::string(StateName(DeliveryState::kDelayed)) == "delivery_delayed");
  CHECK(std::string(StateName(DeliveryState::kCanceled)) == "canceled");
  CHECK(std::string(StateName(DeliveryState::kDelivered)) == "delivered");
  for (int i = 0; i <= static_cast<int>(DeliveryState::kDelivered); ++i) {
    const auto state = static_cast<DeliveryState>(i);
    CHECK(ParseState(StateName(state)) == state);
  }
  CHECK_FALSE(ParseState("Delivered"));
  CHECK_FALSE(ParseState(""));
}
